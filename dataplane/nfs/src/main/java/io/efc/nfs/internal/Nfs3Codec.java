package io.efc.nfs.internal;

import io.efc.base.Errno;
import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsSetAttr;
import org.jspecify.annotations.Nullable;

/** The structures that several procedures of NFSv3 share (RFC 1813 section 2.5 and 2.6). */
final class Nfs3Codec {
    /** Size of fattr3. */
    static final int FATTR_BYTES = 84;

    /** Size of wcc_attr. */
    private static final int WCC_ATTR_BYTES = 24;

    /** ftype3 to the type bits of a mode: REG, DIR, BLK, CHR, LNK, SOCK, FIFO from 1 on. */
    private static final int[] TYPES = {0, 0100000, 0040000, 0060000, 0020000, 0120000, 0140000, 0010000};

    private static final long NANOS = 1_000_000_000L;
    private static final int MODE_BITS = 07777;

    /** time_how. */
    private static final int DONT_CHANGE = 0;

    private static final int SET_TO_SERVER_TIME = 1;
    private static final int SET_TO_CLIENT_TIME = 2;

    private Nfs3Codec() {}

    /** fattr3. */
    static NfsAttr attr(XdrReader r) {
        int type = r.i32();
        if (type < 1 || type >= TYPES.length) {
            throw new XdrException("ftype3 is " + type);
        }
        int mode = TYPES[type] | (r.i32() & MODE_BITS);
        int nlink = r.i32();
        int uid = r.i32();
        int gid = r.i32();
        long size = r.i64();
        long used = r.i64();
        long rdev = device(r.i32(), r.i32());
        long fsid = r.i64();
        long fileId = r.i64();
        long atime = time(r);
        long mtime = time(r);
        long ctime = time(r);
        return new NfsAttr(
                fileId, fsid, mode, nlink, uid, gid, rdev, size, used, atime, mtime, ctime, change(ctime, mtime, size));
    }

    /** post_op_attr: null if the server left them out. */
    static @Nullable NfsAttr postOpAttr(XdrReader r) {
        return r.bool() ? attr(r) : null;
    }

    static void skipPostOpAttr(XdrReader r) {
        if (r.bool()) {
            r.skip(FATTR_BYTES);
        }
    }

    /** wcc_data: the attributes after the operation, null if the server left them out. */
    static @Nullable NfsAttr wcc(XdrReader r) {
        if (r.bool()) {
            r.skip(WCC_ATTR_BYTES);
        }
        return postOpAttr(r);
    }

    /** nfs_fh3. */
    static byte[] handle(XdrReader r) {
        byte[] handle = r.opaque(Nfs3.HANDLE_BYTES_MAX);
        if (handle.length == 0) {
            throw new XdrException("a file handle of no bytes");
        }
        return handle;
    }

    /** post_op_fh3: null if the server left it out. */
    static byte @Nullable [] postOpHandle(XdrReader r) {
        return r.bool() ? handle(r) : null;
    }

    /** diropargs3. */
    static void putName(XdrWriter w, byte[] directory, byte[] name) {
        w.opaque(directory);
        w.opaque(name);
    }

    /**
     * sattr3.
     *
     * @throws NfsException EINVAL for a time that 32 bits of seconds cannot hold
     */
    static void putAttr(XdrWriter w, NfsSetAttr a) {
        Integer mode = a.mode();
        w.bool(mode != null);
        if (mode != null) {
            w.i32(mode & MODE_BITS);
        }
        putInt(w, a.uid());
        putInt(w, a.gid());
        Long size = a.size();
        w.bool(size != null);
        if (size != null) {
            w.i64(size);
        }
        putTime(w, a.atime());
        putTime(w, a.mtime());
    }

    private static void putInt(XdrWriter w, @Nullable Integer v) {
        w.bool(v != null);
        if (v != null) {
            w.i32(v);
        }
    }

    private static void putTime(XdrWriter w, @Nullable Long nanos) {
        if (nanos == null) {
            w.i32(DONT_CHANGE);
        } else if (nanos == NfsSetAttr.NOW) {
            w.i32(SET_TO_SERVER_TIME);
        } else {
            long seconds = Math.floorDiv(nanos, NANOS);
            if (seconds < 0 || seconds > 0xffffffffL) {
                throw new NfsException(Errno.EINVAL, "SETATTR: NFSv3 has no time of " + seconds + " seconds");
            }
            w.i32(SET_TO_CLIENT_TIME);
            w.i32((int) seconds);
            w.i32((int) Math.floorMod(nanos, NANOS));
        }
    }

    private static long time(XdrReader r) {
        return r.u32() * NANOS + r.u32();
    }

    /** makedev(3). */
    private static long device(int major, int minor) {
        return ((major & 0xfffL) << 8)
                | ((major & 0xfffff000L) << 32)
                | (minor & 0xffL)
                | ((minor & 0xffffff00L) << 12);
    }

    static int major(long device) {
        return (int) (((device >>> 8) & 0xfff) | ((device >>> 32) & 0xfffff000L));
    }

    static int minor(long device) {
        return (int) ((device & 0xff) | ((device >>> 12) & 0xffffff00L));
    }

    /** NFSv3 has no change attribute: ctime moves with every change of data or attributes. */
    private static long change(long ctime, long mtime, long size) {
        long h = ctime * 0x9E3779B97F4A7C15L;
        h = Long.rotateLeft(h, 29) ^ (mtime * 0xC2B2AE3D27D4EB4FL);
        h = Long.rotateLeft(h, 31) ^ (size * 0x165667B19E3779F9L);
        return h ^ (h >>> 32);
    }
}
