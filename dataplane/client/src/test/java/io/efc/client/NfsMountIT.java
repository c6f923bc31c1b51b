package io.efc.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.testing.posix.FileExerciser;
import io.efc.testing.support.GaneshaServer;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mount of a real NFS server. */
@Tag("slow")
@Timeout(120)
class NfsMountIT {
    private static Served mount(GaneshaServer server, String version) throws Exception {
        return Served.mount(
                "store=" + server.mountPoint(),
                "nfs.port=" + server.nfsPort(),
                version.equals("3") ? "nfs.mountport=" + server.mountPort() : "nfs.nconnect=2",
                "nfs.vers=" + version);
    }

    @ParameterizedTest(name = "NFS {0}")
    @ValueSource(strings = {"4.1", "3"})
    void filesAreReadAndWrittenAndOutliveTheirNames(String version) throws Exception {
        Path export = Files.createTempDirectory(Path.of("/tmp"), "efc-client-export-");
        try (GaneshaServer server = GaneshaServer.start(export);
                Served s = mount(server, version)) {
            Path root = s.mountPoint();
            byte[] data = new byte[5_000_001];
            new Random(1).nextBytes(data);
            Files.write(root.resolve("file"), data);
            assertThat(Files.readAllBytes(export.resolve("file"))).isEqualTo(data);
            assertThat(Files.readAllBytes(root.resolve("file"))).isEqualTo(data);
            Path directory = Files.createDirectory(root.resolve("d"));
            Files.writeString(directory.resolve("open"), "before");
            try (RandomAccessFile open =
                    new RandomAccessFile(directory.resolve("open").toFile(), "rw")) {
                Files.delete(directory.resolve("open"));
                try (Stream<Path> left = Files.list(directory)) {
                    assertThat(left).isEmpty();
                }
                open.seek(6);
                open.write("after".getBytes(java.nio.charset.StandardCharsets.UTF_8));
                open.seek(0);
                assertThat(open.readLine()).isEqualTo("beforeafter");
                Files.delete(directory);
            }
            assertThat(new FileExerciser(root, 5, 3, 1 << 20).run(1500)).isEmpty();
        } finally {
            Served.run("rm", "-rf", export.toString());
        }
    }

    @ParameterizedTest(name = "NFS {0}")
    @ValueSource(strings = {"4.1", "3"})
    void aServerThatRestartsWhileItIsWrittenToAndReadLosesNothing(String version) throws Exception {
        Path export = Files.createTempDirectory(Path.of("/tmp"), "efc-client-export-");
        try (GaneshaServer server = GaneshaServer.start(export);
                Served s = mount(server, version)) {
            byte[] data = new byte[24 << 20];
            new Random(2).nextBytes(data);
            Path file = s.mountPoint().resolve("file");
            Thread restarter = Thread.ofPlatform().start(server::restart);
            Files.write(file, data);
            restarter.join();
            assertThat(Files.readAllBytes(export.resolve("file"))).isEqualTo(data);
            Served.run("dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none");
            restarter = Thread.ofPlatform().start(server::restart);
            assertThat(Files.readAllBytes(file)).isEqualTo(data);
            restarter.join();
        } finally {
            Served.run("rm", "-rf", export.toString());
        }
    }
}
