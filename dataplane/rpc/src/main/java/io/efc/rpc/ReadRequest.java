package io.efc.rpc;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.efc.base.Credentials;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The body of READ, WHOLE and STAT: a content of a file, a range of it, and how a worker may fetch what is missing. Static methods over the
 * body's bytes; WHOLE and STAT leave position and length 0.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                           dataset (8)                         |  0
 * |                   file id, upper half (8)                     |  8
 * |                   file id, lower half (8)                     | 16
 * |                           version (8)                         | 24
 * |                        size of the file (8)                   | 32
 * |                          position (8)                         | 40
 * +---------------------------------------------------------------+
 * |                           length                              | 48
 * +-------------------------------+-------------------------------+
 * |            flags              |            mount              | 52
 * +-------------------------------+-------------------------------+
 * |                             uid                               | 56
 * |                             gid                               | 60
 * +-------------------------------+-------------------------------+
 * |       number of groups        |       bytes of the handle     | 64
 * +-------------------------------+-------------------------------+
 * |            groups (4 each), then the handle                   | 68
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class ReadRequest {
    /** More of the file will be wanted: fetch the whole block. */
    public static final int SEQUENTIAL = 1;

    /** Answer MISSING rather than fetch. */
    public static final int CACHED_ONLY = 2;

    /** What came before did not match its checksums: verify the tier's bytes first, and fetch what is bad. */
    public static final int SUSPECT = 4;

    /** What lies beside the range is not wanted: fetch no more than the range, unless it is asked for again and again. */
    public static final int RANDOM = 8;

    /** More supplementary groups are left out, which can only take rights away. AUTH_SYS carries 16. */
    public static final int GROUPS_MAX = 64;

    /** NFS4_FHSIZE, RFC 8881 section 3.1. */
    public static final int HANDLE_BYTES_MAX = 128;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private static final int POSITION_AT = 40;
    private static final int LENGTH_AT = 48;
    private static final int FLAGS_AT = 52;
    private static final int MOUNT_AT = 54;
    private static final int UID_AT = 56;
    private static final int GID_AT = 60;
    private static final int GROUPS_AT = 64;
    private static final int HANDLE_LENGTH_AT = 66;
    private static final int FIXED_BYTES = 68;

    private ReadRequest() {}

    /** Writes the content's name. */
    public static void content(MemorySegment b, long dataset, long fileHi, long fileLo, long version, long size) {
        b.set(LONG, 0, dataset);
        b.set(LONG, 8, fileHi);
        b.set(LONG, 16, fileLo);
        b.set(LONG, 24, version);
        b.set(LONG, 32, size);
    }

    /** Writes the range. */
    public static void range(MemorySegment b, long position, int length, int flags) {
        b.set(LONG, POSITION_AT, position);
        b.set(INT, LENGTH_AT, length);
        b.set(SHORT, FLAGS_AT, (short) flags);
    }

    /** Writes how to fetch; the length of the whole body. */
    public static int source(MemorySegment b, int mount, Credentials caller, byte[] handle) {
        b.set(SHORT, MOUNT_AT, (short) mount);
        b.set(INT, UID_AT, caller.uid());
        b.set(INT, GID_AT, caller.gid());
        int groups = Math.min(caller.groups().length, GROUPS_MAX);
        b.set(SHORT, GROUPS_AT, (short) groups);
        b.set(SHORT, HANDLE_LENGTH_AT, (short) handle.length);
        for (int i = 0; i < groups; i++) {
            b.set(INT, FIXED_BYTES + 4L * i, caller.groups()[i]);
        }
        int handleAt = FIXED_BYTES + 4 * groups;
        MemorySegment.copy(handle, 0, b, ValueLayout.JAVA_BYTE, handleAt, handle.length);
        return handleAt + handle.length;
    }

    /** The lengths within a received body agree with its own, and with the limits. Everything else may be called only after that. */
    public static boolean isWellFormed(MemorySegment b, int bodyLength) {
        if (bodyLength < FIXED_BYTES) {
            return false;
        }
        int groups = b.get(SHORT, GROUPS_AT) & 0xffff;
        int handle = b.get(SHORT, HANDLE_LENGTH_AT) & 0xffff;
        return groups <= GROUPS_MAX
                && handle >= 1
                && handle <= HANDLE_BYTES_MAX
                && FIXED_BYTES + 4 * groups + handle == bodyLength
                && size(b) >= 0
                && position(b) >= 0
                && length(b) >= 0
                && length(b) <= size(b)
                && position(b) <= size(b) - length(b);
    }

    public static long dataset(MemorySegment b) {
        return b.get(LONG, 0);
    }

    public static long fileHi(MemorySegment b) {
        return b.get(LONG, 8);
    }

    public static long fileLo(MemorySegment b) {
        return b.get(LONG, 16);
    }

    public static long version(MemorySegment b) {
        return b.get(LONG, 24);
    }

    public static long size(MemorySegment b) {
        return b.get(LONG, 32);
    }

    public static long position(MemorySegment b) {
        return b.get(LONG, POSITION_AT);
    }

    public static int length(MemorySegment b) {
        return b.get(INT, LENGTH_AT);
    }

    public static boolean has(MemorySegment b, int flag) {
        return (b.get(SHORT, FLAGS_AT) & flag) != 0;
    }

    public static int mount(MemorySegment b) {
        return b.get(SHORT, MOUNT_AT) & 0xffff;
    }

    public static Credentials caller(MemorySegment b) {
        int[] groups = new int[b.get(SHORT, GROUPS_AT) & 0xffff];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = b.get(INT, FIXED_BYTES + 4L * i);
        }
        return new Credentials(b.get(INT, UID_AT), b.get(INT, GID_AT), groups);
    }

    public static byte[] handle(MemorySegment b) {
        byte[] handle = new byte[b.get(SHORT, HANDLE_LENGTH_AT) & 0xffff];
        long at = FIXED_BYTES + 4L * (b.get(SHORT, GROUPS_AT) & 0xffff);
        MemorySegment.copy(b, ValueLayout.JAVA_BYTE, at, handle, 0, handle.length);
        return handle;
    }
}
