package io.efc.fuse.internal;

import io.efc.base.Errno;
import io.efc.fuse.FuseFileSystem;
import io.efc.fuse.internal.wire.BatchForgetIn;
import io.efc.fuse.internal.wire.CreateIn;
import io.efc.fuse.internal.wire.ForgetOne;
import io.efc.fuse.internal.wire.WriteIn;

/** The operations on open files and directories, and FORGET. The table has checked that the fixed struct is there. */
final class FileHandlers {
    private FileHandlers() {}

    static Errno forget(Exchange x, FuseFileSystem fs) {
        x.in.forget.wrap(x.body(), x.bodyAt());
        fs.forget(x.nodeId(), x.in.forget.nlookup());
        return Errno.OK;
    }

    static Errno batchForget(Exchange x, FuseFileSystem fs) {
        x.in.batchForget.wrap(x.body(), x.bodyAt());
        long count = x.in.batchForget.count() & 0xffff_ffffL;
        if (count > (x.bodyBytes() - BatchForgetIn.BYTES) / ForgetOne.BYTES) {
            return Errno.EINVAL;
        }
        ForgetOne one = x.in.forgetOne;
        for (int i = 0; i < count; i++) {
            one.wrap(x.body(), x.bodyAt() + BatchForgetIn.BYTES + (long) i * ForgetOne.BYTES);
            fs.forget(one.nodeId(), one.nlookup());
        }
        return Errno.OK;
    }

    static Errno open(Exchange x, FuseFileSystem fs) {
        x.in.open.wrap(x.body(), x.bodyAt());
        return fs.open(x, x.nodeId(), x.in.open.flags(), x.in.open.killSuidGid(), x.out.open());
    }

    static Errno create(Exchange x, FuseFileSystem fs) {
        Errno e = x.oneName(CreateIn.BYTES);
        if (!e.isOk()) {
            return e;
        }
        x.in.create.wrap(x.body(), x.bodyAt());
        return fs.create(x, x.nodeId(), x.name, x.in.create, x.out.entry(), x.out.openAfterEntry());
    }

    /** The name in the message is only the kernel's placeholder. */
    static Errno tmpfile(Exchange x, FuseFileSystem fs) {
        x.in.create.wrap(x.body(), x.bodyAt());
        return fs.tmpfile(x, x.nodeId(), x.in.create, x.out.entry(), x.out.openAfterEntry());
    }

    static Errno read(Exchange x, FuseFileSystem fs) {
        x.in.read.wrap(x.body(), x.bodyAt());
        int size = x.in.read.size();
        if (!x.fitsReply(size)) {
            return Errno.EINVAL;
        }
        return fs.read(x, x.nodeId(), x.in.read.fh(), x.in.read.offset(), size, x.out.data(size));
    }

    static Errno write(Exchange x, FuseFileSystem fs) {
        x.in.write.wrap(x.body(), x.bodyAt());
        Errno e = x.bulk(WriteIn.BYTES, x.in.write.size());
        if (!e.isOk()) {
            return e;
        }
        e = fs.write(x, x.nodeId(), x.in.write.fh(), x.in.write, x.out.count());
        if (e.isOk()) {
            x.out.countAsWriteOut();
        }
        return e;
    }

    static Errno flush(Exchange x, FuseFileSystem fs) {
        x.in.flush.wrap(x.body(), x.bodyAt());
        return fs.flush(x, x.nodeId(), x.in.flush.fh(), x.in.flush.lockOwner());
    }

    static Errno release(Exchange x, FuseFileSystem fs) {
        var in = x.in.release;
        in.wrap(x.body(), x.bodyAt());
        fs.release(x, x.nodeId(), in.fh(), in.flags(), in.lockOwner(), in.flockUnlock());
        return Errno.OK;
    }

    static Errno fsync(Exchange x, FuseFileSystem fs) {
        x.in.fsync.wrap(x.body(), x.bodyAt());
        return fs.fsync(x, x.nodeId(), x.in.fsync.fh(), x.in.fsync.dataOnly());
    }

    static Errno opendir(Exchange x, FuseFileSystem fs) {
        x.in.open.wrap(x.body(), x.bodyAt());
        return fs.opendir(x, x.nodeId(), x.in.open.flags(), x.out.open());
    }

    static Errno readdir(Exchange x, FuseFileSystem fs) {
        return readdir(x, fs, false);
    }

    static Errno readdirplus(Exchange x, FuseFileSystem fs) {
        return readdir(x, fs, true);
    }

    private static Errno readdir(Exchange x, FuseFileSystem fs, boolean plus) {
        x.in.read.wrap(x.body(), x.bodyAt());
        int size = x.in.read.size();
        if (!x.fitsReply(size)) {
            return Errno.EINVAL;
        }
        return fs.readdir(x, x.nodeId(), x.in.read.fh(), x.in.read.offset(), plus, x.out.dir(plus, size));
    }

    static Errno releasedir(Exchange x, FuseFileSystem fs) {
        x.in.release.wrap(x.body(), x.bodyAt());
        fs.releasedir(x, x.nodeId(), x.in.release.fh());
        return Errno.OK;
    }

    static Errno fsyncdir(Exchange x, FuseFileSystem fs) {
        x.in.fsync.wrap(x.body(), x.bodyAt());
        return fs.fsyncdir(x, x.nodeId(), x.in.fsync.fh(), x.in.fsync.dataOnly());
    }

    static Errno getlk(Exchange x, FuseFileSystem fs) {
        x.in.lock.wrap(x.body(), x.bodyAt());
        return fs.getlk(x, x.nodeId(), x.in.lock.fh(), x.in.lock, x.out.lock());
    }

    static Errno setlk(Exchange x, FuseFileSystem fs) {
        x.in.lock.wrap(x.body(), x.bodyAt());
        return fs.setlk(x, x.nodeId(), x.in.lock.fh(), x.in.lock, false);
    }

    static Errno setlkw(Exchange x, FuseFileSystem fs) {
        x.in.lock.wrap(x.body(), x.bodyAt());
        return fs.setlk(x, x.nodeId(), x.in.lock.fh(), x.in.lock, true);
    }

    static Errno fallocate(Exchange x, FuseFileSystem fs) {
        var in = x.in.fallocate;
        in.wrap(x.body(), x.bodyAt());
        return fs.fallocate(x, x.nodeId(), in.fh(), in.offset(), in.length(), in.mode());
    }

    static Errno lseek(Exchange x, FuseFileSystem fs) {
        var in = x.in.lseek;
        in.wrap(x.body(), x.bodyAt());
        Errno e = fs.lseek(x, x.nodeId(), in.fh(), in.offset(), in.whence(), x.out.count());
        if (e.isOk()) {
            x.out.countAsLong();
        }
        return e;
    }

    static Errno copyFileRange(Exchange x, FuseFileSystem fs) {
        Errno e = copy(x, fs);
        if (e.isOk()) {
            x.out.countAsWriteOut();
        }
        return e;
    }

    /** Like COPY_FILE_RANGE, but the answer has 64 bits. */
    static Errno copyFileRange64(Exchange x, FuseFileSystem fs) {
        Errno e = copy(x, fs);
        if (e.isOk()) {
            x.out.countAsLong();
        }
        return e;
    }

    private static Errno copy(Exchange x, FuseFileSystem fs) {
        x.in.copy.wrap(x.body(), x.bodyAt());
        x.in.copy.nodeIdIn(x.nodeId());
        return fs.copyFileRange(x, x.in.copy, x.out.count());
    }
}
