package io.efc.store.internal.local;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.efc.base.Check;
import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import io.efc.base.ThreadCalls;
import io.efc.store.Access;
import io.efc.store.DirPage;
import io.efc.store.Durability;
import io.efc.store.FileHandle;
import io.efc.store.FileLock;
import io.efc.store.FileType;
import io.efc.store.Made;
import io.efc.store.OpenFile;
import io.efc.store.Opened;
import io.efc.store.ReadResult;
import io.efc.store.Renamed;
import io.efc.store.SetAttr;
import io.efc.store.StoreAttr;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import io.efc.store.StoreFeature;
import io.efc.store.StoreStatfs;
import io.efc.store.UnderStore;
import io.efc.store.WriteResult;
import io.efc.store.internal.Names;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A tree of this machine, for superusers' processes: every operation opens the file behind a handle (open_by_handle_at(2) needs
 * CAP_DAC_READ_SEARCH) and then acts with the caller's rights, which the kernel checks. Calls block in the kernel; an interrupt ends only
 * the wait for a lock.
 */
public final class LocalStore implements UnderStore {
    /** How a name is looked at: the file itself, whatever it is, without opening its data. */
    static final int O_NAME = Libc.O_PATH | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;

    private static final int TRANSFER_BYTES = 4 << 20;
    private static final int S_IFMT = 0xf000;
    private static final int MODE_BITS = 07777;
    private static final int AT_EACCESS = 0x200;

    private static final Set<StoreFeature> FEATURES = EnumSet.complementOf(EnumSet.of(StoreFeature.EXACT_CHANGE));

    private final String location;
    private final Handles handles;
    private final Directories directories;
    private final LocalFiles files;
    private final StoreEntry root;

    /**
     * Opens the tree under {@code path}.
     *
     * @throws StoreException if it is no directory, cannot be opened, its file system has no file handles, or the process may not use them
     */
    public LocalStore(Path path) {
        this.location = "local://" + path;
        int fd;
        try (Arena arena = Arena.ofConfined()) {
            int flags = Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC;
            fd = check(Libc.open(Libc.cString(arena, path.toString()), flags, 0), "open");
        }
        try {
            this.handles = new Handles(location, fd);
            this.directories = new Directories(handles);
            this.files = new LocalFiles(location, handles);
            Scratch s = Scratch.get();
            FileHandle handle = handles.of(s, fd);
            this.root = new StoreEntry(handle, s.attr());
            Libc.close(handles.open(s, handle));
            int unshared = ThreadCalls.unshareFs();
            check(unshared, "unshare(CLONE_FS), without which modes cannot be set exactly");
        } catch (StoreException e) {
            Libc.close(fd);
            throw e;
        }
    }

    @Override
    public Set<StoreFeature> features() {
        return FEATURES;
    }

    @Override
    public String location() {
        return location;
    }

    @Override
    public int readBytesMax() {
        return TRANSFER_BYTES;
    }

    @Override
    public int writeBytesMax() {
        return TRANSFER_BYTES;
    }

    @Override
    public StoreEntry root() {
        return new StoreEntry(root.handle(), getattr(Credentials.ROOT, root.handle()));
    }

    @Override
    public StoreAttr getattr(Credentials caller, FileHandle file) {
        Scratch s = Scratch.get();
        Libc.close(handles.open(s, file));
        return s.attr();
    }

    @Override
    public StoreAttr setattr(Credentials caller, FileHandle file, @Nullable OpenFile open, SetAttr change) {
        Scratch s = Scratch.get();
        int fd = handles.open(s, file);
        try {
            Long size = change.size();
            if (size != null) {
                truncate(s, caller, fd, open, size);
            }
            if (change.uid() != null || change.gid() != null) {
                int uid = change.uid() == null ? -1 : change.uid();
                int gid = change.gid() == null ? -1 : change.gid();
                check(
                        Rights.as(caller, () -> FileCalls.fchownat(fd, s.empty, uid, gid, FileCalls.AT_EMPTY_PATH)),
                        "chown");
            }
            Integer mode = change.mode();
            if (mode != null) {
                check(
                        Rights.as(caller, () -> FileCalls.fchmodat(Libc.AT_FDCWD, s.fdPath(fd), mode & MODE_BITS, 0)),
                        "chmod");
            }
            if (change.atime() != null || change.mtime() != null) {
                putTime(s.times, 0, change.atime());
                putTime(s.times, 16, change.mtime());
                check(
                        Rights.as(caller, () -> FileCalls.utimensat(fd, s.empty, s.times, FileCalls.AT_EMPTY_PATH)),
                        "utimensat");
            }
            check(s.stat(fd), "statx");
            return s.attr();
        } finally {
            Libc.close(fd);
        }
    }

