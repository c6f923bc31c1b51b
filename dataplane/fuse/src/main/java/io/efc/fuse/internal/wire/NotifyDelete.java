package io.efc.fuse.internal.wire;

/**
 * struct fuse_notify_delete_out: drops a deleted name, which follows with its NUL.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | parent                | child                 |
 *     +-----------+-----------+-----------------------+
 *  16 | namelen   | padding   |
 *     +-----------+-----------+
 * </pre>
 */
public final class NotifyDelete extends Struct {
    public static final int PARENT = 0;
    public static final int CHILD = 8;
    public static final int NAMELEN = 16;

    /** Bytes of the whole struct. */
    public static final int BYTES = 24;

    public NotifyDelete parent(long value) {
        putLong(PARENT, value);
        return this;
    }

    public NotifyDelete child(long value) {
        putLong(CHILD, value);
        return this;
    }

    public NotifyDelete nameLength(int value) {
        putInt(NAMELEN, value);
        return this;
    }
}
