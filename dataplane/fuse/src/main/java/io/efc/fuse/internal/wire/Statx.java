package io.efc.fuse.internal.wire;

import io.efc.fuse.FuseAttr;

/**
 * struct fuse_statx: attributes with a birth time (protocol 7.39).
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------------------+
 *   0 | mask      | blksize   | attributes            |
 *     +-----------+-----------+-----------+-----+-----+
 *  16 | nlink     | uid       | gid       | mode|(spar|
 *     +-----------------------+-----------------------+
 *  32 | ino                   | size                  |
 *     +-----------------------+-----------------------+
 *  48 | blocks                | attributes_mask       |
 *     +-----------------------+-----------+-----------+
 *  64 | atime                 | atimensec | (pad)     |
 *     +-----------------------+-----------+-----------+
 *  80 | btime                 | btimensec | (pad)     |
 *     +-----------------------+-----------+-----------+
 *  96 | ctime                 | ctimensec | (pad)     |
 *     +-----------------------+-----------+-----------+
 * 112 | mtime                 | mtimensec | (pad)     |
 *     +-----------+-----------+-----------+-----------+
 * 128 | rdev_major| rdev_minor| dev_major | dev_minor |
 *     +-----------------------------------------------+
 * 144 | (spare2)                                      |
 *     :   ...
 *     +-----------------------------------------------+
 * 240 |                                               |
 *     +-----------------------------------------------+
 * </pre>
 */
public final class Statx extends Struct implements FuseAttr {
    public static final int MASK = 0;
    public static final int BLKSIZE = 4;
    public static final int ATTRIBUTES = 8;
    public static final int NLINK = 16;
    public static final int UID = 20;
    public static final int GID = 24;
    public static final int MODE = 28;
    public static final int INO = 32;
    public static final int SIZE = 40;
    public static final int BLOCKS = 48;
    public static final int ATTRIBUTES_MASK = 56;
    public static final int ATIME = 64;
    public static final int ATIMENSEC = 72;
    public static final int BTIME = 80;
    public static final int BTIMENSEC = 88;
    public static final int CTIME = 96;
    public static final int CTIMENSEC = 104;
    public static final int MTIME = 112;
    public static final int MTIMENSEC = 120;
    public static final int RDEV_MAJOR = 128;
    public static final int RDEV_MINOR = 132;
    public static final int DEV_MAJOR = 136;
    public static final int DEV_MINOR = 140;

    /** Bytes of the whole struct. */
    public static final int BYTES = 256;

    /** All that stat(2) knows. */
    static final int STATX_BASIC_STATS = 0x7ff;

    private static final int STATX_BTIME = 0x800;

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
    public FuseAttr blksize(int value) {
        putInt(BLKSIZE, value);
        return this;
    }

    @Override
    public FuseAttr mode(int mode) {
        putShort(MODE, mode);
        return this;
    }

    /** Splits the kernel's 32-bit device number: minor bits 0-7 and 20-31, major bits 8-19. */
    @Override
    public FuseAttr rdev(int device) {
        putInt(RDEV_MAJOR, device >>> 8 & 0xfff);
        putInt(RDEV_MINOR, (device & 0xff) | (device >>> 12 & 0xfff00));
        return this;
    }

    /** Says that everything stat(2) knows is set. */
    void basic() {
        putInt(MASK, STATX_BASIC_STATS);
    }

    void btime(long nanos) {
        putTime(BTIME, BTIMENSEC, nanos);
        putInt(MASK, getInt(MASK) | STATX_BTIME);
    }
}
