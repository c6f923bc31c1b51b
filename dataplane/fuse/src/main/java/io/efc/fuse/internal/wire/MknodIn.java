package io.efc.fuse.internal.wire;

/**
 * struct fuse_mknod_in: MKNOD; the name follows.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------+-----------+
 *   0 | mode      | rdev      | umask     | padding   |
 *     +-----------+-----------+-----------+-----------+
 * </pre>
 */
public final class MknodIn extends Struct {
    public static final int MODE = 0;
    public static final int RDEV = 4;
    public static final int UMASK = 8;

    /** Bytes of the whole struct. */
    public static final int BYTES = 16;

    public int mode() {
        return getInt(MODE);
    }

    public int rdev() {
        return getInt(RDEV);
    }

    public int umask() {
        return getInt(UMASK);
    }
}
