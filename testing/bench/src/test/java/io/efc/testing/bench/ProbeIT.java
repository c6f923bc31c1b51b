package io.efc.testing.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.testing.support.GaneshaOptions;
import io.efc.testing.support.GaneshaServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The timed loops on a directory, and through libnfs on the server that exports it. */
class ProbeIT {
    private static final int BIG = 5_000_000;

    private Path programs = Path.of("/");
    private Path export = Path.of("/");

    @BeforeEach
    void makeDirectories() throws IOException {
        programs = Files.createTempDirectory(Path.of("/tmp"), "efc-probe-");
        export = Files.createTempDirectory(Path.of("/tmp"), "efc-probe-");
    }

    @AfterEach
    void removeDirectories() {
        Bench.removeTree(programs);
        Bench.removeTree(export);
    }

    @Test
    void bothLoopsDoTheSameWork() throws IOException {
        Files.write(export.resolve("big"), new byte[BIG]);
        Path many = Files.createDirectory(export.resolve("many"));
        try (GaneshaServer server = GaneshaServer.start(GaneshaOptions.of(export))) {
            Probe probe = new Probe(
                    programs,
                    "nfs://127.0.0.1/export?version=3&nfsport=" + server.nfsPort() + "&mountport="
                            + server.mountPort());
            assertThat(probe.local("fill", many, 300, 4096).operations()).isEqualTo(300);
            assertThat(many.resolve("f299")).hasSize(4096);
            assertThat(probe.local("read", export.resolve("big"), 1 << 20).bytes())
                    .isEqualTo(BIG);
            assertThat(probe.libnfs("read", "/big", 65536, 8).bytes()).isEqualTo(BIG);
            assertThat(probe.libnfs("random", "/big", 500, 8, 1).bytes()).isEqualTo(500 * 4096);
            assertThat(probe.local("small", many, 300).bytes()).isEqualTo(300 * 4096);
            assertThat(probe.libnfs("small", "/many", 300).bytes()).isEqualTo(300 * 4096);
            assertThat(probe.libnfs("stat", "/many", 300).operations()).isEqualTo(300);
            assertThat(probe.local("list", many).operations()).isEqualTo(300);
            assertThat(probe.local("walk", export).operations()).isEqualTo(302);
            for (Probe.Timing t : new Probe.Timing[] {
                probe.libnfs("create", "/many", 50), probe.libnfs("rename", "/many", 50),
                        probe.libnfs("unlink", "/many", 50),
                probe.local("create", many, 50), probe.local("rename", many, 50), probe.local("unlink", many, 50)
            }) {
                assertThat(t.operations()).isEqualTo(50);
                assertThat(t.seconds()).isPositive();
                assertThat(t.perSecond()).isGreaterThan(10);
            }
            assertThat(probe.local("list", many).operations()).isEqualTo(300);
            assertThatThrownBy(() -> probe.libnfs("stat", "/many", 301))
                    .isInstanceOf(BenchException.class)
                    .hasMessageContaining("/many/f300");
            assertThatThrownBy(() -> probe.local("small", many, 301))
                    .isInstanceOf(BenchException.class)
                    .hasMessageContaining("f300");
        }
    }

    @Test
    void fioCountsItsReads() throws IOException {
        Path file = export.resolve("f");
        Files.write(file, new byte[1 << 22]);
        assertThat(Fio.randomReads(file, 2, 1, 7)).isGreaterThan(50);
        assertThatThrownBy(() -> Fio.randomReads(export.resolve("absent"), 1, 1, 7))
                .isInstanceOf(BenchException.class);
    }
}
