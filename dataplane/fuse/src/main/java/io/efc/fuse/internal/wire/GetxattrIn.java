package io.efc.fuse.internal.wire;

/**
 * struct fuse_getxattr_in: GETXATTR, whose name follows, and LISTXATTR.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+
 *   0 | size      | padding   |
 *     +-----------+-----------+
 * </pre>
 */
public final class GetxattrIn extends Struct {
    public static final int SIZE = 0;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public int size() {
        return getInt(SIZE);
    }
}
