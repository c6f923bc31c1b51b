package io.efc.fuse.internal.wire;

import io.efc.fuse.OpenReply;

/**
 * struct fuse_open_out: the answer to OPEN, OPENDIR, CREATE and TMPFILE. The backing id was padding before protocol 7.40.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------+-----------+
 *   0 | fh                    | open_flags| backing_id|
 *     +-----------------------+-----------+-----------+
 * </pre>
 */
public final class OpenOut extends Struct implements OpenReply {
    public static final int FH = 0;
    public static final int OPEN_FLAGS = 8;
    public static final int BACKING_ID = 12;

    /** Bytes of the whole struct. */
    public static final int BYTES = 16;

    private static final int FOPEN_PASSTHROUGH = 1 << 7;

    @Override
    public OpenReply handle(long fh) {
        putLong(FH, fh);
        return this;
    }

    @Override
    public OpenReply flags(int flags) {
        putInt(OPEN_FLAGS, (getInt(OPEN_FLAGS) & FOPEN_PASSTHROUGH) | (flags & ~FOPEN_PASSTHROUGH));
        return this;
    }

    @Override
    public OpenReply passthrough(int backingId) {
        putInt(OPEN_FLAGS, getInt(OPEN_FLAGS) | FOPEN_PASSTHROUGH);
        putInt(BACKING_ID, backingId);
        return this;
    }
}
