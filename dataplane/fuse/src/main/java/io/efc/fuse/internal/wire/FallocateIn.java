package io.efc.fuse.internal.wire;

/**
 * struct fuse_fallocate_in: FALLOCATE.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | fh                    | offset                |
 *     +-----------------------+-----------+-----------+
 *  16 | length                | mode      | padding   |
 *     +-----------------------+-----------+-----------+
 * </pre>
 */
public final class FallocateIn extends Struct {
    public static final int FH = 0;
    public static final int OFFSET = 8;
    public static final int LENGTH = 16;
    public static final int MODE = 24;

    /** Bytes of the whole struct. */
    public static final int BYTES = 32;

    public long fh() {
        return getLong(FH);
    }

    public long offset() {
        return getLong(OFFSET);
    }

    public long length() {
        return getLong(LENGTH);
    }

    public int mode() {
        return getInt(MODE);
    }
}
