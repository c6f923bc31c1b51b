package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * System calls, names relative to one directory. Each returns what the kernel said, minus the errno for an error, and leaves
 * a line in a trace. Names and contents are byte strings written in ISO 8859-1, so that every byte can be said.
 *
 * <p>Threads: one at a time.
 */
class Calls {
    static final int O_DSYNC = 0x1000;
    static final int O_SYNC = 0x101000;
    static final int O_NOATIME = 0x40000;
    static final int F_GETLK = 5;
    static final int F_SETLK = 6;
    static final int F_SETLKW = 7;
    static final int F_OFD_SETLK = 37;
    static final int F_RDLCK = 0;
    static final int F_WRLCK = 1;
    static final int F_UNLCK = 2;
    static final int LOCK_SH = 1;
    static final int LOCK_EX = 2;
    static final int LOCK_NB = 4;
    static final int LOCK_UN = 8;
    static final int R_OK = 4;
    static final int W_OK = 2;
    static final int X_OK = 1;
    static final int F_OK = 0;
    static final long SECOND = 1_000_000_000L;

    private static final int TRACE_MAX = 40;
    private static final int DIRENTS_BYTES = 32768;

    private final int directory;
    private final List<String> trace = new ArrayList<>();
    private final Set<Integer> descriptors = new LinkedHashSet<>();

    Calls(int directory) {
        this.directory = directory;
    }

    /** The directory that names are relative to. */
    final int directory() {
        return directory;
    }

    /** The latest calls, oldest first. */
    final List<String> trace() {
        return trace;
    }

    long open(String name, int flags, int... mode) {
        try (Arena a = Arena.ofConfined()) {
            int m = mode.length == 0 ? 0644 : mode[0];
            long fd = Libc.openat(directory, c(a, name), flags | Libc.O_CLOEXEC, m);
            if (fd >= 0) {
                descriptors.add((int) fd);
            }
            return log(fd, "open(%s, 0%o, 0%o)", show(name), flags, m);
        }
    }

    long close(long fd) {
        descriptors.remove((int) fd);
        return log(Libc.close((int) fd), "close(%d)", fd);
    }

    long dup(long fd) {
        long copy = Libc.dup((int) fd);
        if (copy >= 0) {
            descriptors.add((int) copy);
        }
        return log(copy, "dup(%d)", fd);
    }

    final void closeAll() {
        for (int fd : List.copyOf(descriptors)) {
            close(fd);
        }
    }

    long write(long fd, String data) {
        try (Arena a = Arena.ofConfined()) {
            return log(Libc.write((int) fd, bytes(a, data), 0, data.length()), "write(%d, %s)", fd, show(data));
        }
    }

    long pwrite(long fd, String data, long position) {
        try (Arena a = Arena.ofConfined()) {
            long n = Libc.pwrite((int) fd, bytes(a, data), 0, data.length(), position);
            return log(n, "pwrite(%d, %s, at %d)", fd, show(data), position);
        }
    }

    /** read(2) of at most {@code length} bytes that are thrown away. */
    long read(long fd, int length) {
        try (Arena a = Arena.ofConfined()) {
            return log(Libc.read((int) fd, a.allocate(length + 1L), 0, length), "read(%d, %d)", fd, length);
        }
    }

    long pread(long fd, int length, long position) {
        try (Arena a = Arena.ofConfined()) {
            long n = Libc.pread((int) fd, a.allocate(length + 1L), 0, length, position);
            return log(n, "pread(%d, %d, at %d)", fd, length, position);
        }
    }

    long lseek(long fd, long offset, int whence) {
        return log(Libc.lseek((int) fd, offset, whence), "lseek(%d, %d, %d)", fd, offset, whence);
    }

    long truncate(String name, long size) {
        try (Arena a = Arena.ofConfined()) {
            return log(Libc.truncate(c(a, byDescriptor(name)), size), "truncate(%s, %d)", show(name), size);
        }
    }

