package io.efc.fuse.internal.wire;

import io.efc.fuse.FuseAttr;

/**
 * struct fuse_attr: a node's attributes.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | ino                   | size                  |
 *     +-----------------------+-----------------------+
 *  16 | blocks                | atime                 |
 *     +-----------------------+-----------------------+
 *  32 | mtime                 | ctime                 |
 *     +-----------+-----------+-----------+-----------+
 *  48 | atimensec | mtimensec | ctimensec | mode      |
 *     +-----------+-----------+-----------+-----------+
 *  64 | nlink     | uid       | gid       | rdev      |
 *     +-----------+-----------+-----------------------+
 *  80 | blksize   | flags     |
 *     +-----------+-----------+
 * </pre>
 */
public final class Attr extends Struct implements FuseAttr {
    public static final int INO = 0;
    public static final int SIZE = 8;
    public static final int BLOCKS = 16;
    public static final int ATIME = 24;
    public static final int MTIME = 32;
    public static final int CTIME = 40;
    public static final int ATIMENSEC = 48;
    public static final int MTIMENSEC = 52;
    public static final int CTIMENSEC = 56;
    public static final int MODE = 60;
    public static final int NLINK = 64;
    public static final int UID = 68;
    public static final int GID = 72;
    public static final int RDEV = 76;
    public static final int BLKSIZE = 80;
    public static final int FLAGS = 84;

    /** Bytes of the whole struct. */
    public static final int BYTES = 88;

    @Override
    public FuseAttr ino(long value) {
        putLong(INO, value);
        return this;
    }

    @Override
    public FuseAttr size(long value) {
        putLong(SIZE, value);
        return this;
    }

    @Override
    public FuseAttr blocks(long value) {
        putLong(BLOCKS, value);
        return this;
    }

    @Override
    public FuseAttr atime(long nanos) {
        putTime(ATIME, ATIMENSEC, nanos);
        return this;
    }

    @Override
    public FuseAttr mtime(long nanos) {
        putTime(MTIME, MTIMENSEC, nanos);
        return this;
    }

    @Override
    public FuseAttr ctime(long nanos) {
        putTime(CTIME, CTIMENSEC, nanos);
        return this;
    }

    @Override
    public FuseAttr mode(int value) {
        putInt(MODE, value);
        return this;
    }

    @Override
    public FuseAttr nlink(int value) {
        putInt(NLINK, value);
        return this;
    }

    @Override
    public FuseAttr uid(int value) {
        putInt(UID, value);
        return this;
    }

    @Override
    public FuseAttr gid(int value) {
        putInt(GID, value);
        return this;
    }

    @Override
    public FuseAttr rdev(int value) {
        putInt(RDEV, value);
        return this;
    }

    @Override
    public FuseAttr blksize(int value) {
        putInt(BLKSIZE, value);
        return this;
    }
}
