package io.efc.cli.internal;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A small directory that is changed through one place and looked at through another, and the model of what has to be seen there: one file
 * that is written, cut and given modes while both sides have it open and the reader has it mapped, and three names that come, move and go,
 * each file behind them with eight bytes that tell which change made it. Single-threaded; never both places in a process that serves one.
 *
 * <p>A page fault asks no server for a file's size (filemap_fault() in mm/filemap.c; NFS is the same): a mapping shows what was added behind
 * the end that its kernel knows only once some system call of the reader has asked. So a look through the mapping asks first if the file has
 * grown, and only then.
 */
final class CoherenceTree implements AutoCloseable {
    /** What is changed, in turn. */
    enum Change {
        WRITE,
        CREATE,
        RENAME,
        UNLINK,
        TRUNCATE,
        CHMOD;

        /** The name for people and programs. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How it is looked at. */
    enum Look {
        READ,
        STAT,
        LOOKUP,
        READDIR,
        MMAP
    }

    /** A look that saw something else than it had to. */
    record Mismatch(String seen, String expected) {
        @Override
        public String toString() {
            return "saw " + seen + ", expected " + expected;
        }
    }

    /** Four pages, so that a change can leave some of them alone. */
    static final int DATA_BYTES_MAX = 16384;

    /** The mapped page that is always there: a shorter file would end the reader with SIGBUS. */
    private static final int DATA_BYTES_MIN = 4096;

    private static final int WRITE_BYTES = 64;
    private static final int MARK_BYTES = 8;

    private static final int STATX_MODE = 28;
    private static final int STATX_SIZE = 40;
    private static final int PERMISSIONS = 07777;

    private static final String DATA = "data";
    private static final String FRESH = "fresh";
    private static final String TARGET = "target";
    private static final String DOOMED = "doomed";

    private final Path writer;
    private final Path reader;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment statx = arena.allocate(FileCalls.STATX_SIZE, 8);
    private final MemorySegment model = arena.allocate(DATA_BYTES_MAX, 8);
    private final MemorySegment buffer = arena.allocate(DATA_BYTES_MAX + 1, 8);
    private final MemorySegment empty = arena.allocateFrom("");
    private final Map<String, MemorySegment> written = new TreeMap<>();
    private final Map<String, MemorySegment> read = new TreeMap<>();
    private final int writerFd;
    private final int readerFd;
    private final MemorySegment mapped;

    private final Map<String, Long> marks = new TreeMap<>();
    private int size = DATA_BYTES_MAX;
    private int mode = 0600;

    /** Since the reader last asked for the size. */
    private boolean grown;

    /**
     * Makes the directory.
     *
     * @param writer the directory to be made, where it is changed
     * @param reader the same directory, where it is looked at
     */
    CoherenceTree(Path writer, Path reader) throws IOException {
        this.writer = writer;
        this.reader = reader;
        Files.createDirectory(writer);
        for (String name : new String[] {DATA, FRESH, TARGET, DOOMED}) {
            written.put(name, arena.allocateFrom(writer.resolve(name).toString()));
            read.put(name, arena.allocateFrom(reader.resolve(name).toString()));
        }
        writerFd = (int) done(
                "create",
                DATA,
                Libc.open(at(written, DATA), Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, mode));
        done("write", DATA, Libc.pwrite(writerFd, model, 0, size, 0));
        done("chmod", DATA, FileCalls.fchmod(writerFd, mode));
        readerFd = (int) done("open", DATA, Libc.open(at(read, DATA), Libc.O_RDONLY | Libc.O_CLOEXEC, 0));
        try (FileChannel channel = FileChannel.open(reader.resolve(DATA), StandardOpenOption.READ)) {
            mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, DATA_BYTES_MAX, arena);
        }
    }

