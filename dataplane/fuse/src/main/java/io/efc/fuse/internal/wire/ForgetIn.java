package io.efc.fuse.internal.wire;

/**
 * struct fuse_forget_in: FORGET.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+
 *   0 | nlookup               |
 *     +-----------------------+
 * </pre>
 */
public final class ForgetIn extends Struct {
    public static final int NLOOKUP = 0;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public long nlookup() {
        return getLong(NLOOKUP);
    }
}
