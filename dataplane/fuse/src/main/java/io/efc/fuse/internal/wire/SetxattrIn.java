package io.efc.fuse.internal.wire;

/**
 * struct fuse_setxattr_in: SETXATTR; the name and the value follow. Without SETXATTR_EXT it ends after flags.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------+-----------+
 *   0 | size      | flags     |setxattr_fl| padding   |
 *     +-----------+-----------+-----------+-----------+
 * </pre>
 */
public final class SetxattrIn extends Struct {
    public static final int SIZE = 0;
    public static final int FLAGS = 4;
    public static final int SETXATTR_FLAGS = 8;

    /** Bytes of the whole struct. */
    public static final int BYTES = 16;

    /** The size without SETXATTR_EXT. */
    public static final int COMPAT_BYTES = 8;

    private static final int FUSE_SETXATTR_ACL_KILL_SGID = 1;

    public int size() {
        return getInt(SIZE);
    }

    public int flags() {
        return getInt(FLAGS);
    }

    /** Only of the long form. */
    public boolean killSgid() {
        return (getInt(SETXATTR_FLAGS) & FUSE_SETXATTR_ACL_KILL_SGID) != 0;
    }
}