    /** Makes the change and says what it was; {@code pair} names it and decides its variant. */
    String change(Change change, long pair) {
        boolean odd = pair / Change.values().length % 2 != 0;
        return switch (change) {
            case WRITE -> write(pair, odd);
            case CREATE -> {
                create(FRESH, pair);
                create(DOOMED, pair);
                yield "created " + FRESH + " and " + DOOMED;
            }
            case RENAME -> {
                done(
                        "rename",
                        FRESH,
                        FileCalls.renameat2(Libc.AT_FDCWD, at(written, FRESH), Libc.AT_FDCWD, at(written, TARGET), 0));
                Long mark = marks.remove(FRESH);
                boolean over = marks.put(TARGET, mark == null ? pair : mark) != null;
                yield "renamed " + FRESH + (over ? " over " : " to ") + TARGET;
            }
            case UNLINK -> {
                unlink(DOOMED);
                if (odd) {
                    unlink(TARGET);
                }
                yield "removed " + DOOMED + (odd ? " and " + TARGET : "");
            }
            case TRUNCATE -> {
                int to = DATA_BYTES_MIN + (int) (pair * 509 % (DATA_BYTES_MAX - DATA_BYTES_MIN + 1));
                done("truncate", DATA, odd ? Libc.truncate(at(written, DATA), to) : Libc.ftruncate(writerFd, to));
                model.asSlice(Math.min(size, to)).fill((byte) 0);
                grown |= to > size;
                String text = "cut " + DATA + " from " + size + " to " + to + " bytes";
                size = to;
                yield text;
            }
            case CHMOD -> {
                mode = 0600 + (int) (pair / Change.values().length % 64);
                done("chmod", DATA, FileCalls.fchmodat(Libc.AT_FDCWD, at(written, DATA), mode, 0));
                yield "changed the mode of " + DATA + " to " + Integer.toOctalString(mode);
            }
        };
    }

    /** Overwrites through the descriptor that is open all the time, or extends through one that is closed at once. */
    private String write(long pair, boolean odd) {
        boolean appends = odd && size + WRITE_BYTES <= DATA_BYTES_MAX;
        int from = appends ? size : (int) (pair * WRITE_BYTES % (size - WRITE_BYTES + 1)) & -8;
        for (int i = 0; i < WRITE_BYTES; i += MARK_BYTES) {
            model.set(ValueLayout.JAVA_LONG_UNALIGNED, from + i, pair + 1);
        }
        if (odd) {
            int fd = (int) done("open", DATA, Libc.open(at(written, DATA), Libc.O_WRONLY | Libc.O_CLOEXEC, 0));
            done("write", DATA, Libc.pwrite(fd, model, from, WRITE_BYTES, from));
            done("close", DATA, Libc.close(fd));
        } else {
            done("write", DATA, Libc.pwrite(writerFd, model, from, WRITE_BYTES, from));
        }
        grown |= appends;
        size = Math.max(size, from + WRITE_BYTES);
        return "wrote " + WRITE_BYTES + " bytes at " + from + " of " + DATA + (odd ? " and closed it" : "");
    }

    private void create(String name, long pair) {
        int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC;
        int fd = (int) done("create", name, Libc.open(at(written, name), flags, 0644));
        buffer.set(ValueLayout.JAVA_LONG, 0, pair);
        done("write", name, Libc.pwrite(fd, buffer, 0, MARK_BYTES, 0));
        done("close", name, Libc.close(fd));
        marks.put(name, pair);
    }

    private void unlink(String name) {
        done("unlink", name, FileCalls.unlinkat(Libc.AT_FDCWD, at(written, name), 0));
        marks.remove(name);
    }

    /** Looks; null if what is seen is right. */
    @Nullable
    Mismatch look(Look look, long pair) {
        return switch (look) {
            case READ -> read(pair);
            case STAT -> stat();
            case LOOKUP -> lookup();
            case READDIR -> list();
            case MMAP -> map();
        };
    }

    private @Nullable Mismatch read(long pair) {
        boolean fresh = pair % 2 != 0;
        int fd = fresh
                ? (int) done("open", DATA, Libc.open(at(read, DATA), Libc.O_RDONLY | Libc.O_CLOEXEC, 0))
                : readerFd;
        long n = done("read", DATA, Libc.pread(fd, buffer, 0, DATA_BYTES_MAX + 1, 0));
        if (fresh) {
            done("close", DATA, Libc.close(fd));
        }
        if (n != size) {
            return new Mismatch(n + " bytes read of " + DATA, size + " bytes");
        }
        Mismatch wrong = compare("read", buffer);
        for (String name : marks.keySet()) {
            wrong = wrong == null ? mark(name) : wrong;
        }
        return wrong;
    }