    private void truncate(Scratch s, Credentials caller, int pathFd, @Nullable OpenFile open, long size) {
        if (open != null && open.access().writes()) {
            files.truncate(caller, open, size);
        } else {
            check(Rights.as(caller, () -> Libc.truncate(s.fdPath(pathFd), size)), "truncate");
        }
    }

    private static void putTime(MemorySegment times, int at, @Nullable Long nanos) {
        long seconds = 0;
        long rest = FileCalls.UTIME_OMIT;
        if (nanos != null && nanos == SetAttr.NOW) {
            rest = FileCalls.UTIME_NOW;
        } else if (nanos != null) {
            seconds = Math.floorDiv(nanos, 1_000_000_000L);
            rest = Math.floorMod(nanos, 1_000_000_000L);
        }
        times.set(JAVA_LONG, at, seconds);
        times.set(JAVA_LONG, at + 8, rest);
    }

    @Override
    public StoreEntry lookup(Credentials caller, FileHandle directory, byte[] name) {
        Names.check(name);
        Scratch s = Scratch.get();
        int dirFd = handles.open(s, directory);
        try {
            return entry(
                    s, check(Rights.as(caller, () -> Libc.openat(dirFd, s.name(name), O_NAME, 0)), "lookup", name));
        } finally {
            Libc.close(dirFd);
        }
    }

    /** What {@code fd} stands for; closes it. */
    private StoreEntry entry(Scratch s, int fd) {
        try {
            FileHandle handle = handles.of(s, fd);
            return new StoreEntry(handle, s.attr());
        } finally {
            Libc.close(fd);
        }
    }

    /** The file that {@code name} was just made for: its maker need not be allowed to search the directory. */
    private StoreEntry made(Scratch s, int dirFd, byte[] name) {
        return entry(s, check(Libc.openat(dirFd, s.name(name), O_NAME, 0), "lookup", name));
    }

    @Override
    public int access(Credentials caller, FileHandle file, int mask) {
        Scratch s = Scratch.get();
        int fd = handles.open(s, file);
        try {
            int granted = 0;
            for (int bit = 1; bit <= 4; bit <<= 1) {
                int wanted = bit & mask;
                if (wanted != 0) {
                    int flags = FileCalls.AT_EMPTY_PATH | AT_EACCESS;
                    long result = Rights.as(caller, () -> FileCalls.faccessat(fd, s.empty, wanted, flags));
                    granted |= result == 0 ? wanted : 0;
                }
            }
            return granted;
        } finally {
            Libc.close(fd);
        }
    }

    @Override
    public byte[] readlink(Credentials caller, FileHandle link) {
        Scratch s = Scratch.get();
        int fd = handles.open(s, link);
        try {
            if (FileType.ofMode(s.mode()) != FileType.SYMLINK) {
                throw new StoreException(Errno.EINVAL, "readlink");
            }
            int length = check(FileCalls.readlinkat(fd, s.empty, s.path, 0, Scratch.PATH_BYTES), "readlink");
            return s.path.asSlice(0, length).toArray(JAVA_BYTE);
        } finally {
            Libc.close(fd);
        }
    }

    @Override
    public Made mkdir(Credentials caller, FileHandle directory, byte[] name, int mode) {
        Names.check(name);
        Scratch s = Scratch.get();
        int dirFd = handles.open(s, directory);
        try {
            check(
                    Rights.creating(caller, () -> FileCalls.mkdirat(dirFd, s.name(name), mode & MODE_BITS)),
                    "mkdir",
                    name);
            return new Made(made(s, dirFd, name), null);
        } finally {
            Libc.close(dirFd);
        }
    }

