package io.efc.fuse.internal.wire;

/**
 * struct fuse_flush_in: FLUSH.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------+-----------+
 *   0 | fh                    | unused    | padding   |
 *     +-----------------------+-----------------------+
 *  16 | lock_owner            |
 *     +-----------------------+
 * </pre>
 */
public final class FlushIn extends Struct {
    public static final int FH = 0;
    public static final int LOCK_OWNER = 16;

    /** Bytes of the whole struct. */
    public static final int BYTES = 24;

    public long fh() {
        return getLong(FH);
    }

    public long lockOwner() {
        return getLong(LOCK_OWNER);
    }
}
