package io.efc.fuse.internal.wire;

/**
 * struct fuse_open_in: OPEN and OPENDIR.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+
 *   0 | flags     | open_flags|
 *     +-----------+-----------+
 * </pre>
 */
public final class OpenIn extends Struct {
    public static final int FLAGS = 0;
    public static final int OPEN_FLAGS = 4;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    static final int FUSE_OPEN_KILL_SUIDGID = 1;

    public int flags() {
        return getInt(FLAGS);
    }

    public boolean killSuidGid() {
        return (getInt(OPEN_FLAGS) & FUSE_OPEN_KILL_SUIDGID) != 0;
    }
}