    long ftruncate(long fd, long size) {
        return log(Libc.ftruncate((int) fd, size), "ftruncate(%d, %d)", fd, size);
    }

    long fallocate(long fd, int mode, long position, long size) {
        return log(
                Libc.fallocate((int) fd, mode, position, size),
                "fallocate(%d, 0x%x, %d, %d)",
                fd,
                mode,
                position,
                size);
    }

    long copyFileRange(long from, long positionFrom, long to, long positionTo, long size) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment in = a.allocateFrom(ValueLayout.JAVA_LONG, positionFrom);
            MemorySegment out = a.allocateFrom(ValueLayout.JAVA_LONG, positionTo);
            long n = Libc.copyFileRange((int) from, in, (int) to, out, size, 0);
            return log(n, "copy_file_range(%d at %d, %d at %d, %d)", from, positionFrom, to, positionTo, size);
        }
    }

    long fsync(long fd) {
        return log(Libc.fsync((int) fd), "fsync(%d)", fd);
    }

    long fdatasync(long fd) {
        return log(Libc.fdatasync((int) fd), "fdatasync(%d)", fd);
    }

    long syncfs(long fd) {
        return log(Libc.syncfs((int) fd), "syncfs(%d)", fd);
    }

    long fcntl(long fd, int command, int argument) {
        return log(Libc.fcntl((int) fd, command, argument), "fcntl(%d, %d, 0x%x)", fd, command, argument);
    }

    long flock(long fd, int operation) {
        return log(Libc.flock((int) fd, operation), "flock(%d, %d)", fd, operation);
    }

    /** fcntl(2) F_SETLK and its kin on bytes {@code [start, start + length)}; length 0 is to the end. */
    long lock(long fd, int command, int type, long start, long length) {
        try (Arena a = Arena.ofConfined()) {
            long result = Libc.fcntl((int) fd, command, Flock.of(a, type, start, length));
            return log(result, "fcntl(%d, %d, type %d, %d, %d)", fd, command, type, start, length);
        }
    }

    /** F_GETLK: the type of a lock that is in the way, F_UNLCK if none is. */
    long getlk(long fd, int type, long start, long length) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment flock = Flock.of(a, type, start, length);
            long result = Libc.fcntl((int) fd, F_GETLK, flock);
            return log(
                    result < 0 ? result : Flock.type(flock),
                    "fcntl(%d, F_GETLK, type %d, %d, %d)",
                    fd,
                    type,
                    start,
                    length);
        }
    }

    long mkdir(String name, int... mode) {
        try (Arena a = Arena.ofConfined()) {
            int m = mode.length == 0 ? 0755 : mode[0];
            return log(FileCalls.mkdirat(directory, c(a, name), m), "mkdir(%s, 0%o)", show(name), m);
        }
    }

    long mknod(String name, int mode, long device) {
        try (Arena a = Arena.ofConfined()) {
            long result = FileCalls.mknodat(directory, c(a, name), mode, device);
            return log(result, "mknod(%s, 0%o, 0x%x)", show(name), mode, device);
        }
    }

    long unlink(String name) {
        try (Arena a = Arena.ofConfined()) {
            return log(FileCalls.unlinkat(directory, c(a, name), 0), "unlink(%s)", show(name));
        }
    }

    long rmdir(String name) {
        try (Arena a = Arena.ofConfined()) {
            return log(FileCalls.unlinkat(directory, c(a, name), FileCalls.AT_REMOVEDIR), "rmdir(%s)", show(name));
        }
    }

    long rename(String from, String to, int... flags) {
        try (Arena a = Arena.ofConfined()) {
            int f = flags.length == 0 ? 0 : flags[0];
            long result = FileCalls.renameat2(directory, c(a, from), directory, c(a, to), f);
            return log(result, "rename(%s, %s, %d)", show(from), show(to), f);
        }
    }

    long link(String from, String to, int... flags) {
        try (Arena a = Arena.ofConfined()) {
            int f = flags.length == 0 ? 0 : flags[0];
            long result = FileCalls.linkat(directory, c(a, from), directory, c(a, to), f);
            return log(result, "link(%s, %s, 0x%x)", show(from), show(to), f);
        }
    }

    long symlink(String target, String name) {
        try (Arena a = Arena.ofConfined()) {
            return log(
                    FileCalls.symlinkat(c(a, target), directory, c(a, name)),
                    "symlink(%s, %s)",
                    show(target),
                    show(name));
        }
    }

    /** readlink(2) into a buffer of {@code length} bytes: how many were filled. */
    long readlink(String name, int length) {
        try (Arena a = Arena.ofConfined()) {
            long n = FileCalls.readlinkat(directory, c(a, name), a.allocate(length + 1L), 0, length);
            return log(n, "readlink(%s, %d)", show(name), length);
        }
    }

    long access(String name, int mode, int... flags) {
        try (Arena a = Arena.ofConfined()) {
            int f = flags.length == 0 ? 0 : flags[0];
            return log(FileCalls.faccessat(directory, c(a, name), mode, f), "access(%s, %d)", show(name), mode);
        }
    }

    long chmod(String name, int mode) {
        try (Arena a = Arena.ofConfined()) {
            return log(FileCalls.fchmodat(directory, c(a, name), mode, 0), "chmod(%s, 0%o)", show(name), mode);
        }
    }

    long fchmod(long fd, int mode) {
        return log(FileCalls.fchmod((int) fd, mode), "fchmod(%d, 0%o)", fd, mode);
    }

    long chown(String name, int uid, int gid, int... flags) {
        try (Arena a = Arena.ofConfined()) {
            int f = flags.length == 0 ? 0 : flags[0];
            long result = FileCalls.fchownat(directory, c(a, name), uid, gid, f);
            return log(result, "chown(%s, %d, %d, 0x%x)", show(name), uid, gid, f);
        }
    }

    /** utimensat(2) with nanoseconds since 1970, or {@link Scene#NOW} and {@link Scene#OMIT}. */
    long utimens(String name, long atime, long mtime, int... flags) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment times = a.allocate(32, 8);
            timespec(times, 0, atime);
            timespec(times, 16, mtime);
            int f = flags.length == 0 ? 0 : flags[0];
            long result = FileCalls.utimensat(directory, c(a, name), times, f);
            return log(result, "utimensat(%s, %d, %d, 0x%x)", show(name), atime, mtime, f);
        }
    }

    /** utimensat(2) without times: both now. */
    long utimensNull(String name) {
        try (Arena a = Arena.ofConfined()) {
            return log(
                    FileCalls.utimensat(directory, c(a, name), MemorySegment.NULL, 0),
                    "utimensat(%s, NULL)",
                    show(name));
        }
    }

    long setxattr(String name, String key, String value, int... flags) {
        try (Arena a = Arena.ofConfined()) {
            int f = flags.length == 0 ? 0 : flags[0];
            long result =
                    FileCalls.lsetxattr(c(a, byDescriptor(name)), c(a, key), bytes(a, value), 0, value.length(), f);
            return log(result, "setxattr(%s, %s, %s, %d)", show(name), show(key), show(value), f);
        }
    }

    /** getxattr(2) into a buffer of {@code length} bytes. */
    long getxattr(String name, String key, int length) {
        try (Arena a = Arena.ofConfined()) {
            long n = FileCalls.lgetxattr(c(a, byDescriptor(name)), c(a, key), a.allocate(length + 1L), 0, length);
            return log(n, "getxattr(%s, %s, %d)", show(name), show(key), length);
        }
    }

    long listxattr(String name, int length) {
        try (Arena a = Arena.ofConfined()) {
            long n = FileCalls.llistxattr(c(a, byDescriptor(name)), a.allocate(length + 1L), 0, length);
            return log(n, "listxattr(%s, %d)", show(name), length);
        }
    }

    long removexattr(String name, String key) {
        try (Arena a = Arena.ofConfined()) {
            return log(
                    FileCalls.lremovexattr(c(a, byDescriptor(name)), c(a, key)),
                    "removexattr(%s, %s)",
                    show(name),
                    show(key));
        }
    }

    /** stat(2), or lstat(2) with AT_SYMLINK_NOFOLLOW: 0 or minus the errno, the answer in {@code out}. */
    long statx(String name, int flags, MemorySegment out) {
        try (Arena a = Arena.ofConfined()) {
            int mask = FileCalls.STATX_BASIC | FileCalls.STATX_BTIME;
            long result = FileCalls.statx(directory, c(a, name), flags, mask, out);
            return log(result, "statx(%s, 0x%x)", show(name), flags);
        }
    }

    /** stat(2) whose answer is thrown away. */
    long stat(String name) {
        try (Arena a = Arena.ofConfined()) {
            return statx(name, 0, a.allocate(FileCalls.STATX_SIZE, 8));
        }
    }

    long lstat(String name) {
        try (Arena a = Arena.ofConfined()) {
            return statx(name, FileCalls.AT_SYMLINK_NOFOLLOW, a.allocate(FileCalls.STATX_SIZE, 8));
        }
    }

    /** One getdents64(2); empty at the end. */
    List<Dirent> getdents(long fd) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment buffer = a.allocate(DIRENTS_BYTES, 8);
            long n = log(Libc.lseek((int) fd, 0, Libc.SEEK_CUR), "telldir(%d)", fd);
            n = n < 0 ? n : log(FileCalls.getdents64((int) fd, buffer, 0, DIRENTS_BYTES), "getdents64(%d)", fd);
            if (n < 0) {
                throw new Broken("getdents64: " + Errno.ofResult(n));
            }
            return Dirent.parse(buffer, n);
        }
    }

    /** One getdents64(2) into a buffer of {@code length} bytes, whose entries are thrown away. */
    long getdentsResult(long fd, int length) {
        try (Arena a = Arena.ofConfined()) {
            return log(FileCalls.getdents64((int) fd, a.allocate(length, 8), 0, length), "getdents64(%d)", fd);
        }
    }

    /** A path that the calls without a directory argument resolve to {@code name} in this directory. */
    final String byDescriptor(String name) {
        return name.isEmpty() || name.startsWith("/") ? name : "/proc/self/fd/" + directory + "/" + name;
    }

    /** The line and its result go into the trace. */
    @SuppressWarnings("AnnotateFormatMethod")
    final long log(long result, String format, Object... values) {
        if (trace.size() == TRACE_MAX) {
            trace.removeFirst();
        }
        String said = result < 0 ? Errno.ofResult(result).name() : Long.toString(result);
        trace.add(String.format(format, values) + " = " + said);
        return result;
    }

    static MemorySegment c(Arena arena, String name) {
        return Libc.cString(arena, name.getBytes(StandardCharsets.ISO_8859_1));
    }

    static MemorySegment bytes(Arena arena, String data) {
        return Libc.cString(arena, data.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A string for people: long ones cut, unprintable bytes escaped. */
    static String show(String name) {
        StringBuilder s = new StringBuilder("\"");
        String head = name.length() > 40 ? name.substring(0, 40) : name;
        for (int i = 0; i < head.length(); i++) {
            char c = head.charAt(i);
            s.append(c < 32 || c > 126 ? String.format("\\x%02x", (int) c) : String.valueOf(c));
        }
        s.append('"');
        return name.length() > 40 ? s + "…[" + name.length() + "]" : s.toString();
    }

    private static void timespec(MemorySegment times, long at, long nanos) {
        if (nanos == Scene.NOW || nanos == Scene.OMIT) {
            times.set(ValueLayout.JAVA_LONG, at + 8, nanos == Scene.NOW ? FileCalls.UTIME_NOW : FileCalls.UTIME_OMIT);
            return;
        }
        times.set(ValueLayout.JAVA_LONG, at, Math.floorDiv(nanos, SECOND));
        times.set(ValueLayout.JAVA_LONG, at + 8, Math.floorMod(nanos, SECOND));
    }
}
