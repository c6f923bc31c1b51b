package io.efc.fuse.internal.wire;

import io.efc.fuse.FuseFileSystem;
import io.efc.fuse.SetattrArgs;

/**
 * struct fuse_setattr_in: SETATTR.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------------------+
 *   0 | valid     | padding   | fh                    |
 *     +-----------------------+-----------------------+
 *  16 | size                  | lock_owner            |
 *     +-----------------------+-----------------------+
 *  32 | atime                 | mtime                 |
 *     +-----------------------+-----------+-----------+
 *  48 | ctime                 | atimensec | mtimensec |
 *     +-----------+-----------+-----------+-----------+
 *  64 | ctimensec | mode      | (unused4) | uid       |
 *     +-----------+-----------+-----------------------+
 *  80 | gid       | (unused5) |
 *     +-----------+-----------+
 * </pre>
 */
public final class SetattrIn extends Struct implements SetattrArgs {
    public static final int VALID = 0;
    public static final int FH = 8;
    public static final int SIZE = 16;
    public static final int LOCK_OWNER = 24;
    public static final int ATIME = 32;
    public static final int MTIME = 40;
    public static final int CTIME = 48;
    public static final int ATIMENSEC = 56;
    public static final int MTIMENSEC = 60;
    public static final int CTIMENSEC = 64;
    public static final int MODE = 68;
    public static final int UID = 76;
    public static final int GID = 80;

    /** Bytes of the whole struct. */
    public static final int BYTES = 88;

    private static final int FATTR_MODE = 1 << 0;
    private static final int FATTR_UID = 1 << 1;
    private static final int FATTR_GID = 1 << 2;
    private static final int FATTR_SIZE = 1 << 3;
    private static final int FATTR_ATIME = 1 << 4;
    private static final int FATTR_MTIME = 1 << 5;
    private static final int FATTR_FH = 1 << 6;
    private static final int FATTR_ATIME_NOW = 1 << 7;
    private static final int FATTR_MTIME_NOW = 1 << 8;
    private static final int FATTR_CTIME = 1 << 10;
    private static final int FATTR_KILL_SUIDGID = 1 << 11;

    @Override
    public long size() {
        return getLong(SIZE);
    }

    @Override
    public long lockOwner() {
        return getLong(LOCK_OWNER);
    }

    @Override
    public int mode() {
        return getInt(MODE);
    }

    @Override
    public int uid() {
        return getInt(UID);
    }

    @Override
    public int gid() {
        return getInt(GID);
    }

    @Override
    public boolean hasMode() {
        return has(FATTR_MODE);
    }

    @Override
    public boolean hasUid() {
        return has(FATTR_UID);
    }

    @Override
    public boolean hasGid() {
        return has(FATTR_GID);
    }

    @Override
    public boolean hasSize() {
        return has(FATTR_SIZE);
    }

    @Override
    public boolean hasAtime() {
        return has(FATTR_ATIME);
    }

    @Override
    public boolean atimeNow() {
        return has(FATTR_ATIME_NOW);
    }

    @Override
    public boolean hasMtime() {
        return has(FATTR_MTIME);
    }

    @Override
    public boolean mtimeNow() {
        return has(FATTR_MTIME_NOW);
    }

    @Override
    public boolean hasCtime() {
        return has(FATTR_CTIME);
    }

    @Override
    public boolean killSuidGid() {
        return has(FATTR_KILL_SUIDGID);
    }

    @Override
    public long atime() {
        return getTime(ATIME, ATIMENSEC);
    }

    @Override
    public long mtime() {
        return getTime(MTIME, MTIMENSEC);
    }

    @Override
    public long ctime() {
        return getTime(CTIME, CTIMENSEC);
    }

    @Override
    public long fh() {
        return has(FATTR_FH) ? getLong(FH) : FuseFileSystem.NO_HANDLE;
    }

    private boolean has(int bit) {
        return (getInt(VALID) & bit) != 0;
    }
}
