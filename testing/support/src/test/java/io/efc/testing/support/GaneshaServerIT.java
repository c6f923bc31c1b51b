package io.efc.testing.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GaneshaServerIT {
    @ParameterizedTest
    @ValueSource(strings = {"/tmp", "/dev/shm"})
    void servesADirectoryByNfs3AcrossCrashAndRestart(String parent) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(parent), "efc-store-ganesha-");
        try (GaneshaServer server = GaneshaServer.start(directory)) {
            Files.writeString(directory.resolve("hello"), "hello");
            long pid = server.pid();
            assertThat(list(server)).contains("hello");
            server.kill();
            assertThat(server.isAlive()).isFalse();
            Files.writeString(directory.resolve("later"), "later");
            server.restart();
            assertThat(server.pid()).isNotEqualTo(pid);
            assertThat(list(server)).contains("hello", "later");
        } finally {
            Files.deleteIfExists(directory.resolve("hello"));
            Files.deleteIfExists(directory.resolve("later"));
            Files.delete(directory);
        }
    }

    @Test
    void leavesNothingBehindWhenStopped(@TempDir Path directory) {
        GaneshaServer server = GaneshaServer.start(directory);
        ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();
        assertThat(process.isAlive()).isTrue();
        server.stop();
        assertThat(process.isAlive()).isFalse();
        assertThat(server.stateDirectory()).doesNotExist();
        assertThat(Ports.isFree(server.nfsPort())).isTrue();
    }

    @Test
    void findsAndEndsAServerOfAnotherProcessByItsStateDirectory(@TempDir Path directory, @TempDir Path state) {
        GaneshaServer server =
                GaneshaServer.start(GaneshaOptions.of(directory).state(state).onlyV4());
        assertThat(GaneshaServer.leftover(state).orElseThrow().pid()).isEqualTo(server.pid());
        assertThat(GaneshaServer.stopLeftover(state)).isTrue();
        assertThat(server.isAlive()).isFalse();
        assertThat(GaneshaServer.stopLeftover(state)).isFalse();
        server.stop();
        assertThat(state.resolve("ganesha.log")).exists();
    }

    @Test
    void namesThePortThatIsInUse(@TempDir Path directory) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() ->
                            GaneshaServer.start(GaneshaOptions.of(directory).ports(taken.getLocalPort(), 0)))
                    .hasMessageContaining("port " + taken.getLocalPort());
        }
    }

    @Test
    void namesTheDirectoryThatIsMissing(@TempDir Path directory) {
        assertThatThrownBy(() -> GaneshaServer.start(directory.resolve("missing")))
                .hasMessageContaining(directory.resolve("missing") + ": it is not a directory");
    }

    @Test
    void showsTheServersLogWhenItDoesNotStart(@TempDir Path directory) {
        assertThatThrownBy(
                        () -> GaneshaServer.start(GaneshaOptions.of(directory).pseudo("no-slash")))
                .hasMessageContaining("its log says")
                .hasMessageContaining("Pseudo path must be an absolute path");
    }

    @Test
    void deniesEveryClientWhenToldTo(@TempDir Path directory) throws Exception {
        try (GaneshaServer server =
                GaneshaServer.start(GaneshaOptions.of(directory).denyAll())) {
            assertThat(list(server)).contains("Failed to mount");
        }
    }

    private static String list(GaneshaServer server) throws Exception {
        Process process = new ProcessBuilder(
                        Tools.require("nfs-ls").toString(),
                        "nfs://127.0.0.1" + server.pseudo() + "?version=3&nfsport=" + server.nfsPort() + "&mountport="
                                + server.mountPort())
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return out;
    }
}
