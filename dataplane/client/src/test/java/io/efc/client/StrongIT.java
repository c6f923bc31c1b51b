package io.efc.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two mounts with leases of one master behave like one local file system. */
class StrongIT {
    private static final int FILE_BYTES = 65_536;

    /** What one mount changes, the next system call on the other sees; also while messages of the protocol are lost. */
    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    void everyChangeIsSeenAtOnce(int loss) throws Exception {
        try (Served served = Served.mount("strong=" + loss)) {
            Pair pair = new Pair(served.mountPoint(), served.second());
            for (int i = 0; i < (loss == 0 ? 2000 : 32); i++) {
                pair.change(i);
            }
            pair.close();
        }
    }

    @Test
    void theOtherWayRoundToo() throws Exception {
        try (Served served = Served.mount("strong=0")) {
            Pair there = new Pair(served.mountPoint(), served.second());
            Pair back = new Pair(served.second(), served.mountPoint());
            for (int i = 0; i < 1000; i++) {
                there.change(i);
                back.change(i + 3);
            }
            there.close();
            back.close();
        }
    }

    @Test
    void twoThatAppendLoseNoLine() throws Exception {
        try (Served served = Served.mount("strong=0")) {
            Path here = served.mountPoint().resolve("log");
            Path there = served.second().resolve("log");
            both(() -> append(here, 'a'), () -> append(there, 'b'));
            List<String> lines = Files.readAllLines(here);
            assertThat(lines).hasSize(1000).doesNotHaveDuplicates();
            assertThat(Files.readAllLines(there)).isEqualTo(lines);
        }
    }