    @Override
    public Made symlink(Credentials caller, FileHandle directory, byte[] name, byte[] target) {
        Names.check(name);
        Scratch s = Scratch.get();
        int dirFd = handles.open(s, directory);
        try {
            MemorySegment to = s.target(target);
            check(Rights.as(caller, () -> FileCalls.symlinkat(to, dirFd, s.name(name))), "symlink", name);
            return new Made(made(s, dirFd, name), null);
        } finally {
            Libc.close(dirFd);
        }
    }

    @Override
    public Made mknod(Credentials caller, FileHandle directory, byte[] name, int mode, long rdev) {
        Names.check(name);
        Scratch s = Scratch.get();
        int dirFd = handles.open(s, directory);
        try {
            int all = mode & (S_IFMT | MODE_BITS);
            check(Rights.creating(caller, () -> FileCalls.mknodat(dirFd, s.name(name), all, rdev)), "mknod", name);
            return new Made(made(s, dirFd, name), null);
        } finally {
            Libc.close(dirFd);
        }
    }

    @Override
    public Made link(Credentials caller, FileHandle file, FileHandle directory, byte[] name) {
        Names.check(name);
        Scratch s = Scratch.get();
        int fd = handles.open(s, file);
        try {
            int dirFd = handles.open(s, directory);
            try {
                int flags =
                        FileCalls.AT_SYMLINK_FOLLOW; // Of /proc/self/fd/N to the file, which is not followed if it is a
                // link.
                check(
                        Rights.as(
                                caller,
                                () -> FileCalls.linkat(Libc.AT_FDCWD, s.fdPath(fd), dirFd, s.name(name), flags)),
                        "link",
                        name);
                return new Made(new StoreEntry(file, attr(s, fd)), null);
            } finally {
                Libc.close(dirFd);
            }
        } finally {
            Libc.close(fd);
        }
    }

    @Override
    public @Nullable StoreAttr unlink(Credentials caller, FileHandle directory, byte[] name) {
        remove(caller, directory, name, 0, "unlink");
        return null;
    }

    @Override
    public @Nullable StoreAttr rmdir(Credentials caller, FileHandle directory, byte[] name) {
        remove(caller, directory, name, FileCalls.AT_REMOVEDIR, "rmdir");
        return null;
    }

    private void remove(Credentials caller, FileHandle directory, byte[] name, int flags, String what) {
        Names.check(name);
        Scratch s = Scratch.get();
        int dirFd = handles.open(s, directory);
        try {
            check(Rights.as(caller, () -> FileCalls.unlinkat(dirFd, s.name(name), flags)), what, name);
        } finally {
            Libc.close(dirFd);
        }
    }

    @Override
    public Renamed rename(Credentials caller, FileHandle from, byte[] name, FileHandle to, byte[] newName, int flags) {
        Names.check(name);
        Names.check(newName);
        if ((flags & ~(FileCalls.RENAME_NOREPLACE | FileCalls.RENAME_EXCHANGE)) != 0) {
            throw new StoreException(Errno.EINVAL, "rename with flags " + flags);
        }
        Scratch s = Scratch.get();
        int fromFd = handles.open(s, from);
        try {
            int toFd = handles.open(s, to);
            try {
                check(
                        Rights.as(
                                caller,
                                () -> FileCalls.renameat2(fromFd, s.name(name), toFd, s.secondName(newName), flags)),
                        "rename",
                        name);
                return Renamed.UNTOLD;
            } finally {
                Libc.close(toFd);
            }
        } finally {
            Libc.close(fromFd);
        }
    }

    @Override
    public Opened open(Credentials caller, FileHandle file, Access access, boolean truncate) {
        return files.open(caller, file, access, truncate);
    }

    @Override
    public Opened create(
            Credentials caller,
            FileHandle directory,
            byte[] name,
            int mode,
            Access access,
            boolean exclusive,
            boolean truncate) {
        return files.create(caller, directory, name, mode, access, exclusive, truncate);
    }

    @Override
    public Opened createUnnamed(Credentials caller, FileHandle directory, int mode, Access access) {
        return files.createUnnamed(caller, directory, mode, access);
    }

    @Override
    public void close(OpenFile file) {
        files.close(file);
    }

