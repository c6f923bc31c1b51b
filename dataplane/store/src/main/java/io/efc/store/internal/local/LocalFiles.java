package io.efc.store.internal.local;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.efc.base.Check;
import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.ThreadCalls;
import io.efc.store.Access;
import io.efc.store.Durability;
import io.efc.store.FileHandle;
import io.efc.store.FileLock;
import io.efc.store.FileType;
import io.efc.store.OpenFile;
import io.efc.store.Opened;
import io.efc.store.ReadResult;
import io.efc.store.StoreAttr;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import io.efc.store.WriteResult;
import io.efc.store.internal.Names;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The open files of a local tree: opening and making them, their data and locks. What the methods do stands in {@link io.efc.store.UnderStore}. */
final class LocalFiles {
    private static final int MODE_BITS = 07777;

    /** Tries of an open that loses against creators and removers of the same name. */
    private static final int CREATE_TRIES = 100;

    private final String location;
    private final Handles handles;
    private final Locks locks = new Locks();
    private final Set<LocalOpenFile> openFiles = ConcurrentHashMap.newKeySet();

    LocalFiles(String location, Handles handles) {
        this.location = location;
        this.handles = handles;
    }

    Opened open(Credentials caller, FileHandle file, Access access, boolean truncate) {
        Scratch s = Scratch.get();
        int fd = handles.open(s, file);
        try {
            return opened(s, reopen(s, caller, fd, access, truncate), access, false);
        } finally {
            Libc.close(fd);
        }
    }

    /** Opens the data of the file that {@code pathFd} stands for and {@code s.statx} describes. */
    private int reopen(Scratch s, Credentials caller, int pathFd, Access access, boolean truncate) {
        switch (FileType.ofMode(s.mode())) {
            case REGULAR -> {}
            case DIRECTORY -> throw new StoreException(Errno.EISDIR, "open");
            case SYMLINK -> throw new StoreException(Errno.ELOOP, "open");
            default -> throw new StoreException(Errno.EINVAL, "open of what is no regular file");
        }
        int flags = flags(access, truncate);
        return check(Rights.as(caller, () -> Libc.open(s.fdPath(pathFd), flags, 0)), "open");
    }

    private static int flags(Access access, boolean truncate) {
        int mode = switch (access) {
            case READ -> Libc.O_RDONLY;
            case WRITE -> Libc.O_WRONLY;
            case READ_WRITE -> Libc.O_RDWR;
        };
        return mode | Libc.O_CLOEXEC | (truncate ? Libc.O_TRUNC : 0);
    }

    private Opened opened(Scratch s, int fd, Access access, boolean created) {
        try {
            FileHandle handle = handles.of(s, fd);
            LocalOpenFile file = new LocalOpenFile(handle, access, fd);
            openFiles.add(file);
            locks.opened(handle);
            return new Opened(file, new StoreEntry(handle, s.attr()), created, null);
        } catch (StoreException e) {
            Libc.close(fd);
            throw e;
        }
    }

    Opened create(
            Credentials caller,
            FileHandle directory,
            byte[] name,
            int mode,
            Access access,
            boolean exclusive,
            boolean truncate) {
        Names.check(name);
        Scratch s = Scratch.get();
        int dirFd = handles.open(s, directory);
        try {
            int flags = flags(access, false) | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW;
            for (int i = 0; ; i++) {
                long fd = Rights.creating(caller, () -> Libc.openat(dirFd, s.name(name), flags, mode & MODE_BITS));
                if (fd != -Errno.EEXIST.code() || exclusive) {
                    return opened(s, check(fd, "create", name), access, true);
                }
                int known = (int) Rights.as(caller, () -> Libc.openat(dirFd, s.name(name), LocalStore.O_NAME, 0));
                if (known == -Errno.ENOENT.code() && i < CREATE_TRIES) {
                    continue;
                }
                check(known, "create", name);
                try {
                    check(s.stat(known), "statx");
                    return opened(s, reopen(s, caller, known, access, truncate), access, false);
                } finally {
                    Libc.close(known);
                }
            }
        } finally {
            Libc.close(dirFd);
        }
    }

    Opened createUnnamed(Credentials caller, FileHandle directory, int mode, Access access) {
        Scratch s = Scratch.get();
        int dirFd = handles.open(s, directory);
        try {
            int flags = flags(access, false) | Libc.O_TMPFILE;
            MemorySegment here = s.name(new byte[] {'.'});
            int fd = check(
                    Rights.creating(caller, () -> Libc.openat(dirFd, here, flags, mode & MODE_BITS)), "O_TMPFILE");
            return opened(s, fd, access, true);
        } finally {
            Libc.close(dirFd);
        }
    }

    void close(OpenFile file) {
        LocalOpenFile local = file(file);
        if (openFiles.remove(local)) {
            local.close();
            locks.closed(local.handle());
        }
    }

    ReadResult read(OpenFile file, long position, MemorySegment to, long toOffset, int length) {
        LocalOpenFile local = file(file);
        int fd = local.acquire();
        try {
            return read(fd, position, to, toOffset, length);
        } finally {
            local.release();
        }
    }

    ReadResult read(Credentials caller, FileHandle file, long position, MemorySegment to, long toOffset, int length) {
        Scratch s = Scratch.get();
        int pathFd = handles.open(s, file);
        try {
            int fd = reopen(s, caller, pathFd, Access.READ, false);
            try {
                return read(fd, position, to, toOffset, length);
            } finally {
                Libc.close(fd);
            }
        } finally {
            Libc.close(pathFd);
        }
    }

