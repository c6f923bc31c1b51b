package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Making and removing the directories that rules run in. */
final class Trees {
    private static final int DIRECTORY_TYPE = 4;

    private Trees() {}

    /** A directory that everybody may write to, whatever the umask is. */
    static void makeDirectory(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment p = Calls.c(arena, path);
            demand(FileCalls.mkdirat(FileCalls.AT_FDCWD, p, 0777), "mkdir " + path);
            demand(FileCalls.fchmodat(FileCalls.AT_FDCWD, p, 0777, 0), "chmod " + path);
        }
    }

    /** Removes a tree; throws {@link Broken} if something cannot be removed. */
    static void remove(String path) {
        try (Arena arena = Arena.ofConfined()) {
            remove(FileCalls.AT_FDCWD, path, Calls.c(arena, path));
        }
    }

    private static void remove(int parent, String name, MemorySegment cName) {
        int flags = Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
        int fd = demand(Libc.openat(parent, cName, flags, 0), "open directory " + name);
        try {
            for (List<Dirent> part = entries(fd); !part.isEmpty(); part = entries(fd)) {
                part.forEach(entry -> removeEntry(fd, entry));
                Libc.lseek(fd, 0, Libc.SEEK_SET);
            }
        } finally {
            Libc.close(fd);
        }
        demand(FileCalls.unlinkat(parent, cName, FileCalls.AT_REMOVEDIR), "rmdir " + name);
    }

    private static void removeEntry(int fd, Dirent entry) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Calls.c(arena, entry.name());
            int result = entry.type() == DIRECTORY_TYPE ? -Errno.EISDIR.code() : FileCalls.unlinkat(fd, name, 0);
            if (result == -Errno.EISDIR.code() || result == -Errno.EPERM.code()) {
                remove(fd, entry.name(), name);
            } else {
                demand(result, "unlink " + entry.name());
            }
        }
    }

    private static List<Dirent> entries(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(32768, 8);
            long n = FileCalls.getdents64(fd, buffer, 0, 32768);
            List<Dirent> entries = new ArrayList<>(Dirent.parse(buffer, demand((int) n, "getdents64")));
            entries.removeIf(e -> e.name().equals(".") || e.name().equals(".."));
            return entries;
        }
    }

    private static int demand(int result, String what) {
        if (result < 0) {
            throw new Broken(what + ": " + Errno.ofResult(result));
        }
        return result;
    }
}
