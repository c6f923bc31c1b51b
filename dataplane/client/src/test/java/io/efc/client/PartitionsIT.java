package io.efc.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.testing.support.FaultProxy;
import io.efc.testing.support.GaneshaServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A strong mount that reaches only one of master and store: others go on after its session, and it never shows or keeps what is not so. */
@Tag("slow")
@Timeout(120)
class PartitionsIT {
    /** A session's life, the drift bounds, and a loaded machine. */
    private static final Duration SESSION = Duration.ofSeconds(20);

    private static final long HEAL_SECONDS = 40;

    @Test
    void whoIsCutOffFromTheMasterWaitsAndShowsNothingStale() throws Exception {
        try (Served served = Served.mount("strong=0")) {
            Path here = served.mountPoint().resolve("f");
            Path there = served.second().resolve("f");
            Files.writeString(here, "old");
            assertThat(Files.readString(here)).isEqualTo("old");
            served.tell("cut");
            Instant start = Instant.now();
            Files.writeString(there, "changed");
            assertThat(Duration.between(start, Instant.now())).isLessThan(SESSION);
            try (ExecutorService programs = Executors.newCachedThreadPool()) {
                Future<String> read = programs.submit(() -> Files.readString(here));
                Future<Long> size = programs.submit(() -> Files.size(here));
                Thread.sleep(1000);
                assertThat(read.isDone()).isFalse();
                assertThat(size.isDone()).isFalse();
                served.tell("join");
                assertThat(read.get(HEAL_SECONDS, TimeUnit.SECONDS)).isEqualTo("changed");
                assertThat(size.get(HEAL_SECONDS, TimeUnit.SECONDS)).isEqualTo(7);
            }
            Files.writeString(here, "mine");
            assertThat(Files.readString(there)).isEqualTo("mine");
        }
    }

    @Test
    void whoIsCutOffFromTheStoreLosesItsLeaseAndNothingAcknowledged() throws Exception {
        Path export = Files.createTempDirectory(Path.of("/tmp"), "efc-client-export-");
        try (GaneshaServer server = GaneshaServer.start(export);
                FaultProxy wire = new FaultProxy(server.nfsPort(), 1);
                Served served = Served.mount(
                        "strong=0",
                        "store=" + server.mountPoint(),
                        "nfs.vers=4.1",
                        "nfs.port=" + wire.port(),
                        "second.nfs.port=" + server.nfsPort())) {
            Path here = served.mountPoint().resolve("f");
            Path there = served.second().resolve("f");
            try (FileChannel file = FileChannel.open(here, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap("acknowledged\n".getBytes(UTF_8)));
                file.force(true);
                wire.stall(true);
                file.write(ByteBuffer.wrap("kept back\n".getBytes(UTF_8)));
                Instant start = Instant.now();
                Files.writeString(there, "theirs\n", StandardOpenOption.APPEND);
                assertThat(Duration.between(start, Instant.now())).isLessThan(SESSION);
                String theirs = Files.readString(there);
                assertThat(theirs).startsWith("acknowledged\n").endsWith("theirs\n");
                wire.cut();
                wire.stall(false);
                boolean kept = isForced(file);
                assertThat(Files.readString(here).contains("kept back"))
                        .as("what fsync said: %s", kept)
                        .isEqualTo(kept);
                assertThat(Files.readString(there)).isEqualTo(Files.readString(here));
                assertThat(Files.readString(here)).startsWith("acknowledged\n").endsWith("theirs\n");
            }
        } finally {
            Served.run("rm", "-rf", export.toString());
        }
    }

    /** Whether fsync says that everything written is in the store. */
    private static boolean isForced(FileChannel file) {
        try {
            file.force(true);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
