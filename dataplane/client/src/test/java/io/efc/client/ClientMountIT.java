package io.efc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real mount over a real directory, looked at from both sides. */
@Timeout(60)
class ClientMountIT {
    private static byte[] random(int length, long seed) {
        byte[] b = new byte[length];
        new Random(seed).nextBytes(b);
        return b;
    }

    @Test
    void whatIsWrittenThroughTheMountIsInTheStoreAtClose() throws Exception {
        try (Served s = Served.mount()) {
            byte[] data = random(3_000_001, 1);
            Files.write(s.mountPoint().resolve("file"), data);
            assertThat(Files.readAllBytes(s.store().resolve("file"))).isEqualTo(data);
            assertThat(Files.readAllBytes(s.mountPoint().resolve("file"))).isEqualTo(data);
            assertThat(s.metric("efc_client_dirty_bytes")).isZero();
        }
    }

    @Test
    void aChangeBehindTheMountIsSeenAfterTheValidity() throws Exception {
        try (Served s = Served.mount("ttl=0")) {
            Path behind = s.store().resolve("file");
            Path through = s.mountPoint().resolve("file");
            Files.writeString(behind, "first");
            assertThat(Files.readString(through)).isEqualTo("first");
            Files.writeString(behind, "second, and longer");
            assertThat(Files.readString(through)).isEqualTo("second, and longer");
            Files.writeString(behind, "3");
            assertThat(Files.readString(through)).isEqualTo("3");
            Files.delete(behind);
            assertThat(Files.exists(through)).isFalse();
        }
    }

    @Test
    void twoMountsOfOneStoreAreCloseToOpen() throws Exception {
        try (Served a = Served.mount("ttl=0");
                Served b = a.another("ttl=0")) {
            for (int i = 0; i < 20; i++) {
                byte[] data = random(100_000 + i * 7919, i);
                Served writer = i % 2 == 0 ? a : b;
                Served reader = i % 2 == 0 ? b : a;
                Files.write(writer.mountPoint().resolve("file"), data);
                assertThat(Files.readAllBytes(reader.mountPoint().resolve("file")))
                        .as("round %d", i)
                        .isEqualTo(data);
            }
        }
    }

    /** The kernel leaves it to the file system to take the bits, and does not look again at a mode that it may believe for an hour. */
    @ParameterizedTest(name = "writeback = {0}")
    @ValueSource(strings = {"false", "true"})
    void setIdBitsThatAWriteTookAreGoneForTheKernelToo(String writeback) throws Exception {
        try (Served s = Served.mount("ttl=3600000", "writeback=" + writeback)) {
            String file = s.mountPoint().resolve("file").toString();
            Served.run("chmod", "711", s.beside().toString());
            Files.writeString(Path.of(file), "#!/bin/sh\n");
            for (String how : List.of("echo id >> \"$0\"", ": > \"$0\"", "truncate -s 1 \"$0\"")) {
                Served.run("chmod", "6777", file);
                // Only the mode is asked for, so that nothing else makes the kernel ask again.
                assertThat(Served.run("stat", "-c", "%a", file)).isEqualTo("6777\n");
                Served.run("setpriv", "--reuid", "1001", "--regid", "1001", "--clear-groups", "sh", "-c", how, file);
                assertThat(Served.run("stat", "-c", "%a", file)).as(how).isEqualTo("777\n");
            }
            assertThat(Served.run("stat", "-c", "%a", s.store().resolve("file").toString()))
                    .isEqualTo("777\n");
        }
    }

