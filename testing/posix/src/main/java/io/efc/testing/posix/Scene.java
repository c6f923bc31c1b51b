package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/** What a rule works with: system calls in a fresh directory, expectations, and other users and processes. */
final class Scene extends Calls {
    /** For utimens: the current time. */
    static final long NOW = Long.MAX_VALUE;

    /** For utimens: leave as it is. */
    static final long OMIT = Long.MAX_VALUE - 1;

    /** A time long past, with nanoseconds. */
    static final long PAST = 1_000_000_000L * SECOND + 123_456_000L;

    private static final int TICKS_MAX = 100_000;

    private final Neighbours neighbours;
    private final String path;

    /** @param path the directory, absolute */
    Scene(int directory, String path, Neighbours neighbours) {
        super(directory);
        this.path = path;
        this.neighbours = neighbours;
    }

    /** The directory's absolute path. */
    String path() {
        return path;
    }

    /** Another process that works in the same directory. */
    Neighbour neighbour() {
        return neighbours.take(path);
    }

    // Expectations

    /** The call succeeds; its result. */
    long ok(long result) {
        if (result < 0) {
            throw new Broken("expected success, got " + Errno.ofResult(result));
        }
        return result;
    }

    /** The call fails with one of these; more than one where the standard leaves a choice. */
    void errno(long result, Errno... accepted) {
        if (result >= 0 || !Arrays.asList(accepted).contains(Errno.ofResult(result))) {
            throw new Broken("expected "
                    + String.join(
                            " or ", Arrays.stream(accepted).map(Errno::name).toList())
                    + ", got " + (result < 0 ? Errno.ofResult(result).name() : "success (" + result + ")"));
        }
    }

    void equal(long expected, long actual, String what) {
        if (expected != actual) {
            throw new Broken(what + ": expected " + expected + ", got " + actual);
        }
    }

    void octal(int expected, int actual, String what) {
        if (expected != actual) {
            throw new Broken(String.format("%s: expected 0%o, got 0%o", what, expected, actual));
        }
    }

    void same(String expected, String actual, String what) {
        if (!expected.equals(actual)) {
            throw new Broken(what + ": expected " + show(expected) + ", got " + show(actual));
        }
    }

