package io.efc.fuse.internal.wire;

/**
 * struct fuse_lseek_in: LSEEK.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | fh                    | offset                |
 *     +-----------+-----------+-----------------------+
 *  16 | whence    | padding   |
 *     +-----------+-----------+
 * </pre>
 */
public final class LseekIn extends Struct {
    public static final int FH = 0;
    public static final int OFFSET = 8;
    public static final int WHENCE = 16;

    /** Bytes of the whole struct. */
    public static final int BYTES = 24;

    public long fh() {
        return getLong(FH);
    }

    public long offset() {
        return getLong(OFFSET);
    }

    public int whence() {
        return getInt(WHENCE);
    }
}
