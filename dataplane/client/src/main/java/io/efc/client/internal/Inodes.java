package io.efc.client.internal;

import io.efc.fuse.FuseAttr;
import io.efc.store.StoreAttr;

/** How a store's attributes look to the kernel. */
final class Inodes {
    /** The preferred size of an I/O. */
    static final int BLOCK_BYTES = 1 << 20;

    private Inodes() {}

    /** The inode number of file {@code fileId} of mount {@code mount}: mounts of one dataset share a device number. */
    static long number(int mount, long fileId) {
        return mount == 0 ? fileId : fileId ^ Long.reverse(mount) >>> 1;
    }

    /**
     * Writes {@code attr} to {@code reply}.
     *
     * @param namesTaken names that the store counts and nobody sees
     */
    static void fill(FuseAttr reply, int mount, StoreAttr attr, int namesTaken) {
        reply.ino(number(mount, attr.fileId()))
                .size(attr.size())
                .blocks(attr.blocks())
                .atime(attr.atime())
                .mtime(attr.mtime())
                .ctime(attr.ctime())
                .mode(attr.mode())
                .nlink(Math.max(0, attr.nlink() - namesTaken))
                .uid(attr.uid())
                .gid(attr.gid())
                .rdev((int) attr.rdev())
                .blksize(BLOCK_BYTES);
    }
}
