package io.efc.base;

import io.efc.base.internal.Native;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Names and attributes: statx(2), renameat2(2), extended attributes, file handles and what belongs to them.
 *
 * <p>Every method returns what libc returned, or <em>minus the errno</em>: {@link Errno#ofResult} names it. Nothing throws for
 * an error of the operating system, nothing allocates. Calls may block, and then pin a virtual thread: make those from a platform
 * thread. {@link Thread#interrupt} does not end them. Segments must be native and must stay alive during the call.
 */
public final class FileCalls {
    /** Relative to the working directory. */
    public static final int AT_FDCWD = -100;

    /** The link itself. */
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;

    /** unlinkat: a directory. */
    public static final int AT_REMOVEDIR = 0x200;

    /** linkat: follow. */
    public static final int AT_SYMLINK_FOLLOW = 0x400;

    /** An empty path means the descriptor itself. */
    public static final int AT_EMPTY_PATH = 0x1000;

    /** statx: all that stat gives. */
    public static final int STATX_BASIC = 0x7ff;

    /** statx: birth time. */
    public static final int STATX_BTIME = 0x800;

    /** Size of struct statx. */
    public static final int STATX_SIZE = 256;

    /** renameat2: fail if the target exists. */
    public static final int RENAME_NOREPLACE = 1;

    /** renameat2: swap. */
    public static final int RENAME_EXCHANGE = 2;

    /** renameat2: leave a whiteout. */
    public static final int RENAME_WHITEOUT = 4;

    /** setxattr: must be new. */
    public static final int XATTR_CREATE = 1;

    /** setxattr: must exist. */
    public static final int XATTR_REPLACE = 2;

    /** tv_nsec: now. */
    public static final int UTIME_NOW = 0x3fffffff;

    /** tv_nsec: leave. */
    public static final int UTIME_OMIT = 0x3ffffffe;

    private static final MethodHandle STATX = Native.libc("statx", "iiliil");
    private static final MethodHandle MKDIRAT = Native.libc("mkdirat", "iili");
    private static final MethodHandle MKNODAT = Native.libc("mknodat", "iilil");
    private static final MethodHandle UNLINKAT = Native.libc("unlinkat", "iili");
    private static final MethodHandle RENAMEAT2 = Native.libc("renameat2", "iilili");
    private static final MethodHandle LINKAT = Native.libc("linkat", "iilili");
    private static final MethodHandle SYMLINKAT = Native.libc("symlinkat", "ilil");
    private static final MethodHandle READLINKAT = Native.libc("readlinkat", "lilll");
    private static final MethodHandle FACCESSAT = Native.libc("faccessat", "iilii");
    private static final MethodHandle FCHMOD = Native.libc("fchmod", "iii");
    private static final MethodHandle FCHMODAT = Native.libc("fchmodat", "iilii");
    private static final MethodHandle FCHOWNAT = Native.libc("fchownat", "iiliii");
    private static final MethodHandle UTIMENSAT = Native.libc("utimensat", "iilli");
    private static final MethodHandle GETXATTR = Native.libc("getxattr", "lllll");
    private static final MethodHandle SETXATTR = Native.libc("setxattr", "illlli");
    private static final MethodHandle LISTXATTR = Native.libc("listxattr", "llll");
    private static final MethodHandle REMOVEXATTR = Native.libc("removexattr", "ill");
    private static final MethodHandle FGETXATTR = Native.libc("fgetxattr", "lilll");
    private static final MethodHandle FSETXATTR = Native.libc("fsetxattr", "iillli");
    private static final MethodHandle FLISTXATTR = Native.libc("flistxattr", "lill");
    private static final MethodHandle FREMOVEXATTR = Native.libc("fremovexattr", "iil");
    private static final MethodHandle LGETXATTR = Native.libc("lgetxattr", "lllll");
    private static final MethodHandle LSETXATTR = Native.libc("lsetxattr", "illlli");
    private static final MethodHandle LLISTXATTR = Native.libc("llistxattr", "llll");
    private static final MethodHandle LREMOVEXATTR = Native.libc("lremovexattr", "ill");
    private static final MethodHandle NAME_TO_HANDLE_AT = Native.libc("name_to_handle_at", "iillli");
    private static final MethodHandle OPEN_BY_HANDLE_AT = Native.libc("open_by_handle_at", "iili");
    private static final MethodHandle GETDENTS64 = Native.libc("getdents64", "lill");
    private static final MethodHandle FSTATFS = Native.libc("fstatfs", "iil");

    private FileCalls() {}

    /** statx(2) into a struct statx (linux/stat.h). */
    public static int statx(int dirFd, MemorySegment path, int flags, int mask, MemorySegment statx) {
        Check.range(0, 256, statx.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome(
                    (int) STATX.invokeExact(errno, dirFd, address(path), flags, mask, address(statx)), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** mkdirat(2). */
    public static int mkdirat(int dirFd, MemorySegment path, int mode) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) MKDIRAT.invokeExact(errno, dirFd, address(path), mode), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** mknodat(2). */
    public static int mknodat(int dirFd, MemorySegment path, int mode, long device) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) MKNODAT.invokeExact(errno, dirFd, address(path), mode, device), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** unlinkat(2). */
    public static int unlinkat(int dirFd, MemorySegment path, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) UNLINKAT.invokeExact(errno, dirFd, address(path), flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** renameat2(2). */
    public static int renameat2(int oldDirFd, MemorySegment oldPath, int newDirFd, MemorySegment newPath, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome(
                    (int) RENAMEAT2.invokeExact(errno, oldDirFd, address(oldPath), newDirFd, address(newPath), flags),
                    errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** linkat(2). */
    public static int linkat(int oldDirFd, MemorySegment oldPath, int newDirFd, MemorySegment newPath, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome(
                    (int) LINKAT.invokeExact(errno, oldDirFd, address(oldPath), newDirFd, address(newPath), flags),
                    errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** symlinkat(2). */
    public static int symlinkat(MemorySegment target, int dirFd, MemorySegment path) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int)
                    Native.outcome((int) SYMLINKAT.invokeExact(errno, address(target), dirFd, address(path)), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** readlinkat(2): bytes, without a NUL. */
    public static long readlinkat(int dirFd, MemorySegment path, MemorySegment to, long offset, long length) {
        Check.range(offset, length, to.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome(
                    (long) READLINKAT.invokeExact(errno, dirFd, address(path), to.address() + offset, length), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** faccessat(2). */
    public static int faccessat(int dirFd, MemorySegment path, int mode, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FACCESSAT.invokeExact(errno, dirFd, address(path), mode, flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fchmod(2). */
    public static int fchmod(int fd, int mode) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FCHMOD.invokeExact(errno, fd, mode), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fchmodat(2). */
    public static int fchmodat(int dirFd, MemorySegment path, int mode, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FCHMODAT.invokeExact(errno, dirFd, address(path), mode, flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fchownat(2); -1 leaves an id. */
    public static int fchownat(int dirFd, MemorySegment path, int uid, int gid, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int)
                    Native.outcome((int) FCHOWNAT.invokeExact(errno, dirFd, address(path), uid, gid, flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** utimensat(2); two struct timespec: atime, mtime. */
    public static int utimensat(int dirFd, MemorySegment path, MemorySegment timespecs, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome(
                    (int) UTIMENSAT.invokeExact(errno, dirFd, address(path), address(timespecs), flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** getxattr(2): bytes; length 0 asks for the size. */
    public static long getxattr(MemorySegment path, MemorySegment name, MemorySegment to, long offset, long length) {
        Check.range(offset, length, to.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome(
                    (long) GETXATTR.invokeExact(errno, address(path), address(name), to.address() + offset, length),
                    errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** setxattr(2). */
    public static int setxattr(
            MemorySegment path, MemorySegment name, MemorySegment from, long offset, long length, int flags) {
        Check.range(offset, length, from.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome(
                    (int) SETXATTR.invokeExact(
                            errno, address(path), address(name), from.address() + offset, length, flags),
                    errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** listxattr(2): bytes of NUL-terminated names. */
    public static long listxattr(MemorySegment path, MemorySegment to, long offset, long length) {
        Check.range(offset, length, to.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome(
                    (long) LISTXATTR.invokeExact(errno, address(path), to.address() + offset, length), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** removexattr(2). */
    public static int removexattr(MemorySegment path, MemorySegment name) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) REMOVEXATTR.invokeExact(errno, address(path), address(name)), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fgetxattr(2). */
    public static long fgetxattr(int fd, MemorySegment name, MemorySegment to, long offset, long length) {
        Check.range(offset, length, to.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome(
                    (long) FGETXATTR.invokeExact(errno, fd, address(name), to.address() + offset, length), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fsetxattr(2). */
    public static int fsetxattr(int fd, MemorySegment name, MemorySegment from, long offset, long length, int flags) {
        Check.range(offset, length, from.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome(
                    (int) FSETXATTR.invokeExact(errno, fd, address(name), from.address() + offset, length, flags),
                    errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** flistxattr(2). */
    public static long flistxattr(int fd, MemorySegment to, long offset, long length) {
        Check.range(offset, length, to.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) FLISTXATTR.invokeExact(errno, fd, to.address() + offset, length), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fremovexattr(2). */
    public static int fremovexattr(int fd, MemorySegment name) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FREMOVEXATTR.invokeExact(errno, fd, address(name)), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** lgetxattr(2). */
    public static long lgetxattr(MemorySegment path, MemorySegment name, MemorySegment to, long offset, long length) {
        Check.range(offset, length, to.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome(
                    (long) LGETXATTR.invokeExact(errno, address(path), address(name), to.address() + offset, length),
                    errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** lsetxattr(2). */
    public static int lsetxattr(
            MemorySegment path, MemorySegment name, MemorySegment from, long offset, long length, int flags) {
        Check.range(offset, length, from.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome(
                    (int) LSETXATTR.invokeExact(
                            errno, address(path), address(name), from.address() + offset, length, flags),
                    errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** llistxattr(2). */
    public static long llistxattr(MemorySegment path, MemorySegment to, long offset, long length) {
        Check.range(offset, length, to.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome(
                    (long) LLISTXATTR.invokeExact(errno, address(path), to.address() + offset, length), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** lremovexattr(2). */
    public static int lremovexattr(MemorySegment path, MemorySegment name) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) LREMOVEXATTR.invokeExact(errno, address(path), address(name)), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** name_to_handle_at(2) into a struct file_handle. */
    public static int nameToHandleAt(
            int dirFd, MemorySegment path, MemorySegment handle, MemorySegment mountId, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome(
                    (int) NAME_TO_HANDLE_AT.invokeExact(
                            errno, dirFd, address(path), address(handle), address(mountId), flags),
                    errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** open_by_handle_at(2); needs CAP_DAC_READ_SEARCH. */
    public static int openByHandleAt(int mountFd, MemorySegment handle, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int)
                    Native.outcome((int) OPEN_BY_HANDLE_AT.invokeExact(errno, mountFd, address(handle), flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** getdents64(2): bytes of struct linux_dirent64, 0 at the end. */
    public static long getdents64(int fd, MemorySegment to, long offset, long length) {
        Check.range(offset, length, to.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) GETDENTS64.invokeExact(errno, fd, to.address() + offset, length), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** fstatfs(2) into a struct statfs (LP64). */
    public static int fstatfs(int fd, MemorySegment statfs) {
        Check.range(0, 120, statfs.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) FSTATFS.invokeExact(errno, fd, address(statfs)), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    private static long address(MemorySegment segment) {
        Check.argument(segment.isNative(), "a heap segment cannot be handed to libc");
        return segment.address();
    }
}
