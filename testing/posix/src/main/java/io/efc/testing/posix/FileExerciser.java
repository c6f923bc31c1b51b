package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One file, many overlapping reads, writes, truncations and mappings through one or several descriptors, against a model of its
 * content in memory.
 *
 * <pre>
 * java -cp … io.efc.testing.posix.FileExerciser --dir DIRECTORY [--ops N] [--seed S] [--descriptors D] [--size BYTES]
 * </pre>
 *
 * Exit code 1: the file is not what the model says.
 */
public final class FileExerciser {
    private static final int RECENT_MAX = 25;
    private static final int PAGE = 4096;

    private final Path file;
    private final SplittableRandom random;
    private final long seed;
    private final int sizeMax;
    private final Set<Capability> lacking;
    private final int[] descriptors;
    private final byte[] model;
    private int size;
    private final Deque<String> recent = new ArrayDeque<>();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer;

    /** @param sizeMax the longest the file gets, bytes */
    public FileExerciser(Path directory, long seed, int descriptors, int sizeMax) {
        this.file = directory.resolve("exercise-" + ProcessHandle.current().pid() + "-" + seed);
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.sizeMax = sizeMax;
        this.descriptors = new int[descriptors];
        this.model = new byte[sizeMax];
        this.buffer = arena.allocate(sizeMax, PAGE);
        try (Runner runner = new Runner(directory.toString())) {
            this.lacking =
                    EnumSet.copyOf(runner.lacking().isEmpty() ? EnumSet.noneOf(Capability.class) : runner.lacking());
        }
    }

    /** Runs {@code count} operations: empty if the file kept to the model, else what differed and how it came to that. */
    public String run(int count) {
        try {
            begin();
            for (int i = 0; i < count; i++) {
                String wrong = step(i);
                if (!wrong.isEmpty()) {
                    return "seed " + seed + ", operation " + i + ": " + wrong + "\nlatest operations:\n  "
                            + String.join("\n  ", recent) + "\n";
                }
            }
            return "";
        } finally {
            end();
        }
    }

    /** Makes the file and opens it. */
    void begin() {
        Arrays.fill(descriptors, -1);
        for (int i = 0; i < descriptors.length; i++) {
            descriptors[i] = open();
        }
    }

    /** Closes and removes the file. */
    void end() {
        for (int fd : descriptors) {
            Libc.close(fd);
        }
        try (Arena a = Arena.ofConfined()) {
            FileCalls.unlinkat(FileCalls.AT_FDCWD, Calls.c(a, file.toString()), 0);
        }
        arena.close();
    }

