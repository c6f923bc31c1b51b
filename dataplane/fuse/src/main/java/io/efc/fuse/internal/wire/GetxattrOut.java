package io.efc.fuse.internal.wire;

/**
 * struct fuse_getxattr_out: the answer to GETXATTR and LISTXATTR that only asked for the size.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+
 *   0 | size      | padding   |
 *     +-----------+-----------+
 * </pre>
 */
public final class GetxattrOut extends Struct {
    public static final int SIZE = 0;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public GetxattrOut size(int value) {
        putInt(SIZE, value);
        return this;
    }
}
