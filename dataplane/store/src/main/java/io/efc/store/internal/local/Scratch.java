package io.efc.store.internal.local;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.store.StoreAttr;
import io.efc.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One thread's native memory for the arguments of system calls, so that an operation allocates none. What a method returns is valid until
 * the same method is called again on the thread.
 */
final class Scratch {
    /** PATH_MAX, which bounds a symbolic link's target as well. */
    static final int PATH_BYTES = 4096;

    /** sizeof(struct file_handle) without its bytes, and MAX_HANDLE_SZ. */
    static final int HANDLE_HEADER = 8;

    static final int HANDLE_BYTES_MAX = 128;

    private static final int FD_PATH_PREFIX = "/proc/self/fd/".length();
    private static final int NAME_BYTES = 260;
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    final MemorySegment statx;
    final MemorySegment handle;
    final MemorySegment mountId;
    final MemorySegment path;
    final MemorySegment empty;
    final MemorySegment times;
    final MemorySegment flock;
    private final MemorySegment fdPath;
    private final MemorySegment name;
    private final MemorySegment secondName;

    private Scratch() {
        Arena arena = Arena.ofAuto();
        statx = arena.allocate(FileCalls.STATX_SIZE, 8);
        handle = arena.allocate(HANDLE_HEADER + HANDLE_BYTES_MAX, 8);
        mountId = arena.allocate(8, 8);
        path = arena.allocate(PATH_BYTES + 1);
        empty = arena.allocate(1);
        times = arena.allocate(32, 8);
        flock = arena.allocate(32, 8);
        fdPath = arena.allocateFrom("/proc/self/fd/0000000000");
        name = arena.allocate(NAME_BYTES);
        secondName = arena.allocate(NAME_BYTES);
    }

    static Scratch get() {
        return OF_THREAD.get();
    }

    /** {@code name} as a C string; it has been checked by {@link io.efc.store.internal.Names}. */
    MemorySegment name(byte[] bytes) {
        return cString(name, bytes);
    }

    /** A second one at the same time, for rename. */
    MemorySegment secondName(byte[] bytes) {
        return cString(secondName, bytes);
    }

    /** A symbolic link's target as a C string: EINVAL if it is empty or contains NUL, ENAMETOOLONG if it does not fit. */
    MemorySegment target(byte[] bytes) {
        if (bytes.length >= PATH_BYTES) {
            throw new StoreException(Errno.ENAMETOOLONG, "a link's target of " + bytes.length + " bytes");
        }
        for (byte b : bytes) {
            if (b == 0) {
                throw new StoreException(Errno.EINVAL, "a link's target with NUL");
            }
        }
        if (bytes.length == 0) {
            throw new StoreException(Errno.ENOENT, "an empty link's target");
        }
        return cString(path, bytes);
    }

    /** {@code /proc/self/fd/N}: the file itself for calls that take a path and follow links. */
    MemorySegment fdPath(int fd) {
        int digits = 1;
        for (int rest = fd / 10; rest > 0; rest /= 10) {
            digits++;
        }
        int rest = fd;
        for (int i = digits - 1; i >= 0; i--) {
            fdPath.set(JAVA_BYTE, FD_PATH_PREFIX + i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        fdPath.set(JAVA_BYTE, FD_PATH_PREFIX + digits, (byte) 0);
        return fdPath;
    }

    /** Fills {@link #statx} from a descriptor of any kind; 0 or minus the errno. */
    int stat(int fd) {
        return FileCalls.statx(fd, empty, FileCalls.AT_EMPTY_PATH, FileCalls.STATX_BASIC, statx);
    }

    /** st_mode of {@link #statx}. */
    int mode() {
        return statx.get(JAVA_SHORT, 28) & 0xffff;
    }

    int nlink() {
        return statx.get(JAVA_INT, 16);
    }

    long size() {
        return statx.get(JAVA_LONG, 40);
    }

    /** Which file system the file of {@link #statx} is on. */
    long device() {
        return device(statx.get(JAVA_INT, 136), statx.get(JAVA_INT, 140));
    }

    /** The attributes in {@link #statx} (offsets: linux/stat.h). */
    StoreAttr attr() {
        long atime = time(64);
        long ctime = time(96);
        long mtime = time(112);
        long size = size();
        return new StoreAttr(
                statx.get(JAVA_LONG, 32),
                device(),
                mode(),
                nlink(),
                statx.get(JAVA_INT, 20),
                statx.get(JAVA_INT, 24),
                device(statx.get(JAVA_INT, 128), statx.get(JAVA_INT, 132)),
                size,
                statx.get(JAVA_LONG, 48),
                atime,
                mtime,
                ctime,
                change(ctime, mtime, size));
    }

    /**
     * Stands in for the change attribute, which the kernel does not hand to user space: ctime moves with every change of data or
     * attributes, at the resolution of the file system's clock.
     */
    private static long change(long ctime, long mtime, long size) {
        long h = ctime * 0x9E3779B97F4A7C15L;
        h = Long.rotateLeft(h, 29) ^ (mtime * 0xC2B2AE3D27D4EB4FL);
        h = Long.rotateLeft(h, 31) ^ (size * 0x165667B19E3779F9L);
        return h ^ (h >>> 32);
    }

    private long time(long offset) {
        return statx.get(JAVA_LONG, offset) * 1_000_000_000L + statx.get(JAVA_INT, offset + 8);
    }

    /** makedev(3). */
    private static long device(int major, int minor) {
        return ((major & 0xfffL) << 8)
                | ((major & 0xfffff000L) << 32)
                | (minor & 0xffL)
                | ((minor & 0xffffff00L) << 12);
    }

    private static MemorySegment cString(MemorySegment to, byte[] bytes) {
        MemorySegment.copy(bytes, 0, to, JAVA_BYTE, 0, bytes.length);
        to.set(JAVA_BYTE, bytes.length, (byte) 0);
        return to;
    }
}
