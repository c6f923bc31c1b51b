package io.efc.fuse.internal.wire;

/**
 * struct fuse_rename2_in: RENAME2; the old and the new name follow.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------+-----------+
 *   0 | newdir                | flags     | padding   |
 *     +-----------------------+-----------+-----------+
 * </pre>
 */
public final class Rename2In extends Struct {
    public static final int NEWDIR = 0;
    public static final int FLAGS = 8;

    /** Bytes of the whole struct. */
    public static final int BYTES = 16;

    public long newParent() {
        return getLong(NEWDIR);
    }

    public int flags() {
        return getInt(FLAGS);
    }
}
