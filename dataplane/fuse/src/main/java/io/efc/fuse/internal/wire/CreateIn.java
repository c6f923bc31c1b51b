package io.efc.fuse.internal.wire;

import io.efc.fuse.CreateArgs;

/**
 * struct fuse_create_in: CREATE and TMPFILE; the name follows.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------+-----------+
 *   0 | flags     | mode      | umask     | open_flags|
 *     +-----------+-----------+-----------+-----------+
 * </pre>
 */
public final class CreateIn extends Struct implements CreateArgs {
    public static final int FLAGS = 0;
    public static final int MODE = 4;
    public static final int UMASK = 8;
    public static final int OPEN_FLAGS = 12;

    /** Bytes of the whole struct. */
    public static final int BYTES = 16;

    @Override
    public int flags() {
        return getInt(FLAGS);
    }

    @Override
    public int mode() {
        return getInt(MODE);
    }

    @Override
    public int umask() {
        return getInt(UMASK);
    }

    @Override
    public boolean killSuidGid() {
        return (getInt(OPEN_FLAGS) & OpenIn.FUSE_OPEN_KILL_SUIDGID) != 0;
    }
}
