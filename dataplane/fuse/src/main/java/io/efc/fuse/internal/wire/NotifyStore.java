package io.efc.fuse.internal.wire;

/**
 * struct fuse_notify_store_out: fills the page cache with the bytes that follow.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | nodeid                | offset                |
 *     +-----------+-----------+-----------------------+
 *  16 | size      | padding   |
 *     +-----------+-----------+
 * </pre>
 */
public final class NotifyStore extends Struct {
    public static final int NODEID = 0;
    public static final int OFFSET = 8;
    public static final int SIZE = 16;

    /** Bytes of the whole struct. */
    public static final int BYTES = 24;

    public NotifyStore nodeId(long value) {
        putLong(NODEID, value);
        return this;
    }

    public NotifyStore offset(long value) {
        putLong(OFFSET, value);
        return this;
    }

    public NotifyStore size(int value) {
        putInt(SIZE, value);
        return this;
    }
}
