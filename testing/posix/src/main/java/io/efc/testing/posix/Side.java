package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One of the two trees that {@link RandomOps} works on: every operation's outcome as a text that must be the same on both
 * sides. Descriptors live in numbered slots.
 *
 * <p>Threads: one.
 */
final class Side implements AutoCloseable {
    static final int SLOTS = 8;
    static final int DATA_MAX = 512 << 10;

    /** Times before this moment have been set by utimensat, later ones are the clock's. */
    private static final long SET_BEFORE = 1_500_000_000L * Calls.SECOND;

    private final Calls calls;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(DATA_MAX + 8L, 4096);
    private final MemorySegment stat = arena.allocate(FileCalls.STATX_SIZE, 8);
    private final int[] slots = new int[SLOTS];

    private Side(int directory) {
        this.calls = new Calls(directory);
        Arrays.fill(slots, -1);
    }

    /** Works in {@code path}, which must be an empty directory. */
    static Side in(String path) {
        try (Arena a = Arena.ofConfined()) {
            int fd = Libc.open(Calls.c(a, path), Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
            if (fd < 0) {
                throw new IllegalStateException(path + ": " + Errno.ofResult(fd));
            }
            return new Side(fd);
        }
    }

    @Override
    public void close() {
        calls.closeAll();
        Libc.close(calls.directory());
        arena.close();
    }

    Calls calls() {
        return calls;
    }

    /** The descriptor in a slot; -1, which every call refuses, if it is empty. */
    int fd(int slot) {
        return slots[slot];
    }

    String open(int slot, String name, int flags, int mode) {
        long fd = calls.open(name, flags, mode);
        if (fd >= 0) {
            close(slot);
            slots[slot] = (int) fd;
        }
        return outcome(Math.min(fd, 0));
    }

    String close(int slot) {
        int fd = slots[slot];
        slots[slot] = -1;
        return outcome(fd < 0 ? -Errno.EBADF.code() : calls.close(fd));
    }

    String pread(int slot, int length, long position) {
        return data(Libc.pread(slots[slot], buffer, 0, length, position));
    }

    String read(int slot, int length) {
        return data(Libc.read(slots[slot], buffer, 0, length));
    }

    String pwrite(int slot, byte[] data, long position) {
        MemorySegment.copy(data, 0, buffer, ValueLayout.JAVA_BYTE, 0, data.length);
        return outcome(Libc.pwrite(slots[slot], buffer, 0, data.length, position));
    }

    String write(int slot, byte[] data) {
        MemorySegment.copy(data, 0, buffer, ValueLayout.JAVA_BYTE, 0, data.length);
        return outcome(Libc.write(slots[slot], buffer, 0, data.length));
    }

    /** Maps the whole file and looks at its bytes. */
    String mmap(int slot) {
        String said = descriptorAttributes(slot);
        long size = Stat.of(stat).size();
        if (slots[slot] < 0 || Stat.of(stat).type() != Stat.REGULAR || size == 0) {
            return said;
        }
        long length = Math.min(size, DATA_MAX);
        int[] errno = new int[1];
        MemorySegment memory = Libc.mmap(length, Libc.PROT_READ, Libc.MAP_SHARED, slots[slot], 0, errno);
        if (errno[0] != 0) {
            return outcome(-errno[0]);
        }
        MemorySegment.copy(memory, 0, buffer, 0, length);
        Libc.munmap(memory.address(), length);
        return data(length);
    }

    /** truncate(2), unless the size is right already: whether mtime moves then is the file system's choice. */
    String truncate(String name, long size) {
        long result = calls.statx(name, 0, stat);
        return result == 0 && Stat.of(stat).size() == size ? "same size" : outcome(calls.truncate(name, size));
    }

    /** ftruncate(2), unless the size is right already. */
    String ftruncate(int slot, long size) {
        String said = descriptorAttributes(slot);
        Stat a = Stat.of(stat);
        boolean same = slots[slot] >= 0 && a.type() == Stat.REGULAR && a.size() == size;
        return same ? said : outcome(calls.ftruncate(slots[slot], size));
    }

    String attributes(String name) {
        return described(calls.statx(name, FileCalls.AT_SYMLINK_NOFOLLOW, stat));
    }

    /** @param notDirectories leaves directories as they are */
    String utimens(String name, long atime, long mtime, int flags, boolean notDirectories) {
        if (notDirectories && described(calls.statx(name, flags, stat)).startsWith("04")) {
            return "a directory";
        }
        return outcome(calls.utimens(name, atime, mtime, flags));
    }

    String descriptorAttributes(int slot) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment none = Calls.c(a, "");
            return described(FileCalls.statx(slots[slot], none, FileCalls.AT_EMPTY_PATH, FileCalls.STATX_BASIC, stat));
        }
    }

    String readlink(String name) {
        try (Arena a = Arena.ofConfined()) {
            return data(FileCalls.readlinkat(calls.directory(), Calls.c(a, name), buffer, 0, 4096));
        }
    }

    String getxattr(String name, String key) {
        try (Arena a = Arena.ofConfined()) {
            return data(FileCalls.lgetxattr(Calls.c(a, calls.byDescriptor(name)), Calls.c(a, key), buffer, 0, 65536));
        }
    }

    /** The user attributes, sorted. */
    String listxattr(String name) {
        try (Arena a = Arena.ofConfined()) {
            long n = FileCalls.llistxattr(Calls.c(a, calls.byDescriptor(name)), buffer, 0, 65536);
            if (n < 0) {
                return outcome(n);
            }
            List<String> names = new ArrayList<>();
            for (long at = 0; at < n; ) {
                String key = buffer.getString(at);
                at += key.length() + 1L;
                if (key.startsWith("user.")) {
                    names.add(key);
                }
            }
            names.sort(null);
            return names.toString();
        }
    }

    /** The names in a directory, sorted. */
    String readdir(String name) {
        List<String> names = names(name);
        return names == null ? outcome(calls.open(name, Libc.O_RDONLY | Libc.O_DIRECTORY)) : names.toString();
    }

    /** Everything below, one line an entry: path, attributes, content. */
    List<String> tree() {
        List<String> lines = new ArrayList<>();
        walk(".", lines);
        return lines;
    }

    private void walk(String name, List<String> lines) {
        lines.add(name + " " + attributes(name) + " " + content(name));
        if ((Stat.of(stat).mode() & Stat.TYPE) == Stat.DIRECTORY || name.equals(".")) {
            List<String> names = names(name);
            if (names != null) {
                names.forEach(child -> walk(name + "/" + child, lines));
            }
        }
    }

    private String content(String name) {
        calls.statx(name, FileCalls.AT_SYMLINK_NOFOLLOW, stat);
        int type = Stat.of(stat).type();
        if (type == Stat.SYMLINK) {
            return readlink(name);
        }
        if (type != Stat.REGULAR) {
            return "";
        }
        long fd = calls.open(name, Libc.O_RDONLY);
        StringBuilder all = new StringBuilder();
        long at = 0;
        for (long n = 1; n > 0; at += n) {
            n = Libc.pread((int) fd, buffer, 0, DATA_MAX, at);
            all.append(data(n)).append(' ');
        }
        calls.close(fd);
        calls.statx(name, FileCalls.AT_SYMLINK_NOFOLLOW, stat);
        return all.toString();
    }

    private @org.jspecify.annotations.Nullable List<String> names(String name) {
        long fd = calls.open(name, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (fd < 0) {
            return null;
        }
        List<String> names = new ArrayList<>();
        for (List<Dirent> part = calls.getdents(fd); !part.isEmpty(); part = calls.getdents(fd)) {
            part.forEach(e -> names.add(e.name()));
        }
        calls.close(fd);
        names.removeAll(List.of(".", ".."));
        names.sort(null);
        return names;
    }

    /** What both sides must agree on: a directory's size and the clock's times are left out. */
    private String described(long result) {
        if (result < 0) {
            return outcome(result);
        }
        Stat a = Stat.of(stat);
        String size = a.type() == Stat.DIRECTORY ? "" : " size " + a.size();
        String mtime = a.mtime() < SET_BEFORE ? Long.toString(a.mtime()) : "now";
        return String.format("0%o %d links %d:%d%s mtime %s", a.mode(), a.nlink(), a.uid(), a.gid(), size, mtime);
    }

    private String data(long length) {
        if (length <= 0) {
            return outcome(length);
        }
        CRC32C crc = new CRC32C();
        crc.update(buffer.asSlice(0, length).asByteBuffer());
        byte[] head = buffer.asSlice(0, Math.min(length, 12)).toArray(ValueLayout.JAVA_BYTE);
        return length + " bytes " + HexFormat.of().formatHex(head) + "… crc " + Long.toHexString(crc.getValue());
    }

    /** EEXIST and ENOTEMPTY are one for POSIX. */
    static String outcome(long result) {
        if (result >= 0) {
            return Long.toString(result);
        }
        Errno errno = Errno.ofResult(result);
        return errno == Errno.EEXIST ? Errno.ENOTEMPTY.name() : errno.name();
    }
}
