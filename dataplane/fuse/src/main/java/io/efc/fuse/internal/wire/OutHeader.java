package io.efc.fuse.internal.wire;

/**
 * struct fuse_out_header: what every reply and notification starts with.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------------------+
 *   0 | len       | error     | unique                |
 *     +-----------+-----------+-----------------------+
 * </pre>
 */
public final class OutHeader extends Struct {
    public static final int LEN = 0;
    public static final int ERROR = 4;
    public static final int UNIQUE = 8;

    /** Bytes of the whole struct. */
    public static final int BYTES = 16;

    public int length() {
        return getInt(LEN);
    }

    public OutHeader length(int value) {
        putInt(LEN, value);
        return this;
    }

    public int error() {
        return getInt(ERROR);
    }

    public OutHeader error(int value) {
        putInt(ERROR, value);
        return this;
    }

    public long unique() {
        return getLong(UNIQUE);
    }

    public OutHeader unique(long value) {
        putLong(UNIQUE, value);
        return this;
    }
}
