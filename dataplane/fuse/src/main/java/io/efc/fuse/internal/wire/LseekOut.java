package io.efc.fuse.internal.wire;

/**
 * struct fuse_lseek_out: the answer to LSEEK; fuse_copy_file_range_out of protocol 7.45 has the same shape.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+
 *   0 | offset                |
 *     +-----------------------+
 * </pre>
 */
public final class LseekOut extends Struct {
    public static final int OFFSET = 0;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public LseekOut offset(long value) {
        putLong(OFFSET, value);
        return this;
    }
}
