package io.efc.fuse.internal.wire;

/**
 * struct fuse_mkdir_in: MKDIR; the name follows.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+
 *   0 | mode      | umask     |
 *     +-----------+-----------+
 * </pre>
 */
public final class MkdirIn extends Struct {
    public static final int MODE = 0;
    public static final int UMASK = 4;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public int mode() {
        return getInt(MODE);
    }

    public int umask() {
        return getInt(UMASK);
    }
}