    private ReadResult read(int fd, long position, MemorySegment to, long toOffset, int length) {
        Check.range(toOffset, length, to.byteSize());
        int done = 0;
        while (done < length) {
            long n = Libc.pread(fd, to, toOffset + done, length - done, position + done);
            if (n == 0) {
                break;
            }
            if (n != -Errno.EINTR.code()) {
                done += check(n, "read");
            }
        }
        Scratch s = Scratch.get();
        StoreAttr attr = attr(s, fd);
        return new ReadResult(done, done < length || position + done >= attr.size(), attr);
    }

    WriteResult write(
            Credentials caller,
            OpenFile file,
            long position,
            MemorySegment from,
            long fromOffset,
            int length,
            Durability durability) {
        Check.range(fromOffset, length, from.byteSize());
        LocalOpenFile local = file(file);
        int fd = local.acquire();
        try {
            int done = 0;
            Rights.assume(caller); // The kernel takes set-user-ID bits away from files that others write.
            try {
                while (done < length) {
                    long n = Libc.pwrite(fd, from, fromOffset + done, length - done, position + done);
                    if (n != -Errno.EINTR.code()) {
                        done += check(n, "write");
                    }
                }
            } finally {
                ThreadCalls.resume(caller);
            }
            boolean stable = durability == Durability.FILE_SYNC;
            if (stable) {
                check(Libc.fdatasync(fd), "fdatasync");
            }
            return new WriteResult(done, stable, attr(Scratch.get(), fd));
        } finally {
            local.release();
        }
    }

    StoreAttr commit(OpenFile file) {
        LocalOpenFile local = file(file);
        int fd = local.acquire();
        try {
            check(Libc.fsync(fd), "fsync");
            return attr(Scratch.get(), fd);
        } finally {
            local.release();
        }
    }

    @Nullable
    FileLock testLock(OpenFile file, FileLock lock) {
        LocalOpenFile local = file(file);
        int fd = local.acquire();
        try {
            return locks.test(local.handle(), fd, lock);
        } finally {
            local.release();
        }
    }

    void lock(OpenFile file, FileLock lock, boolean wait) {
        LocalOpenFile local = file(file);
        boolean allowed =
                lock.exclusive() ? local.access().writes() : local.access().reads();
        if (!allowed) {
            throw new StoreException(Errno.EBADF, "a lock that the file is not open for");
        }
        int fd = local.acquire();
        try {
            locks.lock(local.handle(), fd, lock, wait);
        } finally {
            local.release();
        }
    }

    void unlock(OpenFile file, FileLock lock) {
        locks.unlock(file.handle(), lock);
    }

    long seek(OpenFile file, long position, int whence) {
        if (whence != Libc.SEEK_DATA && whence != Libc.SEEK_HOLE) {
            throw new StoreException(Errno.EINVAL, "seek with whence " + whence);
        }
        LocalOpenFile local = file(file);
        int fd = local.acquire();
        try {
            long found = Libc.lseek(fd, position, whence);
            if (found < 0) {
                throw new StoreException(Errno.ofResult(found), "seek");
            }
            return found;
        } finally {
            local.release();
        }
    }

    void allocate(Credentials caller, OpenFile file, long position, long length, int mode) {
        LocalOpenFile local = file(file);
        int fd = local.acquire();
        try {
            check(Rights.as(caller, () -> Libc.fallocate(fd, mode, position, length)), "fallocate");
        } finally {
            local.release();
        }
    }

    long copy(Credentials caller, OpenFile from, long fromPosition, OpenFile to, long toPosition, long length) {
        LocalOpenFile source = file(from);
        LocalOpenFile target = file(to);
        int in = source.acquire();
        try (Arena arena = Arena.ofConfined()) {
            int out = target.acquire();
            try {
                MemorySegment positions = arena.allocateFrom(JAVA_LONG, fromPosition, toPosition);
                long n = Rights.as(
                        caller, () -> Libc.copyFileRange(in, positions, out, positions.asSlice(8), length, 0));
                if (n < 0) {
                    throw new StoreException(Errno.ofResult(n), "copy_file_range");
                }
                return n;
            } finally {
                target.release();
            }
        } finally {
            source.release();
        }
    }

    /** ftruncate(2) of a file open for writing: whoever opened it had the right. */
    void truncate(Credentials caller, OpenFile open, long size) {
        LocalOpenFile file = file(open);
        int fd = file.acquire();
        try {
            check(Rights.as(caller, () -> Libc.ftruncate(fd, size)), "ftruncate");
        } finally {
            file.release();
        }
    }

    void closeAll() {
        openFiles.forEach(this::close);
        locks.closeAll();
    }

    private StoreAttr attr(Scratch s, int fd) {
        check(s.stat(fd), "statx");
        return s.attr();
    }

    private static LocalOpenFile file(OpenFile file) {
        if (file instanceof LocalOpenFile local) {
            return local;
        }
        throw new IllegalArgumentException("an open file of another store: " + file);
    }

    private int check(long result, String what) {
        if (result < 0) {
            throw new StoreException(Errno.ofResult(result), location + ": " + what);
        }
        return (int) result;
    }

    private int check(long result, String what, byte[] name) {
        if (result < 0) {
            throw new StoreException(Errno.ofResult(result), location + ": " + what + " '" + Names.text(name) + "'");
        }
        return (int) result;
    }
}