    /** The eight bytes of a small file. */
    private @Nullable Mismatch mark(String name) {
        int fd = Libc.open(at(read, name), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        String expected = name + " of pair " + marks.get(name);
        if (fd < 0) {
            return absent(fd, name, expected);
        }
        long n = done("read", name, Libc.pread(fd, buffer, 0, MARK_BYTES + 1, 0));
        done("close", name, Libc.close(fd));
        if (n != MARK_BYTES) {
            return new Mismatch(n + " bytes read of " + name, MARK_BYTES + " bytes");
        }
        long seen = buffer.get(ValueLayout.JAVA_LONG, 0);
        return marks.getOrDefault(name, -1L) == seen ? null : new Mismatch(name + " of pair " + seen, expected);
    }

    private @Nullable Mismatch stat() {
        done("statx", DATA, FileCalls.statx(readerFd, empty, FileCalls.AT_EMPTY_PATH, FileCalls.STATX_BASIC, statx));
        String seen = attributes(statx.get(ValueLayout.JAVA_LONG, STATX_SIZE), permissions());
        String expected = attributes(size, mode);
        return seen.equals(expected) ? null : new Mismatch(DATA + " with " + seen, expected);
    }

    private int ask() {
        grown = false;
        return FileCalls.statx(readerFd, empty, FileCalls.AT_EMPTY_PATH, FileCalls.STATX_BASIC, statx);
    }

    private int permissions() {
        return statx.get(ValueLayout.JAVA_SHORT, STATX_MODE) & PERMISSIONS;
    }

    private static String attributes(long size, int mode) {
        return size + " bytes and mode " + Integer.toOctalString(mode);
    }

    private @Nullable Mismatch lookup() {
        for (String name : new String[] {FRESH, TARGET, DOOMED}) {
            int result = FileCalls.statx(Libc.AT_FDCWD, at(read, name), 0, FileCalls.STATX_BASIC, statx);
            if (marks.containsKey(name) && result < 0) {
                return absent(result, name, name);
            }
            if (!marks.containsKey(name) && result != -Errno.ENOENT.code()) {
                done("statx", name, result);
                return new Mismatch(name, "no " + name);
            }
        }
        return null;
    }

    private static Mismatch absent(long result, String name, String expected) {
        if (result != -Errno.ENOENT.code()) {
            done("open", name, result);
        }
        return new Mismatch("no " + name, expected);
    }

    private @Nullable Mismatch list() {
        TreeSet<String> seen = new TreeSet<>();
        try (DirectoryStream<Path> names = Files.newDirectoryStream(reader)) {
            names.forEach(p -> seen.add(String.valueOf(p.getFileName())));
        } catch (IOException e) {
            throw new Failure("the directory " + reader + " cannot be read: " + e.getMessage(), e);
        }
        TreeSet<String> expected = new TreeSet<>(marks.keySet());
        expected.add(DATA);
        return seen.equals(expected) ? null : new Mismatch("the names " + seen, expected.toString());
    }

    private @Nullable Mismatch map() {
        try {
            if (grown) {
                done("statx", DATA, ask());
            }
            // Copied because a SIGBUS within a comparison would end the JVM; within a copy it becomes an InternalError.
            MemorySegment.copy(mapped, 0, buffer, 0, size);
            return compare("mapped", buffer);
        } catch (InternalError e) {
            return new Mismatch("a file that ends before byte " + size + " (SIGBUS)", size + " bytes");
        }
    }

    private @Nullable Mismatch compare(String how, MemorySegment seen) {
        long at = MemorySegment.mismatch(model, 0, size, seen, 0, size);
        return at < 0
                ? null
                : new Mismatch(
                        "byte " + seen.get(ValueLayout.JAVA_BYTE, at) + " at " + at + " of the " + size + " " + how,
                        "byte " + model.get(ValueLayout.JAVA_BYTE, at));
    }

    private static MemorySegment at(Map<String, MemorySegment> paths, String name) {
        return java.util.Objects.requireNonNull(paths.get(name));
    }

    private static long done(String what, String name, long result) {
        if (result < 0) {
            throw new Failure(what + " of " + name + " failed: "
                    + Errno.ofResult(result).text() + "; the client's log tells more");
        }
        return result;
    }

    /** Closes and removes everything. */
    @Override
    public void close() {
        Libc.close(writerFd);
        Libc.close(readerFd);
        arena.close();
        try {
            for (String name : new String[] {DATA, FRESH, TARGET, DOOMED}) {
                Files.deleteIfExists(writer.resolve(name));
            }
            Files.deleteIfExists(writer);
        } catch (IOException e) {
            throw new Failure("the directory " + writer + " cannot be removed: " + e.getMessage(), e);
        }
    }
}
