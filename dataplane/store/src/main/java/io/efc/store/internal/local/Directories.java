package io.efc.store.internal.local;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import io.efc.store.DirEntry;
import io.efc.store.DirPage;
import io.efc.store.FileHandle;
import io.efc.store.FileType;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists directories with getdents64(2). Cookies are the kernel's d_off, which outlive the descriptor that they were read from. */
final class Directories {
    private static final int BUFFER_BYTES = 32 << 10;
    private static final int D_OFF = 8;
    private static final int D_RECLEN = 16;
    private static final int D_TYPE = 18;
    private static final int D_NAME = 19;

    private final Handles handles;

    Directories(Handles handles) {
        this.handles = handles;
    }

    /** Lists the directory that the O_PATH descriptor {@code pathFd} stands for. */
    DirPage list(Credentials caller, int pathFd, long cookie, int entriesMax, boolean plus) {
        Scratch s = Scratch.get();
        int flags = Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC;
        int fd = check(Rights.as(caller, () -> Libc.open(s.fdPath(pathFd), flags, 0)), "open a directory");
        try (Arena arena = Arena.ofConfined()) {
            if (cookie != 0 && Libc.lseek(fd, cookie, Libc.SEEK_SET) < 0) {
                throw new StoreException(Errno.EINVAL, "a directory's cookie " + cookie);
            }
            MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
            List<DirEntry> entries = new ArrayList<>(Math.min(entriesMax, 1024));
            while (true) {
                long length = FileCalls.getdents64(fd, buffer, 0, BUFFER_BYTES);
                check(length, "getdents64");
                if (length == 0) {
                    return new DirPage(entries, 0, true);
                }
                for (long at = 0; at < length; at += buffer.get(JAVA_SHORT_UNALIGNED, at + D_RECLEN) & 0xffff) {
                    DirEntry entry = entry(s, caller, fd, buffer, at, plus);
                    if (entry == null) {
                        continue;
                    }
                    if (entries.size() == entriesMax) {
                        return new DirPage(entries, 0, false);
                    }
                    entries.add(entry);
                }
            }
        } finally {
            Libc.close(fd);
        }
    }

    /** The record at {@code at}; null for {@code .}, {@code ..} and a name that is gone already. */
    private @Nullable DirEntry entry(
            Scratch s, Credentials caller, int fd, MemorySegment buffer, long at, boolean plus) {
        int length = 0;
        while (buffer.get(JAVA_BYTE, at + D_NAME + length) != 0) {
            length++;
        }
        byte[] name = buffer.asSlice(at + D_NAME, length).toArray(JAVA_BYTE);
        if (length <= 2 && name[0] == '.' && (length == 1 || name[1] == '.')) {
            return null;
        }
        int code = buffer.get(JAVA_BYTE, at + D_TYPE);
        StoreEntry known = null;
        if (plus || code == 0) {
            int child = (int) Rights.as(caller, () -> Libc.openat(fd, s.name(name), LocalStore.O_NAME, 0));
            if (child == -Errno.ENOENT.code()) {
                return null;
            }
            if (child >= 0) {
                known = known(s, child);
            }
        }
        FileType type = known != null ? known.attr().type() : code == 0 ? FileType.REGULAR : FileType.ofCode(code);
        return new DirEntry(
                name,
                buffer.get(JAVA_LONG_UNALIGNED, at),
                type,
                buffer.get(JAVA_LONG_UNALIGNED, at + D_OFF),
                plus ? known : null);
    }

    /** Null for what is mounted in the tree: it has no handle here. Closes {@code child}. */
    private @Nullable StoreEntry known(Scratch s, int child) {
        try {
            FileHandle handle = handles.of(s, child);
            return new StoreEntry(handle, s.attr());
        } catch (StoreException e) {
            if (e.errno() == Errno.EXDEV) {
                return null;
            }
            throw e;
        } finally {
            Libc.close(child);
        }
    }

    private static int check(long result, String what) {
        if (result < 0) {
            throw new StoreException(Errno.ofResult(result), what);
        }
        return (int) result;
    }
}
