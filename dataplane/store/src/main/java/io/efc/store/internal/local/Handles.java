package io.efc.store.internal.local;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import io.efc.store.FileHandle;
import io.efc.store.FileType;
import io.efc.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The kernel's file handles (open_by_handle_at(2)), marked with the tree that they belong to:
 *
 * <pre>
 *   0               8       12
 *  +---------------+-------+---------------------+
 *  | tag of tree   | type  | f_handle, 0 to 116  |   big-endian tag and type
 *  +---------------+-------+---------------------+
 * </pre>
 *
 * The tag is made from the file system's id and the root directory's own handle, so that it is the same in every process and after a
 * restart. It keeps handles of other trees out; on top of that, whatever the kernel still knows a path for must lie under the root. A file
 * whose path is not in the kernel's memory is let in by its tag alone, as an NFS server does without subtree_check (exports(5)).
 */
final class Handles implements AutoCloseable {
    private static final int HEADER = 12;

    private final String location;
    private final int rootFd;
    private final long device;
    private final long tag;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile byte[] rootPath;

    /** Takes over {@code rootFd}, an open directory. */
    Handles(String location, int rootFd) {
        this.location = location;
        this.rootFd = rootFd;
        Scratch s = Scratch.get();
        this.device = s.stat(rootFd) < 0 ? 0 : s.device();
        this.tag = tag(s);
        this.rootPath = pathOf(s, rootFd);
    }

    private long tag(Scratch s) {
        long h;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statfs = arena.allocate(120, 8);
            int result = FileCalls.fstatfs(rootFd, statfs);
            Check.state(result >= 0, "fstatfs of the root failed with errno %d", -result);
            h = statfs.get(ValueLayout.JAVA_LONG, 56) * 0x9E3779B97F4A7C15L;
        }
        int result = name(s, rootFd);
        if (result < 0) {
            throw new StoreException(Errno.ofResult(result), location + ": its file system has no file handles");
        }
        int length = s.handle.get(JAVA_INT, 0);
        for (int i = 0; i < length; i++) {
            h = (h ^ Byte.toUnsignedInt(s.handle.get(JAVA_BYTE, Scratch.HANDLE_HEADER + i))) * 0x100000001B3L;
        }
        return h ^ (h >>> 29);
    }

    private static int name(Scratch s, int fd) {
        s.handle.set(JAVA_INT, 0, Scratch.HANDLE_BYTES_MAX - HEADER);
        return FileCalls.nameToHandleAt(fd, s.empty, s.handle, s.mountId, FileCalls.AT_EMPTY_PATH);
    }

    /** The handle of the file that {@code fd} stands for; EXDEV if it is on another file system than the root. Fills {@code s.statx}. */
    FileHandle of(Scratch s, int fd) {
        check(s.stat(fd), "statx");
        if (s.device() != device) {
            throw new StoreException(Errno.EXDEV, location + ": a file on another file system is mounted in it");
        }
        check(name(s, fd), "name_to_handle_at");
        int length = s.handle.get(JAVA_INT, 0);
        ByteBuffer bytes = ByteBuffer.allocate(HEADER + length).order(ByteOrder.BIG_ENDIAN);
        bytes.putLong(tag).putInt(s.handle.get(JAVA_INT, 4));
        MemorySegment.copy(s.handle, JAVA_BYTE, Scratch.HANDLE_HEADER, bytes.array(), HEADER, length);
        return new FileHandle(bytes.array());
    }

    /**
     * An O_PATH descriptor of the file with this handle, to be closed by the caller. ESTALE if the file is gone, has left the tree, or the
     * handle is another tree's. Fills {@code s.statx}.
     */
    int open(Scratch s, FileHandle handle) {
        Check.state(!closed.get(), "the store is closed");
        ByteBuffer bytes = ByteBuffer.wrap(handle.bytes()).order(ByteOrder.BIG_ENDIAN);
        if (bytes.capacity() < HEADER || bytes.getLong(0) != tag) {
            throw new StoreException(Errno.ESTALE, location + ": a handle of another tree");
        }
        int length = bytes.capacity() - HEADER;
        s.handle.set(JAVA_INT, 0, length);
        s.handle.set(JAVA_INT, 4, bytes.getInt(8));
        MemorySegment.copy(handle.bytes(), HEADER, s.handle, JAVA_BYTE, Scratch.HANDLE_HEADER, length);
        int fd = FileCalls.openByHandleAt(rootFd, s.handle, Libc.O_PATH | Libc.O_CLOEXEC);
        if (fd < 0) {
            Errno errno = fd == -Errno.EINVAL.code() ? Errno.ESTALE : Errno.ofResult(fd);
            throw new StoreException(errno, location + ": open_by_handle_at " + handle);
        }
        int result = s.stat(fd);
        if (result < 0 || !isInside(s, fd)) {
            Libc.close(fd);
            throw new StoreException(Errno.ESTALE, location + ": the file of handle " + handle + " is not in it");
        }
        return fd;
    }

    /** Only a directory always has a path; a file with several names may show one that lies elsewhere. */
    private boolean isInside(Scratch s, int fd) {
        if (startsWith(s, fd, rootPath)) {
            return true;
        }
        boolean directory = FileType.ofMode(s.mode()) == FileType.DIRECTORY;
        if (!directory && (s.nlink() > 1 || s.path.get(JAVA_BYTE, 1) == 0)) {
            return true;
        }
        rootPath = pathOf(s, rootFd); // The root itself may have been renamed.
        return startsWith(s, fd, rootPath);
    }

    private static boolean startsWith(Scratch s, int fd, byte[] root) {
        long length = readPath(s, fd);
        if (length < root.length) {
            return false;
        }
        for (int i = 0; i < root.length; i++) {
            if (s.path.get(JAVA_BYTE, i) != root[i]) {
                return false;
            }
        }
        byte next = s.path.get(JAVA_BYTE, root.length);
        return root.length == 1 || next == '/' || next == 0;
    }

    private static byte[] pathOf(Scratch s, int fd) {
        long length = readPath(s, fd);
        return length <= 0
                ? "/".getBytes(StandardCharsets.US_ASCII)
                : s.path.asSlice(0, length).toArray(JAVA_BYTE);
    }

    /** Puts the kernel's path of {@code fd} into {@code s.path}, NUL-terminated; its length, 0 if it cannot be had. */
    private static long readPath(Scratch s, int fd) {
        long length = FileCalls.readlinkat(Libc.AT_FDCWD, s.fdPath(fd), s.path, 0, Scratch.PATH_BYTES);
        s.path.set(JAVA_BYTE, Math.max(0, length), (byte) 0);
        return Math.max(0, length);
    }

    private void check(long result, String call) {
        if (result < 0) {
            throw new StoreException(Errno.ofResult(result), location + ": " + call);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            Libc.close(rootFd);
        }
    }
}
