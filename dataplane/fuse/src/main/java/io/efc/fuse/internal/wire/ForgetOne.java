package io.efc.fuse.internal.wire;

/**
 * struct fuse_forget_one: one node of BATCH_FORGET.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | nodeid                | nlookup               |
 *     +-----------------------+-----------------------+
 * </pre>
 */
public final class ForgetOne extends Struct {
    public static final int NODEID = 0;
    public static final int NLOOKUP = 8;

    /** Bytes of the whole struct. */
    public static final int BYTES = 16;

    public long nodeId() {
        return getLong(NODEID);
    }

    public long nlookup() {
        return getLong(NLOOKUP);
    }
}
