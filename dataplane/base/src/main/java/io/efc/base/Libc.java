package io.efc.base;

import io.efc.base.internal.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Descriptors and memory: open(2), read(2), mmap(2) and what belongs to them.
 *
 * <p>Every method returns what libc returned, or <em>minus the errno</em>: {@link Errno#ofResult} names it. Nothing throws for
 * an error of the operating system, nothing allocates. Calls may block, and then pin a virtual thread: make those from a platform
 * thread. {@link Thread#interrupt} does not end them. Segments must be native and must stay alive during the call.
 */
public final class Libc {
    /** Open for reading. */
    public static final int O_RDONLY = 0;

    /** Open for writing. */
    public static final int O_WRONLY = 1;

    /** Open for both. */
    public static final int O_RDWR = 2;

    /** Mask of the access mode. */
    public static final int O_ACCMODE = 3;

    /** Create if absent. */
    public static final int O_CREAT = 0x40;

    /** With O_CREAT: fail if present. */
    public static final int O_EXCL = 0x80;

    /** Cut to length 0. */
    public static final int O_TRUNC = 0x200;

    /** Every write goes to the end. */
    public static final int O_APPEND = 0x400;

    /** Do not wait. */
    public static final int O_NONBLOCK = 0x800;

    /** Bypass the page cache (x86-64). */
    public static final int O_DIRECT = 0x4000;

    /** Only a directory (x86-64). */
    public static final int O_DIRECTORY = 0x10000;

    /** Not through a symbolic link (x86-64). */
    public static final int O_NOFOLLOW = 0x20000;

    /** Close at exec. */
    public static final int O_CLOEXEC = 0x80000;

    /** Only a place in the tree, not its data. */
    public static final int O_PATH = 0x200000;

    /** A file without a name (x86-64). */
    public static final int O_TMPFILE = 0x410000;

    /** Relative to the working directory. */
    public static final int AT_FDCWD = -100;

    /** lseek: from the start. */
    public static final int SEEK_SET = 0;

    /** lseek: from the position. */
    public static final int SEEK_CUR = 1;

    /** lseek: from the end. */
    public static final int SEEK_END = 2;

    /** lseek: next data. */
    public static final int SEEK_DATA = 3;

    /** lseek: next hole. */
    public static final int SEEK_HOLE = 4;

    /** mmap: readable. */
    public static final int PROT_READ = 1;

    /** mmap: writable. */
    public static final int PROT_WRITE = 2;

    /** mmap: changes reach the file. */
    public static final int MAP_SHARED = 1;

    /** mmap: copy on write. */
    public static final int MAP_PRIVATE = 2;

    /** mmap: no file. */
    public static final int MAP_ANONYMOUS = 0x20;

    /** mmap: no swap reserved. */
    public static final int MAP_NORESERVE = 0x4000;

    /** fallocate: size stays. */
    public static final int FALLOC_FL_KEEP_SIZE = 1;

    /** fallocate: give the range back. */
    public static final int FALLOC_FL_PUNCH_HOLE = 2;

    /** fallocate: zeroes. */
    public static final int FALLOC_FL_ZERO_RANGE = 0x10;

    /** fcntl: get the status flags. */
    public static final int F_GETFL = 3;

    /** fcntl: set the status flags. */
    public static final int F_SETFL = 4;

    /** fcntl: set the descriptor flags. */
    public static final int F_SETFD = 2;

    /** Descriptor flag: close at exec. */
    public static final int FD_CLOEXEC = 1;

    /** memfd: close at exec. */
    public static final int MFD_CLOEXEC = 1;

    /** poll: readable. */
    public static final int POLLIN = 1;

    /** poll: writable. */
    public static final int POLLOUT = 4;

    /** poll: error. */
    public static final int POLLERR = 8;

    /** poll: other side is gone. */
    public static final int POLLHUP = 0x10;

    /** The most parts of one readv or writev. */
    public static final int IOV_MAX = 1024;

    private static final MethodHandle OPEN = Native.libc("open", "il.ii");
    private static final MethodHandle OPENAT = Native.libc("openat", "iil.ii");
    private static final MethodHandle CLOSE = Native.libc("close", "ii");
    private static final MethodHandle DUP = Native.libc("dup", "ii");
    private static final MethodHandle FCNTL = Native.libc("fcntl", "iii.i");
    private static final MethodHandle FCNTL_POINTER = Native.libc("fcntl", "iii.l");
    private static final MethodHandle IOCTL = Native.libc("ioctl", "iil.l");
    private static final MethodHandle READ = Native.libc("read", "lill");
    private static final MethodHandle PREAD = Native.libc("pread", "lilll");
    private static final MethodHandle WRITE = Native.libc("write", "lill");
    private static final MethodHandle PWRITE = Native.libc("pwrite", "lilll");
    private static final MethodHandle READV = Native.libc("readv", "lili");
    private static final MethodHandle WRITEV = Native.libc("writev", "lili");
    private static final MethodHandle LSEEK = Native.libc("lseek", "lili");
    private static final MethodHandle FSYNC = Native.libc("fsync", "ii");
    private static final MethodHandle FDATASYNC = Native.libc("fdatasync", "ii");
    private static final MethodHandle SYNCFS = Native.libc("syncfs", "ii");
    private static final MethodHandle TRUNCATE = Native.libc("truncate", "ill");
    private static final MethodHandle FTRUNCATE = Native.libc("ftruncate", "iil");
    private static final MethodHandle FALLOCATE = Native.libc("fallocate", "iiill");
    private static final MethodHandle FLOCK = Native.libc("flock", "iii");
    private static final MethodHandle COPY_FILE_RANGE = Native.libc("copy_file_range", "lililli");
    private static final MethodHandle SENDFILE = Native.libc("sendfile", "liill");
    private static final MethodHandle SPLICE = Native.libc("splice", "lililli");
    private static final MethodHandle PIPE2 = Native.libc("pipe2", "ili");
    private static final MethodHandle EVENTFD = Native.libc("eventfd", "iii");
    private static final MethodHandle POLL = Native.libc("poll", "illi");
    private static final MethodHandle MEMFD_CREATE = Native.libc("memfd_create", "ili");
    private static final MethodHandle MUNMAP = Native.libc("munmap", "ill");
    private static final MethodHandle MSYNC = Native.libc("msync", "illi");
    private static final MethodHandle MADVISE = Native.libc("madvise", "illi");
    private static final MethodHandle MMAP_ADDRESS = Native.libc("mmap", "llliiil");
    private static final MethodHandle MOUNT = Native.libc("mount", "illlll");
    private static final MethodHandle UMOUNT2 = Native.libc("umount2", "ili");
    private static final MethodHandle CHMOD = Native.libc("chmod", "ili");
    private static final MethodHandle MKNOD = Native.libc("mknod", "ilil");
    private static final MethodHandle GETTID = Native.libc("gettid", "i");
    private static final MethodHandle UMASK = Native.libc("umask", "ii");

    private Libc() {}

    /** open(2): a descriptor. Always add {@link #O_CLOEXEC}. */
    public static int open(MemorySegment path, int flags, int mode) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) OPEN.invokeExact(errno, address(path), flags, mode), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** openat(2): a descriptor. */
    public static int openat(int dirFd, MemorySegment path, int flags, int mode) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) OPENAT.invokeExact(errno, dirFd, address(path), flags, mode), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** close(2). The descriptor is gone whatever is returned. */
    public static int close(int fd) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) CLOSE.invokeExact(errno, fd), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** dup(2): another descriptor of the same open file, not closed at exec. */
    public static int dup(int fd) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) DUP.invokeExact(errno, fd), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fcntl(2) for commands with an int argument. */
    public static int fcntl(int fd, int command, int argument) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FCNTL.invokeExact(errno, fd, command, argument), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fcntl(2) for commands with a pointer argument, as F_SETLK has. */
    public static int fcntl(int fd, int command, MemorySegment argument) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FCNTL_POINTER.invokeExact(errno, fd, command, address(argument)), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** ioctl(2); {@code argument} is a number or an address, as the request defines. */
    public static int ioctl(int fd, long request, long argument) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) IOCTL.invokeExact(errno, fd, request, argument), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** read(2): bytes read, 0 at the end. */
    public static long read(int fd, MemorySegment to, long offset, long length) {
        Check.range(offset, length, to.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) READ.invokeExact(errno, fd, to.address() + offset, length), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** pread(2): bytes read, 0 at the end. */
    public static long pread(int fd, MemorySegment to, long offset, long length, long position) {
        Check.range(offset, length, to.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) PREAD.invokeExact(errno, fd, to.address() + offset, length, position), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** write(2): bytes written, which may be fewer. */
    public static long write(int fd, MemorySegment from, long offset, long length) {
        Check.range(offset, length, from.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) WRITE.invokeExact(errno, fd, from.address() + offset, length), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** pwrite(2): bytes written, which may be fewer. */
    public static long pwrite(int fd, MemorySegment from, long offset, long length, long position) {
        Check.range(offset, length, from.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome(
                    (long) PWRITE.invokeExact(errno, fd, from.address() + offset, length, position), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** readv(2) into {@code count} struct iovec (address, length: two longs each). */
    public static long readv(int fd, MemorySegment iovec, int count) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) READV.invokeExact(errno, fd, address(iovec), count), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** writev(2) of {@code count} struct iovec (address, length: two longs each). */
    public static long writev(int fd, MemorySegment iovec, int count) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) WRITEV.invokeExact(errno, fd, address(iovec), count), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** lseek(2): the new position. */
    public static long lseek(int fd, long offset, int whence) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) LSEEK.invokeExact(errno, fd, offset, whence), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fsync(2). */
    public static int fsync(int fd) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FSYNC.invokeExact(errno, fd), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fdatasync(2). */
    public static int fdatasync(int fd) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FDATASYNC.invokeExact(errno, fd), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** syncfs(2). */
    public static int syncfs(int fd) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) SYNCFS.invokeExact(errno, fd), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** truncate(2). */
    public static int truncate(MemorySegment path, long size) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) TRUNCATE.invokeExact(errno, address(path), size), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** ftruncate(2). */
    public static int ftruncate(int fd, long size) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FTRUNCATE.invokeExact(errno, fd, size), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fallocate(2). */
    public static int fallocate(int fd, int mode, long position, long size) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FALLOCATE.invokeExact(errno, fd, mode, position, size), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** flock(2); waits unless LOCK_NB (4) is set. */
    public static int flock(int fd, int operation) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FLOCK.invokeExact(errno, fd, operation), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** copy_file_range(2); positions are pointers to a long. */
    public static long copyFileRange(
            int fdIn, MemorySegment positionIn, int fdOut, MemorySegment positionOut, long size, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome(
                    (long) COPY_FILE_RANGE.invokeExact(
                            errno, fdIn, address(positionIn), fdOut, address(positionOut), size, flags),
                    errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** sendfile(2); {@code position} points to a long, which is moved on. */
    public static long sendfile(int outFd, int inFd, MemorySegment position, long size) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) SENDFILE.invokeExact(errno, outFd, inFd, address(position), size), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** splice(2); positions are pointers to a long or {@link MemorySegment#NULL}. */
    public static long splice(
            int fdIn, MemorySegment positionIn, int fdOut, MemorySegment positionOut, long size, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome(
                    (long) SPLICE.invokeExact(
                            errno, fdIn, address(positionIn), fdOut, address(positionOut), size, flags),
                    errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** pipe2(2). */
    public static int pipe2(MemorySegment twoInts, int flags) {
        Check.range(0, 8, twoInts.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) PIPE2.invokeExact(errno, address(twoInts), flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** eventfd(2). */
    public static int eventfd(int value, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) EVENTFD.invokeExact(errno, value, flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** poll(2) over struct pollfd (int fd, short events, short revents); -1 waits for ever. */
    public static int poll(MemorySegment pollfds, long count, int timeoutMillis) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) POLL.invokeExact(errno, address(pollfds), count, timeoutMillis), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** memfd_create(2). */
    public static int memfdCreate(MemorySegment name, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) MEMFD_CREATE.invokeExact(errno, address(name), flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** munmap(2) of what {@link #mmap} mapped; nobody may hold a segment over it any more. */
    public static int munmap(long address, long size) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) MUNMAP.invokeExact(errno, address, size), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** msync(2). */
    public static int msync(long address, long size, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) MSYNC.invokeExact(errno, address, size, flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** madvise(2). */
    public static int madvise(long address, long size, int advice) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) MADVISE.invokeExact(errno, address, size, advice), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** mmap(2) as an address; {@link #mmap} gives a segment. */
    public static long mmapAddress(long hint, long size, int protection, int flags, int fd, long position) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome(
                    (long) MMAP_ADDRESS.invokeExact(errno, hint, size, protection, flags, fd, position), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** mount(2). */
    public static int mount(
            MemorySegment source, MemorySegment target, MemorySegment type, long flags, MemorySegment data) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome(
                    (int) MOUNT.invokeExact(
                            errno, address(source), address(target), address(type), flags, address(data)),
                    errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** umount2(2); MNT_FORCE 1, MNT_DETACH 2. */
    public static int umount2(MemorySegment target, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) UMOUNT2.invokeExact(errno, address(target), flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** chmod(2). */
    public static int chmod(MemorySegment path, int mode) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) CHMOD.invokeExact(errno, address(path), mode), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** mknod(2). */
    public static int mknod(MemorySegment path, int mode, long device) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) MKNOD.invokeExact(errno, address(path), mode, device), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** gettid(2). */
    public static int gettid() {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) GETTID.invokeExact(errno), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** umask(2) of the process: the old mask. */
    public static int umask(int mask) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) UMASK.invokeExact(errno, mask), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /**
     * mmap(2): a segment over the mapping, which lives until {@link #munmap} of its address and size.
     *
     * @return the segment; {@link MemorySegment#NULL} if the kernel refused, with the reason in {@code errno[0]} as a positive number
     */
    public static MemorySegment mmap(long size, int protection, int flags, int fd, long position, int[] errno) {
        long address = mmapAddress(0, size, protection, flags, fd, position);
        if (address < 0 && address > -4096) {
            errno[0] = (int) -address;
            return MemorySegment.NULL;
        }
        return MemorySegment.ofAddress(address).reinterpret(size);
    }

    /** {@code text} as a NUL-terminated string of {@code arena}; the text must not contain NUL. */
    public static MemorySegment cString(Arena arena, byte[] text) {
        MemorySegment s = arena.allocate(text.length + 1L);
        MemorySegment.copy(text, 0, s, ValueLayout.JAVA_BYTE, 0, text.length);
        return s;
    }

    /** {@code text} in UTF-8 as a NUL-terminated string of {@code arena}. */
    public static MemorySegment cString(Arena arena, String text) {
        return arena.allocateFrom(text);
    }

    private static long address(MemorySegment segment) {
        Check.argument(segment.isNative(), "a heap segment cannot be handed to libc");
        return segment.address();
    }
}
