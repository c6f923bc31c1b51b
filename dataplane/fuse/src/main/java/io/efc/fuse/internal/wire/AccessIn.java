package io.efc.fuse.internal.wire;

/**
 * struct fuse_access_in: ACCESS.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+
 *   0 | mask      | padding   |
 *     +-----------+-----------+
 * </pre>
 */
public final class AccessIn extends Struct {
    public static final int MASK = 0;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public int mask() {
        return getInt(MASK);
    }
}
