package io.efc.fuse.internal;

import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.fuse.FuseFlags;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.FuseOpcode;
import io.efc.fuse.internal.Operation.Answer;
import io.efc.fuse.internal.wire.AccessIn;
import io.efc.fuse.internal.wire.BatchForgetIn;
import io.efc.fuse.internal.wire.CopyFileRangeIn;
import io.efc.fuse.internal.wire.CreateIn;
import io.efc.fuse.internal.wire.FallocateIn;
import io.efc.fuse.internal.wire.FlushIn;
import io.efc.fuse.internal.wire.ForgetIn;
import io.efc.fuse.internal.wire.FsyncIn;
import io.efc.fuse.internal.wire.GetattrIn;
import io.efc.fuse.internal.wire.GetxattrIn;
import io.efc.fuse.internal.wire.InitIn;
import io.efc.fuse.internal.wire.InterruptIn;
import io.efc.fuse.internal.wire.LinkIn;
import io.efc.fuse.internal.wire.LkIn;
import io.efc.fuse.internal.wire.LseekIn;
import io.efc.fuse.internal.wire.MkdirIn;
import io.efc.fuse.internal.wire.MknodIn;
import io.efc.fuse.internal.wire.OpenIn;
import io.efc.fuse.internal.wire.ReadIn;
import io.efc.fuse.internal.wire.ReleaseIn;
import io.efc.fuse.internal.wire.Rename2In;
import io.efc.fuse.internal.wire.RenameIn;
import io.efc.fuse.internal.wire.SetattrIn;
import io.efc.fuse.internal.wire.SetxattrIn;
import io.efc.fuse.internal.wire.StatxIn;
import io.efc.fuse.internal.wire.WriteIn;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The operations as data: operation, least length, handler, statistics. What the file system does not implement has no row and is
 * answered with ENOSYS.
 *
 * <p>Never served, since {@link io.efc.fuse.FuseFileSystem} has nothing for them: BMAP (block devices only), IOCTL, POLL, NOTIFY_REPLY
 * (RETRIEVE is never sent), SETUPMAPPING and REMOVEMAPPING (DAX). The kernel remembers ENOSYS for each of them.
 */
final class OperationTable {
    private static final int CODES = 64;

    private static final String REQUESTS_HELP = "Requests of the kernel by operation.";
    private static final String ERRORS_HELP =
            "Requests answered with an errno by operation, ENOENT of a lookup included.";
    private static final String SECONDS_HELP = "From reading a request to its reply written, by operation.";

    private final @Nullable Operation[] rows = new Operation[CODES];
    private final Set<FuseOpcode> implemented;
    private final Metrics metrics;

    /** The server's own part in the protocol. */
    interface Control {
        Errno init(Exchange x);

        Errno interrupt(Exchange x);

        Errno destroy(Exchange x);
    }

    OperationTable(Set<FuseOpcode> implemented, FuseNegotiated negotiated, Metrics metrics, Control control) {
        this.implemented = implemented;
        this.metrics = metrics;
        always(FuseOpcode.INIT, InitIn.FLAGS + 4, Answer.ALWAYS, (x, fs) -> control.init(x));
        always(FuseOpcode.INTERRUPT, InterruptIn.BYTES, Answer.ERRORS, (x, fs) -> control.interrupt(x));
        always(FuseOpcode.DESTROY, 0, Answer.ALWAYS, (x, fs) -> control.destroy(x));
        always(FuseOpcode.FORGET, ForgetIn.BYTES, Answer.NEVER, FileHandlers::forget);
        always(FuseOpcode.BATCH_FORGET, BatchForgetIn.BYTES, Answer.NEVER, FileHandlers::batchForget);
        nodes(negotiated.has(FuseFlags.SETXATTR_EXT));
        files();
    }

