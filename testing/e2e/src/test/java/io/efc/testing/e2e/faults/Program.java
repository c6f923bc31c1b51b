package io.efc.testing.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.testing.support.Waiting;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * A process that works on a mount and meets the test on its way: it says where it is and waits for a word. A process of its own, because
 * the test's starts the server again: the child that it forks for this closes its copies of the descriptors, and the close of a file that was
 * written waits for the server (also on a kernel's NFS mount).
 */
final class Program implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Process process;
    private final BufferedReader said;
    private final BufferedWriter told;

    private Program(Process process) {
        this.process = process;
        said = process.inputReader(StandardCharsets.UTF_8);
        told = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** Reads {@code file} from its start to its end, meeting the test every {@code step} mebibytes; ends with the checksum. */
    static Program reader(Path file, int step) {
        return start("read", file.toString(), String.valueOf(step));
    }

    /** Writes {@code mebibytes} to a new file, meeting the test every {@code step}, and syncs it; ends with the checksum. */
    static Program writer(Path file, int mebibytes, int step) {
        return start("write", file.toString(), String.valueOf(step), String.valueOf(mebibytes));
    }

    /** Meets the test with a file {@code open} of 100 bytes open, then appends 200, and makes directories d0 to d49 that it renames to e0 to e49. */
    static Program names(Path directory) {
        return start("names", directory.toString());
    }

    private static Program start(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName()));
        command.addAll(List.of(arguments));
        try {
            return new Program(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns when the program waits for {@link #goOn}. */
    void meet() {
        assertThat(line()).isEqualTo("here");
    }

    void goOn() {
        try {
            told.write("on\n");
            told.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the program says last. */
    String result() {
        String last = line();
        try {
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        assertThat(process.exitValue()).isZero();
        return last;
    }

    private String line() {
        Waiting.until("the program says something", LIMIT, () -> {
            try {
                return said.ready() || !process.isAlive();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            String line = said.readLine();
            assertThat(line).as("the program has ended").isNotNull();
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Runs in the other process. */
    public static void main(String[] arguments) throws IOException {
        Path path = Path.of(arguments[1]);
        System.out.println(
                switch (arguments[0]) {
                    case "read" -> read(path, Integer.parseInt(arguments[2]));
                    case "write" -> write(path, Integer.parseInt(arguments[3]), Integer.parseInt(arguments[2]));
                    case "names" -> changeNames(path);
                    default -> throw new IllegalArgumentException(arguments[0]);
                });
    }

    private static void here() {
        System.out.println("here");
        try {
            int c = System.in.read();
            while (c != '\n') {
                if (c < 0) {
                    throw new IllegalStateException("the test has gone");
                }
                c = System.in.read();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file, int step) throws IOException {
        byte[] block = new byte[1 << 20];
        CRC32C crc = new CRC32C();
        try (InputStream in = Files.newInputStream(file)) {
            int mebibytes = 0;
            for (int n = in.readNBytes(block, 0, block.length); n > 0; n = in.readNBytes(block, 0, block.length)) {
                crc.update(block, 0, n);
                if (++mebibytes % step == 0 && in.available() > 0) {
                    here();
                }
            }
        }
        return String.valueOf(crc.getValue());
    }

    private static String write(Path file, int mebibytes, int step) throws IOException {
        byte[] block = new byte[1 << 20];
        SplittableRandom random = new SplittableRandom(7);
        CRC32C crc = new CRC32C();
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 1; i <= mebibytes; i++) {
                random.nextBytes(block);
                crc.update(block);
                ByteBuffer bytes = ByteBuffer.wrap(block);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                if (i % step == 0 && i < mebibytes) {
                    here();
                }
            }
            out.force(true);
        }
        return String.valueOf(crc.getValue());
    }

    private static String changeNames(Path directory) throws IOException {
        try (OutputStream open = Files.newOutputStream(directory.resolve("open"))) {
            open.write("1".repeat(100).getBytes(StandardCharsets.US_ASCII));
            here();
            open.write("2".repeat(200).getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 50; i++) {
                Files.createDirectory(directory.resolve("d" + i));
                Files.move(directory.resolve("d" + i), directory.resolve("e" + i));
            }
        }
        return "done";
    }
}
