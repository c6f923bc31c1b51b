package io.efc.fuse.internal.wire;

import io.efc.fuse.FuseFileSystem;

/**
 * struct fuse_statx_in: STATX (protocol 7.39).
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------------------+
 *   0 |getattr_fla| reserved  | fh                    |
 *     +-----------+-----------+-----------------------+
 *  16 | sx_flags  | sx_mask   |
 *     +-----------+-----------+
 * </pre>
 */
public final class StatxIn extends Struct {
    public static final int GETATTR_FLAGS = 0;
    public static final int FH = 8;
    public static final int SX_FLAGS = 16;
    public static final int SX_MASK = 20;

    /** Bytes of the whole struct. */
    public static final int BYTES = 24;

    private static final int FUSE_GETATTR_FH = 1;

    public int flags() {
        return getInt(SX_FLAGS);
    }

    public int mask() {
        return getInt(SX_MASK);
    }

    /** The open file, or {@link FuseFileSystem#NO_HANDLE}. */
    public long fh() {
        return (getInt(GETATTR_FLAGS) & FUSE_GETATTR_FH) == 0 ? FuseFileSystem.NO_HANDLE : getLong(FH);
    }
}
