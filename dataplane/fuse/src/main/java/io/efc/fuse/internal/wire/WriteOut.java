package io.efc.fuse.internal.wire;

/**
 * struct fuse_write_out: the answer to WRITE and COPY_FILE_RANGE.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+
 *   0 | size      | padding   |
 *     +-----------+-----------+
 * </pre>
 */
public final class WriteOut extends Struct {
    public static final int SIZE = 0;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public WriteOut size(int value) {
        putInt(SIZE, value);
        return this;
    }
}
