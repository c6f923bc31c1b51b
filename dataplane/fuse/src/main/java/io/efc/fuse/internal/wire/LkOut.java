package io.efc.fuse.internal.wire;

import io.efc.fuse.LockReply;

/**
 * struct fuse_lk_out: the answer to GETLK: a struct fuse_file_lock.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | lk.start              | lk.end                |
 *     +-----------+-----------+-----------------------+
 *  16 | lk.type   | lk.pid    |
 *     +-----------+-----------+
 * </pre>
 */
public final class LkOut extends Struct implements LockReply {
    public static final int LK_START = 0;
    public static final int LK_END = 8;
    public static final int LK_TYPE = 16;
    public static final int LK_PID = 20;

    /** Bytes of the whole struct. */
    public static final int BYTES = 24;

    private static final int F_UNLCK = 2;

    @Override
    public void unlocked() {
        putInt(LK_TYPE, F_UNLCK);
    }

    @Override
    public void conflict(int type, long start, long end, int pid) {
        putLong(LK_START, start);
        putLong(LK_END, end);
        putInt(LK_TYPE, type);
        putInt(LK_PID, pid);
    }
}