    private static Void append(Path file, char tag) throws IOException {
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            for (int i = 0; i < 500; i++) {
                out.write(ByteBuffer.wrap((tag + " " + i + "\n").getBytes(UTF_8)));
            }
        }
        return null;
    }

    @Test
    void ofTwoThatCreateExclusivelyOneWins() throws Exception {
        try (Served served = Served.mount("strong=0")) {
            for (int i = 0; i < 100; i++) {
                String name = "x" + i;
                List<Boolean> won = both(
                        () -> create(served.mountPoint().resolve(name)),
                        () -> create(served.second().resolve(name)));
                assertThat(won).containsExactlyInAnyOrder(true, false);
            }
        }
    }

    private static boolean create(Path file) throws IOException {
        try {
            Files.createFile(file);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** What a directory lacks is known once it is listed, until another makes a name there. */
    @Test
    void newNamesAreNotAskedFor() throws Exception {
        try (Served served = Served.mount("strong=0")) {
            Path here = served.mountPoint().resolve("d");
            Path there = served.second().resolve("d");
            Files.createDirectory(here);
            for (int i = 0; i < 200; i++) {
                Files.createFile(here.resolve("f" + i));
                Files.move(here.resolve("f" + i), here.resolve("m" + i));
                if (i % 2 == 0) {
                    Files.delete(here.resolve("m" + i));
                }
            }
            assertThat(served.metric("efc_client_absent_by_roster_total")).isGreaterThan(300);
            for (int i = 0; i < 200; i++) {
                assertThat(Files.exists(here.resolve("f" + i))).isFalse();
                assertThat(Files.exists(here.resolve("m" + i))).isEqualTo(i % 2 == 1);
                assertThat(Files.exists(there.resolve("m" + i))).isEqualTo(i % 2 == 1);
            }
            for (int i = 0; i < 50; i++) {
                Files.createFile(there.resolve("g" + i));
                assertThat(Files.exists(here.resolve("g" + i))).isTrue();
                assertThat(Files.exists(here.resolve("h" + i))).isFalse();
                Files.createFile(here.resolve("h" + i));
                assertThat(Files.exists(there.resolve("h" + i))).isTrue();
            }
        }
    }

    /** More files of a group are used than a session is given leases for one by one. */
    @Test
    void aGroupOfFilesThatBothHaveReadIsGivenUpFileByFile() throws Exception {
        try (Served served = Served.mount("strong=0")) {
            Path here = served.mountPoint().resolve("d");
            Path there = served.second().resolve("d");
            Files.createDirectory(here);
            for (int i = 0; i < 200; i++) {
                Files.writeString(here.resolve("f" + i), "old" + i);
            }
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 200; i++) {
                    assertThat(Files.readString(there.resolve("f" + i))).endsWith("" + i);
                    assertThat(Files.readString(here.resolve("f" + i))).endsWith("" + i);
                }
                for (int i = 0; i < 200; i++) {
                    Path writer = (i % 2 == 0 ? here : there).resolve("f" + i);
                    Path reader = (i % 2 == 0 ? there : here).resolve("f" + i);
                    Files.writeString(writer, "new" + round + "/" + i);
                    assertThat(Files.readString(reader)).isEqualTo("new" + round + "/" + i);
                }
            }
        }
    }

    /** Everybody reads and writes the same few files and names at once: nobody waits for ever. */
    @Test
    void nobodyIsStuckWhereAllMeet() throws Exception {
        try (Served served = Served.mount("strong=0")) {
            List<Callable<Void>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Path root = i % 2 == 0 ? served.mountPoint() : served.second();
                int seed = i;
                all.add(() -> mingle(root, seed));
            }
            try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
                for (Future<Void> f : threads.invokeAll(all, 100, TimeUnit.SECONDS)) {
                    f.get();
                }
            }
            try (Stream<Path> here = Files.list(served.mountPoint());
                    Stream<Path> there = Files.list(served.second())) {
                assertThat(here.map(p -> p.getFileName().toString()).sorted().toList())
                        .isEqualTo(there.map(p -> p.getFileName().toString())
                                .sorted()
                                .toList());
            }
        }
    }

    private static Void mingle(Path root, int seed) throws IOException {
        for (int i = 0; i < 300; i++) {
            Path file = root.resolve("m" + (i * 7 + seed) % 5);
            Path other = root.resolve("m" + (i * 3 + seed) % 5);
            try {
                switch ((i + seed) % 5) {
                    case 0 -> Files.writeString(file, "x".repeat(i));
                    case 1 -> Files.readAllBytes(file);
                    case 2 -> Files.move(file, other, StandardCopyOption.REPLACE_EXISTING);
                    case 3 -> Files.deleteIfExists(file);
                    default -> Files.getLastModifiedTime(file);
                }
            } catch (NoSuchFileException e) {
                // Somebody moved or removed it first.
            } catch (IOException e) {
                // ... and did so again between the kernel's second lookup and its open.
                assertThat(e).hasMessageContaining("Stale file handle");
            }
        }
        return null;
    }

    /** A master that takes over asks for the leases there are, and nothing that is seen is stale meanwhile. */
    @Test
    void anotherMasterTakesOverUnderLoad() throws Exception {
        try (Served served = Served.mount("strong=0")) {
            Pair pair = new Pair(served.mountPoint(), served.second());
            for (int i = 0; i < 600; i++) {
                if (i % 200 == 100) {
                    served.tell("stop master");
                    served.tell("begin master");
                }
                pair.change(i);
            }
            pair.close();
        }
    }

    /** Longer than a session lives: what changes waits, and goes on afterwards. */
    @Test
    @Tag("slow")
    void aMasterIsAwayForLongerThanASessionLives() throws Exception {
        try (Served served = Served.mount("strong=0")) {
            Pair pair = new Pair(served.mountPoint(), served.second());
            for (int i = 0; i < 50; i++) {
                pair.change(i);
            }
            served.tell("stop master");
            Thread.sleep(12_000);
            try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
                Future<Void> next = thread.submit(() -> {
                    pair.change(50);
                    return null;
                });
                served.tell("begin master");
                next.get(60, TimeUnit.SECONDS);
            }
            for (int i = 51; i < 200; i++) {
                pair.change(i);
            }
            pair.close();
        }
    }

    @Test
    void whatNobodyChangesCostsTheStoreAndTheMasterNothing() throws Exception {
        try (Served served = Served.mount("strong=0")) {
            Path dir = served.mountPoint();
            for (int i = 0; i < 50; i++) {
                Files.writeString(dir.resolve("f" + i), "content");
            }
            for (int i = 0; i < 50; i++) {
                Files.readString(dir.resolve("f" + i));
            }
            double read = served.metric("efc_client_read_fetched_bytes_total");
            double asked = served.metric("efc_client_lease_wait_seconds_count");
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < 50; i++) {
                    assertThat(Files.readString(dir.resolve("f" + i))).isEqualTo("content");
                    assertThat(Files.exists(dir.resolve("absent" + i))).isFalse();
                }
            }
            assertThat(served.metric("efc_client_read_fetched_bytes_total")).isEqualTo(read);
            assertThat(served.metric("efc_client_lease_wait_seconds_count")).isEqualTo(asked);
        }
    }

    @Test
    void aReadOnlyDatasetIsOneLease() throws Exception {
        try (Served served = Served.mount("strong=0", "readonly=true")) {
            Files.writeString(served.store().resolve("f"), "x");
            assertThat(Files.readString(served.mountPoint().resolve("f"))).isEqualTo("x");
            assertThat(Files.readString(served.second().resolve("f"))).isEqualTo("x");
            assertThat(served.metric("efc_client_leases")).isEqualTo(1);
            assertThatThrownBy(() -> Files.writeString(served.mountPoint().resolve("g"), "x"))
                    .isInstanceOf(IOException.class);
        }
    }

    private static <T> List<T> both(Callable<T> one, Callable<T> other) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<T> results = new ArrayList<>();
            for (Future<T> f : threads.invokeAll(List.of(one, other), 60, TimeUnit.SECONDS)) {
                results.add(f.get());
            }
            return results;
        }
    }

    /** A writer on one mount and who looks on the other. */
    private static final class Pair {
        private final Path writer;
        private final Path reader;
        private final String unique;
        private final FileChannel out;
        private final FileChannel in;
        private final MappedByteBuffer mapped;

        Pair(Path writer, Path reader) throws IOException {
            this.writer = writer;
            this.reader = reader;
            this.unique = writer.getFileName().toString();
            Path file = writer.resolve(unique);
            Files.write(file, new byte[FILE_BYTES]);
            out = FileChannel.open(file, StandardOpenOption.WRITE);
            in = FileChannel.open(reader.resolve(unique), StandardOpenOption.READ);
            mapped = in.map(MapMode.READ_ONLY, 0, FILE_BYTES);
        }

        void change(int i) throws IOException {
            Path here = writer.resolve(unique + "-c");
            Path there = reader.resolve(unique + "-c");
            int at = i * 64 % FILE_BYTES;
            switch (i % 8) {
                case 0 -> {
                    write(i, at);
                    ByteBuffer seen = ByteBuffer.allocate(4);
                    in.read(seen, at);
                    assertThat(seen.getInt(0)).as("read %d", i).isEqualTo(i);
                }
                case 1 -> {
                    write(i, at);
                    assertThat(mapped.getInt(at)).as("mapped %d", i).isEqualTo(i);
                }
                case 2 -> {
                    Files.deleteIfExists(here);
                    assertThat(there).as("%d", i).doesNotExist();
                    Files.createFile(here);
                    assertThat(there).as("created %d", i).exists();
                }
                case 3 -> {
                    make(here);
                    Path moved = writer.resolve(unique + "-m" + i);
                    Files.move(here, moved);
                    assertThat(there).as("moved %d", i).doesNotExist();
                    try (Stream<Path> names = Files.list(reader)) {
                        assertThat(names.map(p -> p.getFileName().toString())).contains(unique + "-m" + i);
                    }
                    Files.move(moved, here);
                    assertThat(there).as("moved back %d", i).exists();
                }
                case 4 -> {
                    make(here);
                    try (FileChannel c = FileChannel.open(here, StandardOpenOption.WRITE)) {
                        c.truncate(0);
                        c.write(ByteBuffer.allocate(i % 1000 + 1));
                    }
                    assertThat(Files.size(there)).as("size %d", i).isEqualTo(i % 1000 + 1);
                }
                case 5 -> {
                    make(here);
                    String mode = i % 16 < 8 ? "rwxr-x---" : "rw-r--r--";
                    Files.setPosixFilePermissions(here, PosixFilePermissions.fromString(mode));
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(there)))
                            .as("mode %d", i)
                            .isEqualTo(mode);
                }
                case 6 -> {
                    make(here);
                    Files.writeString(writer.resolve(unique + "-t"), "turn " + i);
                    Files.move(writer.resolve(unique + "-t"), here, StandardCopyOption.REPLACE_EXISTING);
                    assertThat(Files.readString(there)).isEqualTo("turn " + i);
                }
                default -> {
                    Files.deleteIfExists(here);
                    assertThat(there).as("unlinked %d", i).doesNotExist();
                }
            }
        }

        private void write(int value, int at) throws IOException {
            out.write(ByteBuffer.allocate(4).putInt(0, value), at);
        }

        private static void make(Path file) throws IOException {
            if (!Files.exists(file)) {
                Files.createFile(file);
            }
        }

        void close() throws IOException {
            out.close();
            in.close();
        }
    }
}
