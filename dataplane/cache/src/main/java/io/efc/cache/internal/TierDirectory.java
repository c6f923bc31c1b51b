package io.efc.cache.internal;

import io.efc.base.ByteSize;
import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import io.efc.cache.CacheException;
import io.efc.cache.TierConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * A tier's directory: locked for one process, with the files {@code lock}, {@code files.index}, {@code blocks.index},
 * {@code slabs}, and one {@code f-<sequence>} a large file. Any thread.
 */
final class TierDirectory {
    static final String FILES_INDEX = "files.index";
    static final String BLOCKS_INDEX = "blocks.index";
    static final String SLABS = "slabs";

    private static final String LOCK = "lock";
    private static final String PREFIX = "f-";
    private static final int LOCK_EX_NB = 2 | 4;
    private static final int PUNCH = Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE;

    private final Path path;
    private final int fd;
    private final int lockFd;

    private TierDirectory(Path path, int fd, int lockFd) {
        this.path = path;
        this.fd = fd;
        this.lockFd = lockFd;
    }

    /** Makes the directory if absent, locks it, and checks that its file system can hold the quota and punch holes. */
    static TierDirectory open(TierConfig config) {
        Path path = config.directory();
        try {
            Files.createDirectories(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new CacheException("cannot make the tier directory " + path + ": " + e.getMessage(), e);
        }
        int fd = open(path);
        TierDirectory directory = new TierDirectory(path, fd, lock(fd, path));
        try {
            directory.checkSpace(config.quota());
            directory.checkPunch();
        } catch (CacheException e) {
            directory.close();
            throw e;
        }
        return directory;
    }

    private static int open(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Libc.open(
                    Libc.cString(arena, path.toString()), Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
            if (fd < 0) {
                throw new CacheException("cannot open the tier directory " + path + ": "
                        + Errno.ofResult(fd).text());
            }
            return fd;
        }
    }

    private static int lock(int fd, Path path) {
        try (Arena arena = Arena.ofConfined()) {
            int flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC | Libc.O_NOFOLLOW;
            int lockFd = Libc.openat(fd, Libc.cString(arena, LOCK), flags, 0600);
            int result = lockFd < 0 ? lockFd : Libc.flock(lockFd, LOCK_EX_NB);
            if (result < 0) {
                if (lockFd >= 0) {
                    Libc.close(lockFd);
                }
                Libc.close(fd);
                throw new CacheException(
                        Errno.ofResult(result) == Errno.EAGAIN
                                ? "tier directory " + path + " is in use by another process; give each cache its own"
                                : "cannot lock the tier directory " + path + ": "
                                        + Errno.ofResult(result).text());
            }
            return lockFd;
        }
    }

    private void checkSpace(ByteSize quota) {
        try {
            long free = Files.getFileStore(path).getUsableSpace();
            long own = ownBytes();
            if (quota.bytes() > free + own) {
                throw new CacheException("quota " + quota + " of tier " + path + " is more than the "
                        + new ByteSize(free + own).toHuman()
                        + " that its file system has free; lower the quota or free space");
            }
        } catch (IOException e) {
            throw new CacheException("cannot ask for the free space of tier " + path + ": " + e.getMessage(), e);
        }
    }

    private void checkPunch() {
        int probe = openFile("probe", true);
        if (probe < 0) {
            throw new CacheException("cannot write to tier " + path + ": "
                    + Errno.ofResult(probe).text());
        }
        int result = Libc.ftruncate(probe, 4096);
        result = result < 0 ? result : Libc.fallocate(probe, PUNCH, 0, 4096);
        Libc.close(probe);
        unlink("probe");
        if (result < 0) {
            throw new CacheException("the file system of tier " + path + " cannot punch holes ("
                    + Errno.ofResult(result).text() + "); use tmpfs, ext4, xfs or btrfs");
        }
    }

    /** Disk space that this directory's files take. */
    private long ownBytes() throws IOException {
        long sum = 0;
        try (Arena arena = Arena.ofConfined();
                DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            MemorySegment statx = arena.allocate(FileCalls.STATX_SIZE, 8);
            for (Path file : files) {
                MemorySegment name = Libc.cString(arena, file.toString());
                if (FileCalls.statx(Libc.AT_FDCWD, name, FileCalls.AT_SYMLINK_NOFOLLOW, FileCalls.STATX_BASIC, statx)
                        == 0) {
                    long stxBlocks = statx.get(java.lang.foreign.ValueLayout.JAVA_LONG, 48);
                    sum += stxBlocks * 512;
                }
            }
        }
        return sum;
    }

    static String name(long sequence) {
        return PREFIX + Long.toHexString(sequence);
    }

    /** The sequences of all large files that are there. */
    List<Long> sequences() {
        List<Long> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path, PREFIX + "*")) {
            for (Path file : files) {
                found.add(Long.parseUnsignedLong(file.getFileName().toString().substring(PREFIX.length()), 16));
            }
        } catch (IOException | NumberFormatException e) {
            throw new CacheException("cannot list the tier directory " + path + ": " + e.getMessage(), e);
        }
        return found;
    }

    /** A descriptor, or minus the errno. */
    int openFile(String name, boolean create) {
        try (Arena arena = Arena.ofConfined()) {
            int flags = Libc.O_RDWR | Libc.O_CLOEXEC | Libc.O_NOFOLLOW | (create ? Libc.O_CREAT : 0);
            return Libc.openat(fd, Libc.cString(arena, name), flags, 0600);
        }
    }

    /** A descriptor that cannot write, or minus the errno. */
    int openForReading(String name) {
        try (Arena arena = Arena.ofConfined()) {
            return Libc.openat(fd, Libc.cString(arena, name), Libc.O_RDONLY | Libc.O_CLOEXEC | Libc.O_NOFOLLOW, 0);
        }
    }

    void unlink(String name) {
        try (Arena arena = Arena.ofConfined()) {
            FileCalls.unlinkat(fd, Libc.cString(arena, name), 0);
        }
    }

    /**
     * Gives the space of a range back; a page of which a part lies outside stays, so ranges end at pages even past the
     * file's end. False if the file system refuses.
     */
    static boolean punch(int fd, long position, long bytes) {
        return Libc.fallocate(fd, PUNCH, position, bytes) == 0;
    }

    int fd() {
        return fd;
    }

    Path path() {
        return path;
    }

    /** Unlocks. */
    void close() {
        Libc.close(lockFd);
        Libc.close(fd);
    }
}