    void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new Broken(otherwise);
        }
    }

    /** The rule turned out to be about something this file system has not. */
    Lacking lacks(Capability capability) {
        return new Lacking(capability);
    }

    /** {@code call} made by {@code user}. */
    long as(User user, LongSupplier call) {
        long result = user.call(call);
        if (user != User.ROOT && !trace().isEmpty()) {
            trace().add("… as " + user);
        }
        return result;
    }

    // Making things

    /** A regular file with this content and mode 0644. */
    void file(String name, String content) {
        file(name, content, 0644);
    }

    void file(String name, String content, int mode) {
        long fd = ok(open(name, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL, mode));
        equal(content.length(), content.isEmpty() ? 0 : ok(write(fd, content)), "bytes written");
        ok(close(fd));
    }

    /** A file of this user with this mode. */
    void fileOf(User owner, String name, int mode) {
        file(name, "data", 0600);
        ok(chown(name, owner.uid(), owner.gid()));
        ok(chmod(name, mode));
    }

    /** A directory of this user with this mode. */
    void directoryOf(User owner, String name, int mode) {
        ok(mkdir(name, 0700));
        ok(chown(name, owner.uid(), owner.gid()));
        ok(chmod(name, mode));
    }

    /** A new file, open for reading and writing. */
    long create(String name) {
        return ok(open(name, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL, 0644));
    }

    // Looking at things

    Stat attributes(String name) {
        return attributes(name, 0);
    }

    Stat linkAttributes(String name) {
        return attributes(name, FileCalls.AT_SYMLINK_NOFOLLOW);
    }

    Stat attributes(String name, int flags) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment s = a.allocate(FileCalls.STATX_SIZE, 8);
            ok(statx(name, flags, s));
            return Stat.of(s);
        }
    }

    Stat attributes(long fd) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment s = a.allocate(FileCalls.STATX_SIZE, 8);
            int mask = FileCalls.STATX_BASIC | FileCalls.STATX_BTIME;
            ok(log(FileCalls.statx((int) fd, c(a, ""), FileCalls.AT_EMPTY_PATH, mask, s), "fstat(%d)", fd));
            return Stat.of(s);
        }
    }

    /** What one pread(2) gives. */
    String textAt(long fd, int length, long position) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment buffer = a.allocate(length + 1L);
            long n = ok(log(
                    Libc.pread((int) fd, buffer, 0, length, position), "pread(%d, %d, at %d)", fd, length, position));
            return text(buffer, n);
        }
    }

    /** The whole content of a small file. */
    String text(String name) {
        long fd = ok(open(name, Libc.O_RDONLY));
        StringBuilder all = new StringBuilder();
        for (String part = textAt(fd, 65536, 0); !part.isEmpty(); part = textAt(fd, 65536, all.length())) {
            all.append(part);
        }
        ok(close(fd));
        return all.toString();
    }

    /** The file has exactly this content. */
    void content(String name, String expected) {
        same(expected, text(name), "content of " + name);
    }

    String target(String name) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment buffer = a.allocate(8192);
            long n =
                    ok(log(FileCalls.readlinkat(directory(), c(a, name), buffer, 0, 8191), "readlink(%s)", show(name)));
            return text(buffer, n);
        }
    }

    String xattr(String name, String key) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment buffer = a.allocate(65537);
            long n = ok(log(
                    FileCalls.lgetxattr(c(a, byDescriptor(name)), c(a, key), buffer, 0, 65536),
                    "getxattr(%s, %s)",
                    show(name),
                    show(key)));
            return text(buffer, n);
        }
    }

    /** The names of the attributes, sorted, those of the system's own namespaces left out. */
    Set<String> xattrs(String name) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment buffer = a.allocate(65537);
            long n = ok(
                    log(FileCalls.llistxattr(c(a, byDescriptor(name)), buffer, 0, 65536), "listxattr(%s)", show(name)));
            Set<String> keys = new TreeSet<>();
            for (String key : text(buffer, n).split("\0", -1)) {
                if (key.startsWith("user.") || key.startsWith("trusted.")) {
                    keys.add(key);
                }
            }
            return keys;
        }
    }

    /** All entries of a directory in the order it gives them. */
    List<Dirent> entries(String name) {
        long fd = ok(open(name, Libc.O_RDONLY | Libc.O_DIRECTORY));
        List<Dirent> all = new ArrayList<>();
        for (List<Dirent> part = getdents(fd); !part.isEmpty(); part = getdents(fd)) {
            all.addAll(part);
        }
        ok(close(fd));
        return all;
    }

    /** The names in a directory without {@code .} and {@code ..}. */
    Set<String> names(String name) {
        Set<String> names = new TreeSet<>();
        for (Dirent e : entries(name)) {
            check(names.add(e.name()), "readdir gave " + show(e.name()) + " twice");
        }
        names.remove(".");
        names.remove("..");
        return names;
    }

    /** statfs(2)'s fields in order: type, block size, blocks, free, available, files, free files. */
    long[] statfs(long fd) {
        try (Arena a = Arena.ofConfined()) {
            MemorySegment s = a.allocate(256, 8);
            ok(log(FileCalls.fstatfs((int) fd, s), "fstatfs(%d)", fd));
            long[] fields = new long[7];
            for (int i = 0; i < fields.length; i++) {
                fields[i] = s.get(ValueLayout.JAVA_LONG, 8L * i);
            }
            return fields;
        }
    }

    // Time

    /** Returns when this file system's clock has moved on: a change made now is later than every earlier one. */
    void tick() {
        file("tick", "");
        long first = attributes("tick").ctime();
        for (int i = 0; attributes("tick").ctime() == first; i++) {
            check(i < TICKS_MAX, "the file system's clock stands still");
            ok(chmod("tick", 0600 + (i & 1)));
        }
        ok(unlink("tick"));
    }

    /** Sets atime and mtime to {@link #PAST} and lets the clock move on, so that any change can be seen. */
    void age(String... names) {
        for (String name : names) {
            ok(utimens(name, PAST, PAST, FileCalls.AT_SYMLINK_NOFOLLOW));
        }
        tick();
    }

    private static String text(MemorySegment s, long length) {
        return new String(s.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }
}
