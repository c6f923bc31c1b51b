package io.efc.fuse.internal.wire;

import io.efc.fuse.FuseFileSystem;

/**
 * struct fuse_getattr_in: GETATTR.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------------------+
 *   0 |getattr_fla| dummy     | fh                    |
 *     +-----------+-----------+-----------------------+
 * </pre>
 */
public final class GetattrIn extends Struct {
    public static final int GETATTR_FLAGS = 0;
    public static final int FH = 8;

    /** Bytes of the whole struct. */
    public static final int BYTES = 16;

    private static final int FUSE_GETATTR_FH = 1;

    /** The open file, or {@link FuseFileSystem#NO_HANDLE}. */
    public long fh() {
        return (getInt(GETATTR_FLAGS) & FUSE_GETATTR_FH) == 0 ? FuseFileSystem.NO_HANDLE : getLong(FH);
    }
}