    private void nodes(boolean setxattrExt) {
        add(FuseOpcode.LOOKUP, 0, NodeHandlers::lookup);
        add(FuseOpcode.GETATTR, GetattrIn.BYTES, NodeHandlers::getattr);
        add(FuseOpcode.SETATTR, SetattrIn.BYTES, NodeHandlers::setattr);
        add(FuseOpcode.READLINK, 0, NodeHandlers::readlink);
        add(FuseOpcode.SYMLINK, 0, NodeHandlers::symlink);
        add(FuseOpcode.MKNOD, MknodIn.BYTES, NodeHandlers::mknod);
        add(FuseOpcode.MKDIR, MkdirIn.BYTES, NodeHandlers::mkdir);
        add(FuseOpcode.UNLINK, 0, NodeHandlers::unlink);
        add(FuseOpcode.RMDIR, 0, NodeHandlers::rmdir);
        add(FuseOpcode.RENAME, RenameIn.BYTES, NodeHandlers::rename);
        add(FuseOpcode.RENAME2, Rename2In.BYTES, NodeHandlers::rename2);
        add(FuseOpcode.LINK, LinkIn.BYTES, NodeHandlers::link);
        add(
                FuseOpcode.SETXATTR,
                setxattrExt ? SetxattrIn.BYTES : SetxattrIn.COMPAT_BYTES,
                setxattrExt ? NodeHandlers::setxattrLong : NodeHandlers::setxattrShort);
        add(FuseOpcode.GETXATTR, GetxattrIn.BYTES, NodeHandlers::getxattr);
        add(FuseOpcode.LISTXATTR, GetxattrIn.BYTES, NodeHandlers::listxattr);
        add(FuseOpcode.REMOVEXATTR, 0, NodeHandlers::removexattr);
        add(FuseOpcode.STATFS, 0, NodeHandlers::statfs);
        add(FuseOpcode.ACCESS, AccessIn.BYTES, NodeHandlers::access);
        add(FuseOpcode.STATX, StatxIn.BYTES, NodeHandlers::statx);
        add(FuseOpcode.SYNCFS, 0, NodeHandlers::syncfs);
    }

    private void files() {
        add(FuseOpcode.OPEN, OpenIn.BYTES, FileHandlers::open);
        add(FuseOpcode.CREATE, CreateIn.BYTES, FileHandlers::create);
        add(FuseOpcode.TMPFILE, CreateIn.BYTES, FileHandlers::tmpfile);
        add(FuseOpcode.READ, ReadIn.BYTES, FileHandlers::read);
        add(FuseOpcode.WRITE, WriteIn.BYTES, FileHandlers::write);
        add(FuseOpcode.FLUSH, FlushIn.BYTES, FileHandlers::flush);
        add(FuseOpcode.RELEASE, ReleaseIn.BYTES, FileHandlers::release);
        add(FuseOpcode.FSYNC, FsyncIn.BYTES, FileHandlers::fsync);
        add(FuseOpcode.OPENDIR, OpenIn.BYTES, FileHandlers::opendir);
        add(FuseOpcode.READDIR, ReadIn.BYTES, FileHandlers::readdir);
        add(FuseOpcode.READDIRPLUS, ReadIn.BYTES, FileHandlers::readdirplus);
        add(FuseOpcode.RELEASEDIR, ReleaseIn.BYTES, FileHandlers::releasedir);
        add(FuseOpcode.FSYNCDIR, FsyncIn.BYTES, FileHandlers::fsyncdir);
        add(FuseOpcode.GETLK, LkIn.BYTES, FileHandlers::getlk);
        add(FuseOpcode.SETLK, LkIn.BYTES, FileHandlers::setlk);
        add(FuseOpcode.SETLKW, LkIn.BYTES, FileHandlers::setlkw);
        add(FuseOpcode.FALLOCATE, FallocateIn.BYTES, FileHandlers::fallocate);
        add(FuseOpcode.LSEEK, LseekIn.BYTES, FileHandlers::lseek);
        add(FuseOpcode.COPY_FILE_RANGE, CopyFileRangeIn.BYTES, FileHandlers::copyFileRange);
        add(FuseOpcode.COPY_FILE_RANGE_64, CopyFileRangeIn.BYTES, FileHandlers::copyFileRange64);
    }

    private void add(FuseOpcode opcode, int bodyMin, Handler handler) {
        if (implemented.contains(opcode)) {
            always(opcode, bodyMin, Answer.ALWAYS, handler);
        }
    }

    private void always(FuseOpcode opcode, int bodyMin, Answer answer, Handler handler) {
        String op = opcode.name().toLowerCase(Locale.ROOT);
        rows[opcode.code()] = new Operation(
                opcode,
                bodyMin,
                answer,
                handler,
                metrics.counter("efc_fuse_requests_total", REQUESTS_HELP, "op", op),
                metrics.counter("efc_fuse_errors_total", ERRORS_HELP, "op", op),
                metrics.histogram("efc_fuse_request_seconds", SECONDS_HELP, "op", op));
    }

    /** The operation with this number, or null if there is none or the file system lacks it. */
    @Nullable
    Operation of(int code) {
        return code >= 0 && code < CODES ? rows[code] : null;
    }
}
