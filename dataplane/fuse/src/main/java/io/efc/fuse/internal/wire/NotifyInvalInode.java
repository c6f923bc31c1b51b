package io.efc.fuse.internal.wire;

/**
 * struct fuse_notify_inval_inode_out: drops a file's attributes and pages.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | ino                   | off                   |
 *     +-----------------------+-----------------------+
 *  16 | len                   |
 *     +-----------------------+
 * </pre>
 */
public final class NotifyInvalInode extends Struct {
    public static final int INO = 0;
    public static final int OFF = 8;
    public static final int LEN = 16;

    /** Bytes of the whole struct. */
    public static final int BYTES = 24;

    public NotifyInvalInode nodeId(long value) {
        putLong(INO, value);
        return this;
    }

    public NotifyInvalInode offset(long value) {
        putLong(OFF, value);
        return this;
    }

    public NotifyInvalInode length(long value) {
        putLong(LEN, value);
        return this;
    }
}
