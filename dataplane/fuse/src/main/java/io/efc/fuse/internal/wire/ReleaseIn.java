package io.efc.fuse.internal.wire;

/**
 * struct fuse_release_in: RELEASE and RELEASEDIR.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------+-----------+
 *   0 | fh                    | flags     |release_fla|
 *     +-----------------------+-----------------------+
 *  16 | lock_owner            |
 *     +-----------------------+
 * </pre>
 */
public final class ReleaseIn extends Struct {
    public static final int FH = 0;
    public static final int FLAGS = 8;
    public static final int RELEASE_FLAGS = 12;
    public static final int LOCK_OWNER = 16;

    /** Bytes of the whole struct. */
    public static final int BYTES = 24;

    private static final int FUSE_RELEASE_FLOCK_UNLOCK = 2;

    public long fh() {
        return getLong(FH);
    }

    public int flags() {
        return getInt(FLAGS);
    }

    public long lockOwner() {
        return getLong(LOCK_OWNER);
    }

    public boolean flockUnlock() {
        return (getInt(RELEASE_FLAGS) & FUSE_RELEASE_FLOCK_UNLOCK) != 0;
    }
}