    @Override
    public ReadResult read(
            Credentials caller, OpenFile file, long position, MemorySegment to, long toOffset, int length) {
        return files.read(file, position, to, toOffset, length);
    }

    @Override
    public ReadResult read(
            Credentials caller, FileHandle file, long position, MemorySegment to, long toOffset, int length) {
        return files.read(caller, file, position, to, toOffset, length);
    }

    @Override
    public WriteResult write(
            Credentials caller,
            OpenFile file,
            long position,
            MemorySegment from,
            long fromOffset,
            int length,
            Durability durability) {
        return files.write(caller, file, position, from, fromOffset, length, durability);
    }

    @Override
    public StoreAttr commit(Credentials caller, OpenFile file) {
        return files.commit(file);
    }

    @Override
    public DirPage readdir(
            Credentials caller, FileHandle directory, long cookie, long verifier, int entriesMax, boolean plus) {
        Check.argument(entriesMax >= 1, "a page of %d entries", entriesMax);
        Scratch s = Scratch.get();
        int fd = handles.open(s, directory);
        try {
            return directories.list(caller, fd, cookie, entriesMax, plus);
        } finally {
            Libc.close(fd);
        }
    }

    @Override
    public StoreStatfs statfs(Credentials caller, FileHandle file) {
        Scratch s = Scratch.get();
        int fd = handles.open(s, file);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment f = arena.allocate(120, 8);
            check(FileCalls.fstatfs(fd, f), "fstatfs");
            long unit = f.get(JAVA_LONG, 72); // f_frsize, in which struct statfs (LP64) counts.
            return new StoreStatfs(
                    f.get(JAVA_LONG, 16) * unit,
                    f.get(JAVA_LONG, 24) * unit,
                    f.get(JAVA_LONG, 32) * unit,
                    f.get(JAVA_LONG, 40),
                    f.get(JAVA_LONG, 48),
                    (int) f.get(JAVA_LONG, 64));
        } finally {
            Libc.close(fd);
        }
    }

    @Override
    public byte[] getxattr(Credentials caller, FileHandle file, byte[] name) {
        int fd = handles.open(Scratch.get(), file);
        try {
            return Xattrs.get(caller, fd, name);
        } finally {
            Libc.close(fd);
        }
    }

    @Override
    public void setxattr(Credentials caller, FileHandle file, byte[] name, byte[] value, int flags) {
        int fd = handles.open(Scratch.get(), file);
        try {
            Xattrs.set(caller, fd, name, value, flags);
        } finally {
            Libc.close(fd);
        }
    }

    @Override
    public byte[] listxattr(Credentials caller, FileHandle file) {
        int fd = handles.open(Scratch.get(), file);
        try {
            return Xattrs.list(caller, fd);
        } finally {
            Libc.close(fd);
        }
    }

    @Override
    public void removexattr(Credentials caller, FileHandle file, byte[] name) {
        int fd = handles.open(Scratch.get(), file);
        try {
            Xattrs.remove(caller, fd, name);
        } finally {
            Libc.close(fd);
        }
    }

    @Override
    public @Nullable FileLock testLock(Credentials caller, OpenFile file, FileLock lock) {
        return files.testLock(file, lock);
    }

    @Override
    public void lock(Credentials caller, OpenFile file, FileLock lock, boolean wait) {
        files.lock(file, lock, wait);
    }

    @Override
    public void unlock(Credentials caller, OpenFile file, FileLock lock) {
        files.unlock(file, lock);
    }

    @Override
    public long seek(Credentials caller, OpenFile file, long position, int whence) {
        return files.seek(file, position, whence);
    }

    @Override
    public void allocate(Credentials caller, OpenFile file, long position, long length, int mode) {
        files.allocate(caller, file, position, length, mode);
    }

    @Override
    public long copy(Credentials caller, OpenFile from, long fromPosition, OpenFile to, long toPosition, long length) {
        return files.copy(caller, from, fromPosition, to, toPosition, length);
    }

    @Override
    public void close() {
        files.closeAll();
        handles.close();
    }

    private StoreAttr attr(Scratch s, int fd) {
        check(s.stat(fd), "statx");
        return s.attr();
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
