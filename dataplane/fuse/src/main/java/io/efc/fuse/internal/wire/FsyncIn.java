package io.efc.fuse.internal.wire;

/**
 * struct fuse_fsync_in: FSYNC and FSYNCDIR.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------+-----------+
 *   0 | fh                    |fsync_flags| padding   |
 *     +-----------------------+-----------+-----------+
 * </pre>
 */
public final class FsyncIn extends Struct {
    public static final int FH = 0;
    public static final int FSYNC_FLAGS = 8;

    /** Bytes of the whole struct. */
    public static final int BYTES = 16;

    private static final int FUSE_FSYNC_FDATASYNC = 1;

    public long fh() {
        return getLong(FH);
    }

    public boolean dataOnly() {
        return (getInt(FSYNC_FLAGS) & FUSE_FSYNC_FDATASYNC) != 0;
    }
}
