package io.efc.fuse.internal.wire;

import io.efc.fuse.WriteArgs;

/**
 * struct fuse_write_in: WRITE; the bytes follow.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | fh                    | offset                |
 *     +-----------+-----------+-----------------------+
 *  16 | size      |write_flags| lock_owner            |
 *     +-----------+-----------+-----------------------+
 *  32 | flags     | padding   |
 *     +-----------+-----------+
 * </pre>
 */
public final class WriteIn extends Struct implements WriteArgs {
    public static final int FH = 0;
    public static final int OFFSET = 8;
    public static final int SIZE = 16;
    public static final int WRITE_FLAGS = 20;
    public static final int LOCK_OWNER = 24;
    public static final int FLAGS = 32;

    /** Bytes of the whole struct. */
    public static final int BYTES = 40;

    private static final int FUSE_WRITE_CACHE = 1;
    private static final int FUSE_WRITE_KILL_SUIDGID = 4;

    public long fh() {
        return getLong(FH);
    }

    @Override
    public long offset() {
        return getLong(OFFSET);
    }

    @Override
    public int size() {
        return getInt(SIZE);
    }

    @Override
    public long lockOwner() {
        return getLong(LOCK_OWNER);
    }

    @Override
    public int flags() {
        return getInt(FLAGS);
    }

    @Override
    public boolean fromCache() {
        return (getInt(WRITE_FLAGS) & FUSE_WRITE_CACHE) != 0;
    }

    @Override
    public boolean killSuidGid() {
        return (getInt(WRITE_FLAGS) & FUSE_WRITE_KILL_SUIDGID) != 0;
    }
}
