package io.efc.fuse.internal.wire;

/**
 * struct fuse_dirent: an entry of READDIR; the name follows, padded with NULs to a multiple of 8 bytes.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | ino                   | off                   |
 *     +-----------+-----------+-----------------------+
 *  16 | namelen   | type      |
 *     +-----------+-----------+
 * </pre>
 */
public final class Dirent extends Struct {
    public static final int INO = 0;
    public static final int OFF = 8;
    public static final int NAMELEN = 16;
    public static final int TYPE = 20;

    /** Bytes of the whole struct. */
    public static final int BYTES = 24;

    public Dirent ino(long value) {
        putLong(INO, value);
        return this;
    }

    public Dirent cookie(long value) {
        putLong(OFF, value);
        return this;
    }

    public Dirent nameLength(int value) {
        putInt(NAMELEN, value);
        return this;
    }

    public Dirent type(int value) {
        putInt(TYPE, value);
        return this;
    }
}
