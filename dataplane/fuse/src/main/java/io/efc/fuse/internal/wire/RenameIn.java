package io.efc.fuse.internal.wire;

/**
 * struct fuse_rename_in: RENAME; the old and the new name follow.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+
 *   0 | newdir                |
 *     +-----------------------+
 * </pre>
 */
public final class RenameIn extends Struct {
    public static final int NEWDIR = 0;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public long newParent() {
        return getLong(NEWDIR);
    }
}
