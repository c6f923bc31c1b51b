package io.efc.testing.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What statx(2) says of a file. Times are nanoseconds since 1970; {@code btime} is 0 where the file system has none.
 *
 * @param mode type and permissions
 */
record Stat(
        int mode,
        int nlink,
        int uid,
        int gid,
        long ino,
        long size,
        long blocks,
        long atime,
        long btime,
        long ctime,
        long mtime,
        int rdevMajor,
        int rdevMinor,
        int blockSize) {
    static final int TYPE = 0170000;
    static final int DIRECTORY = 0040000;
    static final int REGULAR = 0100000;
    static final int SYMLINK = 0120000;
    static final int FIFO = 0010000;
    static final int CHARACTER = 0020000;
    static final int BLOCK = 0060000;
    static final int SOCKET = 0140000;

    private static final int MASK_BTIME = 0x800;

    /** Reads a struct statx (linux/stat.h). */
    static Stat of(MemorySegment s) {
        boolean btime = (s.get(ValueLayout.JAVA_INT, 0) & MASK_BTIME) != 0;
        return new Stat(
                Short.toUnsignedInt(s.get(ValueLayout.JAVA_SHORT, 28)),
                s.get(ValueLayout.JAVA_INT, 16),
                s.get(ValueLayout.JAVA_INT, 20),
                s.get(ValueLayout.JAVA_INT, 24),
                s.get(ValueLayout.JAVA_LONG, 32),
                s.get(ValueLayout.JAVA_LONG, 40),
                s.get(ValueLayout.JAVA_LONG, 48),
                time(s, 64),
                btime ? time(s, 80) : 0,
                time(s, 96),
                time(s, 112),
                s.get(ValueLayout.JAVA_INT, 128),
                s.get(ValueLayout.JAVA_INT, 132),
                s.get(ValueLayout.JAVA_INT, 4));
    }

    int type() {
        return mode & TYPE;
    }

    int permissions() {
        return mode & 07777;
    }

    private static long time(MemorySegment s, long at) {
        return s.get(ValueLayout.JAVA_LONG, at) * 1_000_000_000L + s.get(ValueLayout.JAVA_INT, at + 8);
    }
}