    /** Operation number {@code i}: empty, or what differs. */
    String step(int i) {
        int fd = random.nextInt(descriptors.length);
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> read(i, fd);
            case 6, 7, 8, 9, 10 -> write(i, fd);
            case 11, 12 -> truncate(i, fd);
            case 13, 14 -> mapRead(i, fd);
            case 15, 16 -> mapWrite(i, fd);
            case 17 -> punch(i, fd);
            case 18 -> copy(i, fd);
            default -> reopen(i, fd);
        };
    }

    private String read(int i, int fd) {
        int at = random.nextInt(sizeMax);
        int length = length(at);
        note(i, fd, "read", at, length);
        long n = Libc.pread(descriptors[fd], buffer, 0, length, at);
        int expected = Math.max(0, Math.min(length, size - at));
        return n != expected
                ? "read gave " + Side.outcome(n) + ", expected " + expected
                : differs(buffer, at, expected);
    }

    private String write(int i, int fd) {
        int at = random.nextInt(sizeMax);
        int length = length(at);
        note(i, fd, "write", at, length);
        fresh(at, length);
        long n = Libc.pwrite(descriptors[fd], buffer, 0, length, at);
        size = Math.max(size, at + length);
        return n != length ? "write gave " + Side.outcome(n) : "";
    }

    private String truncate(int i, int fd) {
        int to = random.nextInt(sizeMax);
        note(i, fd, "truncate", to, 0);
        if (to < size) {
            Arrays.fill(model, to, size, (byte) 0);
        }
        size = to;
        return demand(Libc.ftruncate(descriptors[fd], to), "ftruncate");
    }

    private String mapRead(int i, int fd) {
        if (size == 0) {
            return "";
        }
        int at = random.nextInt(size);
        int length = Math.min(length(at), size - at);
        note(i, fd, "map and read", at, length);
        try (Mapping m = Mapping.of(descriptors[fd], size, Libc.PROT_READ, Libc.MAP_SHARED)) {
            return differs(m.memory().asSlice(at, length), at, length);
        }
    }

    private String mapWrite(int i, int fd) {
        if (size == 0 || lacking.contains(Capability.SHARED_MMAP)) {
            return "";
        }
        int at = random.nextInt(size);
        int length = Math.min(length(at), size - at);
        note(i, fd, "map and write", at, length);
        fresh(at, length);
        try (Mapping m = Mapping.of(descriptors[fd], size, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED)) {
            MemorySegment.copy(buffer, 0, m.memory(), at, length);
            return random.nextBoolean() ? demand((int) m.sync(), "msync") : "";
        }
    }

    private String punch(int i, int fd) {
        if (lacking.contains(Capability.PUNCH_HOLE)) {
            return "";
        }
        int at = random.nextInt(sizeMax);
        int length = length(at);
        note(i, fd, "punch", at, length);
        int end = Math.min(size, at + length);
        if (at < end) {
            Arrays.fill(model, at, end, (byte) 0);
        }
        int mode = Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE;
        return demand(Libc.fallocate(descriptors[fd], mode, at, length), "fallocate");
    }

    private String copy(int i, int fd) {
        if (lacking.contains(Capability.COPY_FILE_RANGE) || size < 2) {
            return "";
        }
        int half = size / 2;
        int from = random.nextInt(half);
        int length = Math.min(length(from), half - from);
        int to = half + random.nextInt(half);
        length = Math.min(length, sizeMax - to);
        note(i, fd, "copy from " + from + " to", to, length);
        try (Arena a = Arena.ofConfined()) {
            MemorySegment in = a.allocateFrom(ValueLayout.JAVA_LONG, (long) from);
            MemorySegment out = a.allocateFrom(ValueLayout.JAVA_LONG, (long) to);
            long n = Libc.copyFileRange(descriptors[fd], in, descriptors[fd], out, length, 0);
            if (n <= 0 || n > length) {
                return "copy_file_range gave " + Side.outcome(n);
            }
            System.arraycopy(model, from, model, to, (int) n);
            size = Math.max(size, to + (int) n);
            return "";
        }
    }

    private String reopen(int i, int fd) {
        note(i, fd, random.nextBoolean() ? "fsync and reopen" : "reopen", 0, 0);
        String wrong = recent.getLast().contains("fsync") ? demand(Libc.fsync(descriptors[fd]), "fsync") : "";
        Libc.close(descriptors[fd]);
        descriptors[fd] = open();
        long end = Libc.lseek(descriptors[fd], 0, Libc.SEEK_END);
        return end == size ? wrong : "the file has " + end + " bytes, expected " + size;
    }

    private int open() {
        try (Arena a = Arena.ofConfined()) {
            int fd = Libc.open(Calls.c(a, file.toString()), Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC, 0644);
            if (fd < 0) {
                throw new IllegalStateException("open " + file + ": " + Errno.ofResult(fd));
            }
            return fd;
        }
    }

    /** New random bytes into the model at {@code at} and into the buffer at 0. */
    private void fresh(int at, int length) {
        byte[] data = new byte[length];
        random.nextBytes(data);
        System.arraycopy(data, 0, model, at, length);
        MemorySegment.copy(data, 0, buffer, ValueLayout.JAVA_BYTE, 0, length);
    }

    private int length(int at) {
        int shape = random.nextInt(10);
        int bound = shape < 5 ? 2 * PAGE : shape < 9 ? 16 * PAGE : sizeMax;
        return Math.min(1 + random.nextInt(bound), sizeMax - at);
    }

    private String differs(MemorySegment actual, int at, int length) {
        MemorySegment expected = MemorySegment.ofArray(model).asSlice(at, length);
        long mismatch = expected.mismatch(actual.asSlice(0, length));
        if (mismatch < 0) {
            return "";
        }
        return String.format(
                "byte %d is 0x%02x, expected 0x%02x",
                at + mismatch,
                actual.get(ValueLayout.JAVA_BYTE, mismatch),
                expected.get(ValueLayout.JAVA_BYTE, mismatch));
    }

    private static String demand(int result, String call) {
        return result < 0 ? call + " gave " + Errno.ofResult(result) : "";
    }

    private void note(int i, int fd, String what, int at, int length) {
        if (recent.size() == RECENT_MAX) {
            recent.removeFirst();
        }
        recent.addLast(String.format("%6d  descriptor %d: %s [%d, +%d)", i, fd, what, at, length));
    }

    /** Runs and exits. */
    public static void main(String[] args) {
        Options o = Options.of(args, "--dir", "--ops", "--seed", "--descriptors", "--size");
        long seed = o.number("--seed", System.nanoTime() & 0xffff_ffffL);
        int count = (int) o.number("--ops", 20_000);
        FileExerciser exerciser = new FileExerciser(
                o.directory("--dir"), seed, (int) o.number("--descriptors", 3), (int) o.number("--size", 1 << 20));
        System.out.println("seed " + seed + ", " + count + " operations"
                + (exerciser.lacking.isEmpty() ? "" : ", without " + exerciser.lacking));
        String wrong = exerciser.run(count);
        System.out.println(wrong.isEmpty() ? "the file kept to the model" : wrong);
        System.exit(wrong.isEmpty() ? 0 : 1);
    }
}