    @ParameterizedTest(name = "silly = {0}")
    @ValueSource(strings = {"false", "true"})
    void anUnlinkedOpenFileStaysUsable(String silly) throws Exception {
        try (Served s = Served.mount("silly=" + silly)) {
            Path directory = Files.createDirectory(s.mountPoint().resolve("d"));
            Path file = directory.resolve("file");
            Files.writeString(file, "before");
            try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw");
                    RandomAccessFile reader = new RandomAccessFile(file.toFile(), "r")) {
                Files.delete(file);
                assertThat(Files.exists(file)).isFalse();
                try (Stream<Path> left = Files.list(directory)) {
                    assertThat(left).isEmpty();
                }
                open.write("after!".getBytes(StandardCharsets.UTF_8));
                byte[] b = new byte[6];
                reader.readFully(b);
                assertThat(new String(b, StandardCharsets.UTF_8)).isEqualTo("after!");
                Files.delete(directory);
            }
        }
    }

    @Test
    void aHiddenNameIsRemovedAtTheLastClose() throws Exception {
        try (Served s = Served.mount("silly=true")) {
            Path file = s.mountPoint().resolve("file");
            Files.writeString(file, "x");
            try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
                Files.delete(file);
                assertThat(open.length()).isEqualTo(1);
                try (Stream<Path> hidden = Files.list(s.store())) {
                    assertThat(hidden.map(p -> p.getFileName().toString()))
                            .singleElement()
                            .asString()
                            .startsWith(".nfs");
                }
            }
            s.unmount();
            try (Stream<Path> left = Files.list(s.store())) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Test
    void aRandomReadOfAColdFileFetchesWhatItAsks() throws Exception {
        try (Served s = Served.mount("ttl=60000")) {
            byte[] data = random(32 << 20, 3);
            Files.write(s.store().resolve("file"), data);
            Random random = new Random(4);
            int reads = 64;
            try (RandomAccessFile f =
                    new RandomAccessFile(s.mountPoint().resolve("file").toFile(), "r")) {
                Served.run(
                        "python3",
                        "-c",
                        "import os,sys; os.posix_fadvise(os.open(sys.argv[1], os.O_RDONLY), 0, 0, 1)",
                        s.mountPoint().resolve("file").toString());
                byte[] b = new byte[4096];
                for (int i = 0; i < reads; i++) {
                    int at = random.nextInt(data.length / 4096) * 4096;
                    f.seek(at);
                    f.readFully(b);
                    assertThat(b).isEqualTo(Arrays.copyOfRange(data, at, at + 4096));
                }
            }
            double asked = s.metric("efc_client_read_asked_bytes_total");
            double fetched = s.metric("efc_client_read_fetched_bytes_total");
            assertThat(fetched).isBetween(4096.0 * reads / 2, asked + 65536);
        }
    }

    @Test
    void aSequentialReaderIsReadAheadOf() throws Exception {
        try (Served s = Served.mount()) {
            byte[] data = random(24 << 20, 5);
            Files.write(s.store().resolve("file"), data);
            assertThat(Files.readAllBytes(s.mountPoint().resolve("file"))).isEqualTo(data);
            double fetched = s.metric("efc_client_read_fetched_bytes_total");
            assertThat(fetched).isBetween((double) data.length, data.length * 1.1);
        }
    }

    @Test
    void aWholeCachedFileIsPassedThrough() throws Exception {
        try (Served s = Served.mount(
                "passthrough=true",
                "cache=/dev/shm/efc-client-it-" + ProcessHandle.current().pid())) {
            byte[] data = random(8 << 20, 6);
            Files.write(s.store().resolve("file"), data);
            Path file = s.mountPoint().resolve("file");
            assertThat(Files.readAllBytes(file)).isEqualTo(data);
            double before = s.metric("efc_client_read_asked_bytes_total");
            try (RandomAccessFile first = new RandomAccessFile(file.toFile(), "r")) {
                assertThat(s.metric("efc_client_passthrough_opens_total")).isEqualTo(1);
                assertThat(Files.readAllBytes(file)).isEqualTo(data);
                byte[] some = new byte[1000];
                first.seek(12345);
                first.readFully(some);
                assertThat(some).isEqualTo(Arrays.copyOfRange(data, 12345, 13345));
                assertThat(s.metric("efc_client_read_asked_bytes_total")).isEqualTo(before);
                Files.writeString(file, "new", StandardOpenOption.TRUNCATE_EXISTING);
            }
            assertThat(Files.readString(file)).isEqualTo("new");
        } finally {
            Served.run(
                    "rm",
                    "-rf",
                    "/dev/shm/efc-client-it-" + ProcessHandle.current().pid());
        }
    }

    @Test
    void severalMountsHaveAReadOnlyRoot() throws Exception {
        Path one = Files.createTempDirectory(Path.of("/tmp"), "efc-client-one-");
        Path two = Files.createTempDirectory(Path.of("/tmp"), "efc-client-two-");
        Files.writeString(one.resolve("x"), "in one");
        try (Served s = Served.mount("store=/a:" + one + ",/deep/b:" + two)) {
            Path root = s.mountPoint();
            assertThat(Files.readString(root.resolve("a/x"))).isEqualTo("in one");
            Files.writeString(root.resolve("deep/b/y"), "in two");
            assertThat(Files.readString(two.resolve("y"))).isEqualTo("in two");
            try (Stream<Path> names = Files.list(root)) {
                assertThat(names.map(p -> p.getFileName().toString())).containsExactlyInAnyOrder("a", "deep");
            }
            assertThatThrownBy(() -> Files.createDirectory(root.resolve("no")))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("Read-only");
            assertThatThrownBy(() -> Files.createLink(root.resolve("deep/b/z"), root.resolve("a/x")))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("cross-device");
        } finally {
            Served.run("rm", "-r", one.toString(), two.toString());
        }
    }

    @Test
    void aReadOnlyMountRefusesChanges() throws Exception {
        try (Served s = Served.mount("readonly=true")) {
            Files.writeString(s.store().resolve("x"), "x");
            assertThat(Files.readString(s.mountPoint().resolve("x"))).isEqualTo("x");
            assertThatThrownBy(() -> Files.delete(s.mountPoint().resolve("x")))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("Read-only");
        }
    }

    @Test
    void bytesAcknowledgedToAProgramSurviveTheServer() throws Exception {
        try (Served s = Served.mount()) {
            Path file = s.mountPoint().resolve("file");
            byte[] data = random(300_000, 7);
            RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw");
            open.write(data);
            s.killAndRemount();
            assertThat(Files.readAllBytes(s.store().resolve("file"))).isEqualTo(data);
            assertThat(Files.readAllBytes(file)).isEqualTo(data);
            assertThatThrownBy(open::close).isInstanceOf(IOException.class);
        }
    }

    @Test
    void locksOfTwoMountsMeetInTheStore() throws Exception {
        try (Served a = Served.mount("ttl=0");
                Served b = a.another("ttl=0")) {
            Path file = a.mountPoint().resolve("file");
            Files.writeString(file, "0123456789");
            try (FileChannel one = FileChannel.open(file, StandardOpenOption.WRITE);
                    FileChannel two = FileChannel.open(
                            b.mountPoint().resolve("file"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                FileLock held = one.lock(0, 5, false);
                assertThat(two.tryLock(3, 4, false)).isNull();
                try (FileLock beside = two.tryLock(5, 5, false)) {
                    assertThat(beside).isNotNull();
                }
                held.release();
                assertThat(two.tryLock(3, 4, false)).isNotNull();
            }
        }
    }

    @Test
    @Tag("slow")
    void aDirectoryOfManyNamesIsListedOnceEach() throws Exception {
        try (Served s = Served.mount()) {
            int count = 3000;
            for (int i = 0; i < count; i++) {
                Files.createFile(s.store().resolve("name-" + i));
            }
            String listed = Served.run("ls", "-lU", s.mountPoint().toString());
            assertThat(listed.lines()
                            .filter(l -> l.contains("name-"))
                            .distinct()
                            .count())
                    .isEqualTo(count);
            assertThat(s.metric("efc_client_inodes")).isGreaterThan(count);
        }
    }
}
