package io.efc.testing.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The NFS server is killed while programs read and write, and comes back: they wait and go on, and every byte is right. */
@Tag("campaign")
class ServerRestartE2E {
    private static final int MEBIBYTES = 128;
    private static final int KILL_AT = 24;
    private static final int LIMIT_SECONDS = 120;

    @ParameterizedTest(name = "a read goes on after the server's restart, NFS {0}")
    @ValueSource(strings = {"4.1", "3"})
    void aReadGoesOn(String version) throws Exception {
        try (Stage stage = new Stage()) {
            long written = Stage.write(stage.export().resolve("f"), MEBIBYTES, 1);
            Path file = stage.mount(version).resolve("f");
            CountDownLatch underWay = new CountDownLatch(1);
            CountDownLatch killed = new CountDownLatch(1);
            CompletableFuture<Long> read =
                    CompletableFuture.supplyAsync(() -> Stage.read(file, meeting(underWay, killed)));
            assertThat(underWay.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            stage.server().kill();
            killed.countDown();
            stage.server().restart();
            assertThat(read.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(written);
        }
    }

    @ParameterizedTest(name = "written bytes arrive although the server was killed, NFS {0}")
    @ValueSource(strings = {"4.1", "3"})
    void writtenBytesArrive(String version) throws Exception {
        try (Stage stage = new Stage()) {
            Path file = stage.mount(version).resolve("f");
            CountDownLatch underWay = new CountDownLatch(1);
            CountDownLatch killed = new CountDownLatch(1);
            CompletableFuture<Long> write = CompletableFuture.supplyAsync(() -> write(file, meeting(underWay, killed)));
            assertThat(underWay.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            stage.server().kill();
            killed.countDown();
            stage.server().restart();
            long written = write.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(Stage.read(stage.export().resolve("f"))).isEqualTo(written);
            assertThat(Files.size(stage.export().resolve("f"))).isEqualTo((long) MEBIBYTES << 20);
        }
    }

    @ParameterizedTest(name = "names and locks go on after a restart, NFS {0}")
    @ValueSource(strings = {"4.1", "3"})
    void namesGoOn(String version) throws Exception {
        try (Stage stage = new Stage()) {
            Path mount = stage.mount(version);
            try (OutputStream open = Files.newOutputStream(mount.resolve("open"))) {
                open.write(new byte[100]);
                stage.server().kill();
                stage.server().restart();
                open.write(new byte[200]);
                for (int i = 0; i < 50; i++) {
                    Files.createDirectory(mount.resolve("d" + i));
                    Files.move(mount.resolve("d" + i), mount.resolve("e" + i));
                }
            }
            assertThat(stage.export().resolve("open")).hasSize(300);
            assertThat(stage.export().resolve("e49")).isDirectory();
            assertThat(stage.export().resolve("d49")).doesNotExist();
        }
    }

    /** At {@link #KILL_AT} mebibytes the program meets the test, which kills the server. */
    private static IntConsumer meeting(CountDownLatch underWay, CountDownLatch killed) {
        return mebibytes -> {
            if (mebibytes == KILL_AT) {
                underWay.countDown();
                try {
                    assertThat(killed.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    private static long write(Path file, IntConsumer reached) {
        byte[] block = new byte[1 << 20];
        SplittableRandom random = new SplittableRandom(7);
        CRC32C crc = new CRC32C();
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 1; i <= MEBIBYTES; i++) {
                random.nextBytes(block);
                crc.update(block);
                ByteBuffer bytes = ByteBuffer.wrap(block);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                reached.accept(i);
            }
            out.force(true);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return crc.getValue();
    }
}
