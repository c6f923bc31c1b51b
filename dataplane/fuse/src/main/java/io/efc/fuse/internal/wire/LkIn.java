package io.efc.fuse.internal.wire;

import io.efc.fuse.LockArgs;

/**
 * struct fuse_lk_in: GETLK, SETLK and SETLKW, with the struct fuse_file_lock inside.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | fh                    | owner                 |
 *     +-----------------------+-----------------------+
 *  16 | lk.start              | lk.end                |
 *     +-----------+-----------+-----------+-----------+
 *  32 | lk.type   | lk.pid    | lk_flags  | padding   |
 *     +-----------+-----------+-----------+-----------+
 * </pre>
 */
public final class LkIn extends Struct implements LockArgs {
    public static final int FH = 0;
    public static final int OWNER = 8;
    public static final int LK_START = 16;
    public static final int LK_END = 24;
    public static final int LK_TYPE = 32;
    public static final int LK_PID = 36;
    public static final int LK_FLAGS = 40;

    /** Bytes of the whole struct. */
    public static final int BYTES = 48;

    private static final int FUSE_LK_FLOCK = 1;

    public long fh() {
        return getLong(FH);
    }

    @Override
    public long owner() {
        return getLong(OWNER);
    }

    @Override
    public long start() {
        return getLong(LK_START);
    }

    @Override
    public long end() {
        return getLong(LK_END);
    }

    @Override
    public int type() {
        return getInt(LK_TYPE);
    }

    @Override
    public int pid() {
        return getInt(LK_PID);
    }

    @Override
    public boolean flock() {
        return (getInt(LK_FLAGS) & FUSE_LK_FLOCK) != 0;
    }
}
