package io.efc.cache.internal;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.cache.CacheException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A long stretch of mapped memory that starts as zeroes and costs only what is touched: anonymous, or a file that
 * outlives the process. A file's part must be {@linkplain #ensure ensured} before it is touched, because a store to a
 * hole of a full file system ends the process.
 */
final class Region {
    /** How much is allocated at a time, so that growing is rare and its cost small. */
    private static final long STEP = 1 << 20;

    private final MemorySegment segment;
    private final int fd;
    private volatile long ensured;

    private Region(MemorySegment segment, int fd, long ensured) {
        this.segment = segment;
        this.fd = fd;
        this.ensured = ensured;
    }

    static Region anonymous(long bytes) {
        int flags = Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE;
        return new Region(map(bytes, flags, -1, "anonymous memory"), -1, bytes);
    }

    /** The file {@code name}, made if absent; what it holds already counts as ensured. */
    static Region file(int directoryFd, String name, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            int flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC | Libc.O_NOFOLLOW;
            int fd = Libc.openat(directoryFd, Libc.cString(arena, name), flags, 0600);
            if (fd < 0) {
                throw new CacheException("cannot open the index " + name + ": "
                        + Errno.ofResult(fd).text());
            }
            long size = Math.max(0, Libc.lseek(fd, 0, Libc.SEEK_END));
            return new Region(map(bytes, Libc.MAP_SHARED, fd, name), fd, Math.min(size, bytes));
        }
    }

    private static MemorySegment map(long bytes, int flags, int fd, String what) {
        int[] errno = new int[1];
        MemorySegment segment = Libc.mmap(bytes, Libc.PROT_READ | Libc.PROT_WRITE, flags, fd, 0, errno);
        if (segment.equals(MemorySegment.NULL)) {
            throw new CacheException("cannot map " + bytes + " bytes of " + what + ": "
                    + Errno.of(errno[0]).text());
        }
        return segment;
    }

    MemorySegment segment() {
        return segment;
    }

    /** Bytes that may be touched. */
    long ensured() {
        return ensured;
    }

    /** Makes the first {@code bytes} touchable. False if the file system is full. One caller at a time. */
    boolean ensure(long bytes) {
        Check.range(0, bytes, segment.byteSize());
        if (bytes <= ensured) {
            return true;
        }
        long target = Math.min(segment.byteSize(), (bytes + STEP - 1) / STEP * STEP);
        if (Libc.fallocate(fd, 0, ensured, target - ensured) < 0) {
            return false;
        }
        ensured = target;
        return true;
    }

    /** Forgets everything: the file is emptied. Nobody else may use it meanwhile. */
    void clear() {
        Check.state(fd >= 0, "anonymous memory is not cleared");
        Libc.ftruncate(fd, 0);
        ensured = 0;
    }

    /** Nobody may touch the segment any more. */
    void close() {
        Libc.munmap(segment.address(), segment.byteSize());
        if (fd >= 0) {
            Libc.close(fd);
        }
    }
}
