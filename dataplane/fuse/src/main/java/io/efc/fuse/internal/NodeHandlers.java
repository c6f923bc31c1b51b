package io.efc.fuse.internal;

import io.efc.base.Errno;
import io.efc.fuse.FuseFileSystem;
import io.efc.fuse.internal.wire.GetxattrIn;
import io.efc.fuse.internal.wire.LinkIn;
import io.efc.fuse.internal.wire.MkdirIn;
import io.efc.fuse.internal.wire.MknodIn;
import io.efc.fuse.internal.wire.Rename2In;
import io.efc.fuse.internal.wire.RenameIn;
import io.efc.fuse.internal.wire.SetxattrIn;

/** The operations on names and attributes. The table has checked that the fixed struct is there. */
final class NodeHandlers {
    private NodeHandlers() {}

    static Errno lookup(Exchange x, FuseFileSystem fs) {
        Errno e = x.oneName(0);
        return e.isOk() ? fs.lookup(x, x.nodeId(), x.name, x.out.entry()) : e;
    }

    static Errno getattr(Exchange x, FuseFileSystem fs) {
        x.in.getattr.wrap(x.body(), x.bodyAt());
        return fs.getattr(x, x.nodeId(), x.in.getattr.fh(), x.out.attr());
    }

    static Errno setattr(Exchange x, FuseFileSystem fs) {
        x.in.setattr.wrap(x.body(), x.bodyAt());
        return fs.setattr(x, x.nodeId(), x.in.setattr, x.out.attr());
    }

    static Errno statx(Exchange x, FuseFileSystem fs) {
        x.in.statx.wrap(x.body(), x.bodyAt());
        return fs.statx(x, x.nodeId(), x.in.statx.fh(), x.in.statx.flags(), x.in.statx.mask(), x.out.statx());
    }

    static Errno access(Exchange x, FuseFileSystem fs) {
        x.in.access.wrap(x.body(), x.bodyAt());
        return fs.access(x, x.nodeId(), x.in.access.mask());
    }

    static Errno readlink(Exchange x, FuseFileSystem fs) {
        return fs.readlink(x, x.nodeId(), x.out.data(Exchange.TARGET_MAX));
    }

    /** The message is the new name, then the target. */
    static Errno symlink(Exchange x, FuseFileSystem fs) {
        Errno e = x.twoNames(0, Exchange.TARGET_MAX);
        return e.isOk() ? fs.symlink(x, x.nodeId(), x.name, x.name2, x.out.entry()) : e;
    }

    static Errno mknod(Exchange x, FuseFileSystem fs) {
        Errno e = x.oneName(MknodIn.BYTES);
        if (!e.isOk()) {
            return e;
        }
        MknodIn in = x.in.mknod;
        in.wrap(x.body(), x.bodyAt());
        return fs.mknod(x, x.nodeId(), x.name, in.mode(), in.rdev(), in.umask(), x.out.entry());
    }

    static Errno mkdir(Exchange x, FuseFileSystem fs) {
        Errno e = x.oneName(MkdirIn.BYTES);
        if (!e.isOk()) {
            return e;
        }
        MkdirIn in = x.in.mkdir;
        in.wrap(x.body(), x.bodyAt());
        return fs.mkdir(x, x.nodeId(), x.name, in.mode(), in.umask(), x.out.entry());
    }

    static Errno unlink(Exchange x, FuseFileSystem fs) {
        Errno e = x.oneName(0);
        return e.isOk() ? fs.unlink(x, x.nodeId(), x.name) : e;
    }

    static Errno rmdir(Exchange x, FuseFileSystem fs) {
        Errno e = x.oneName(0);
        return e.isOk() ? fs.rmdir(x, x.nodeId(), x.name) : e;
    }

    static Errno rename(Exchange x, FuseFileSystem fs) {
        Errno e = x.twoNames(RenameIn.BYTES, Exchange.NAME_MAX);
        if (!e.isOk()) {
            return e;
        }
        x.in.rename.wrap(x.body(), x.bodyAt());
        return fs.rename(x, x.nodeId(), x.name, x.in.rename.newParent(), x.name2, 0);
    }

    static Errno rename2(Exchange x, FuseFileSystem fs) {
        Errno e = x.twoNames(Rename2In.BYTES, Exchange.NAME_MAX);
        if (!e.isOk()) {
            return e;
        }
        Rename2In in = x.in.rename2;
        in.wrap(x.body(), x.bodyAt());
        return fs.rename(x, x.nodeId(), x.name, in.newParent(), x.name2, in.flags());
    }

    /** The header names the new parent, the struct the node. */
    static Errno link(Exchange x, FuseFileSystem fs) {
        Errno e = x.oneName(LinkIn.BYTES);
        if (!e.isOk()) {
            return e;
        }
        x.in.link.wrap(x.body(), x.bodyAt());
        return fs.link(x, x.in.link.oldNodeId(), x.nodeId(), x.name, x.out.entry());
    }

    /** With SETXATTR_EXT: the struct has its flags. */
    static Errno setxattrLong(Exchange x, FuseFileSystem fs) {
        x.in.setxattr.wrap(x.body(), x.bodyAt());
        return setxattr(x, fs, SetxattrIn.BYTES, x.in.setxattr.killSgid());
    }

    /** Without SETXATTR_EXT. */
    static Errno setxattrShort(Exchange x, FuseFileSystem fs) {
        x.in.setxattr.wrap(x.body(), x.bodyAt());
        return setxattr(x, fs, SetxattrIn.COMPAT_BYTES, false);
    }

    private static Errno setxattr(Exchange x, FuseFileSystem fs, int fixed, boolean killSgid) {
        Errno e = x.oneName(fixed);
        if (!e.isOk()) {
            return e;
        }
        int size = x.in.setxattr.size();
        e = x.bulk(x.dataAt(), size);
        return e.isOk() ? fs.setxattr(x, x.nodeId(), x.name, size, x.in.setxattr.flags(), killSgid) : e;
    }

    static Errno getxattr(Exchange x, FuseFileSystem fs) {
        Errno e = x.oneName(GetxattrIn.BYTES);
        if (!e.isOk()) {
            return e;
        }
        x.in.getxattr.wrap(x.body(), x.bodyAt());
        int size = x.in.getxattr.size();
        return x.fitsReply(size) ? fs.getxattr(x, x.nodeId(), x.name, size, x.out.xattr(size)) : Errno.EINVAL;
    }

    static Errno listxattr(Exchange x, FuseFileSystem fs) {
        x.in.getxattr.wrap(x.body(), x.bodyAt());
        int size = x.in.getxattr.size();
        return x.fitsReply(size) ? fs.listxattr(x, x.nodeId(), size, x.out.xattr(size)) : Errno.EINVAL;
    }

    static Errno removexattr(Exchange x, FuseFileSystem fs) {
        Errno e = x.oneName(0);
        return e.isOk() ? fs.removexattr(x, x.nodeId(), x.name) : e;
    }

    static Errno statfs(Exchange x, FuseFileSystem fs) {
        return fs.statfs(x, x.nodeId(), x.out.statfs());
    }

    static Errno syncfs(Exchange x, FuseFileSystem fs) {
        return fs.syncfs(x, x.nodeId());
    }
}
