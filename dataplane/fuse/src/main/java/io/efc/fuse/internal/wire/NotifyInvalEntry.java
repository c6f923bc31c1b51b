package io.efc.fuse.internal.wire;

/**
 * struct fuse_notify_inval_entry_out: drops a name, which follows with its NUL.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------+-----------+
 *   0 | parent                | namelen   | flags     |
 *     +-----------------------+-----------+-----------+
 * </pre>
 */
public final class NotifyInvalEntry extends Struct {
    public static final int PARENT = 0;
    public static final int NAMELEN = 8;
    public static final int FLAGS = 12;

    /** Bytes of the whole struct. */
    public static final int BYTES = 16;

    public NotifyInvalEntry parent(long value) {
        putLong(PARENT, value);
        return this;
    }

    public NotifyInvalEntry nameLength(int value) {
        putInt(NAMELEN, value);
        return this;
    }

    public NotifyInvalEntry flags(int value) {
        putInt(FLAGS, value);
        return this;
    }
}
