package io.efc.fuse.internal.wire;

/**
 * struct fuse_ext_header: what every extension of a request starts with.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+
 *   0 | size      | type      |
 *     +-----------+-----------+
 * </pre>
 */
public final class ExtHeader extends Struct {
    public static final int SIZE = 0;
    public static final int TYPE = 4;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public int size() {
        return getInt(SIZE);
    }

    public int type() {
        return getInt(TYPE);
    }
}
