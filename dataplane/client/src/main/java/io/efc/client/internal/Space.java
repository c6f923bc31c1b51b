package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.fuse.CopyArgs;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.StatfsReply;
import io.efc.fuse.WriteReply;
import io.efc.store.StoreFeature;
import io.efc.store.StoreStatfs;
import io.efc.store.UnderStore;

/** The room in the store and in a file: STATFS, FALLOCATE, LSEEK and COPY_FILE_RANGE. */
final class Space {
    private static final int BLOCK_BYTES = 4096;

    private final Core core;
    private final Attributes attributes;

    Space(Core core, Attributes attributes) {
        this.core = core;
        this.attributes = attributes;
    }

    Errno statfs(FuseRequest request, long nodeId, StatfsReply reply) {
        StoreStatfs s = core.store(nodeId).statfs(core.caller(request), core.inodes.handle(nodeId));
        reply.set(
                s.bytes() / BLOCK_BYTES,
                s.bytesFree() / BLOCK_BYTES,
                s.bytesAvailable() / BLOCK_BYTES,
                s.files(),
                s.filesFree(),
                BLOCK_BYTES);
        return Errno.OK;
    }

    Errno fallocate(FuseRequest request, FuseFile file, long offset, long length, int mode) {
        boolean punches = (mode & ~Libc.FALLOC_FL_KEEP_SIZE) != 0;
        StoreFeature needed = punches ? StoreFeature.PUNCH_HOLE : StoreFeature.ALLOCATE;
        if (!Core.has(file.inode.part, needed)) {
            return Errno.EOPNOTSUPP;
        }
        OpenInode inode = file.inode;
        inode.writes.flush(request.pid());
        inode.part.store().allocate(file.caller, file.store(), offset, length, mode);
        changed(inode, file.caller, request.pid());
        return Errno.OK;
    }

    /** This client changed the file's content at the store: its attributes are asked for anew. */
    private void changed(OpenInode inode, Credentials caller, int pid) {
        core.inodes.changed(inode.nodeId, core.freshness.now());
        inode.grown(attributes.refresh(caller, pid, inode.nodeId));
    }

    Errno lseek(FuseRequest request, FuseFile file, long offset, int whence, WriteReply reply) {
        if (whence != Libc.SEEK_DATA && whence != Libc.SEEK_HOLE) {
            return Errno.EINVAL;
        }
        OpenInode inode = file.inode;
        inode.writes.flush(request.pid());
        if (Core.has(inode.part, StoreFeature.SEEK_HOLE) && file.access.reads()) {
            reply.value(inode.part.store().seek(file.caller, file.store(), offset, whence));
            return Errno.OK;
        }
        attributes.revalidate(file.caller, request.pid(), inode.nodeId);
        long size = core.inodes.size(inode.nodeId);
        if (offset < 0 || offset >= size) {
            return Errno.ENXIO;
        }
        reply.value(whence == Libc.SEEK_DATA ? offset : size);
        return Errno.OK;
    }

    Errno copy(FuseRequest request, CopyArgs args, WriteReply reply) {
        FuseFile from = core.open.file(args.fhIn());
        FuseFile to = core.open.file(args.fhOut());
        if (from.inode.part.number() != to.inode.part.number()) {
            return Errno.EXDEV;
        }
        if (!Core.has(from.inode.part, StoreFeature.SERVER_COPY)) {
            return Errno.EOPNOTSUPP;
        }
        from.inode.writes.flush(request.pid());
        to.inode.writes.flush(request.pid());
        UnderStore store = from.inode.part.store();
        long n = store.copy(to.caller, from.store(), args.offsetIn(), to.store(), args.offsetOut(), args.length());
        changed(to.inode, to.caller, request.pid());
        reply.value(n);
        return Errno.OK;
    }
}
