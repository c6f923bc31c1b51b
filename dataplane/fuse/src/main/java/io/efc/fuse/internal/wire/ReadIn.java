package io.efc.fuse.internal.wire;

/**
 * struct fuse_read_in: READ, READDIR and READDIRPLUS.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | fh                    | offset                |
 *     +-----------+-----------+-----------------------+
 *  16 | size      | read_flags| lock_owner            |
 *     +-----------+-----------+-----------------------+
 *  32 | flags     | padding   |
 *     +-----------+-----------+
 * </pre>
 */
public final class ReadIn extends Struct {
    public static final int FH = 0;
    public static final int OFFSET = 8;
    public static final int SIZE = 16;
    public static final int READ_FLAGS = 20;
    public static final int LOCK_OWNER = 24;
    public static final int FLAGS = 32;

    /** Bytes of the whole struct. */
    public static final int BYTES = 40;

    public long fh() {
        return getLong(FH);
    }

    public long offset() {
        return getLong(OFFSET);
    }

    public int size() {
        return getInt(SIZE);
    }

    public long lockOwner() {
        return getLong(LOCK_OWNER);
    }

    public int flags() {
        return getInt(FLAGS);
    }
}
