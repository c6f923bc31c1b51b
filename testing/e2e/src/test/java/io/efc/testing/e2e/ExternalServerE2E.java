package io.efc.testing.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.efc.testing.support.GaneshaServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A dataset on a server that was there before: `up` uses it, starts none, and leaves it alone at the end. */
@Tag("slow")
class ExternalServerE2E {
    private final Efc efc = new Efc();

    @AfterEach
    void end() {
        efc.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"4.1", "3"})
    void theExperimentRunsOnTheServerThatTheFileNames(String version) throws IOException {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "efc-e2e-export-");
        try (GaneshaServer server = GaneshaServer.start(directory)) {
            String options = "port: \"%d\", mountport: \"%d\", nconnect: \"2\", vers: \"%s\""
                    .formatted(server.nfsPort(), server.mountPort(), version);
            String yaml = Yaml.of(server.mountPoint(), options, "128Mi");
            Efc.Result up = efc.run("up", "-f", efc.manifest(yaml).toString());
            assertThat(up.exitCode()).as(up.toString()).isZero();
            assertThat(up.out()).doesNotContain("nfs-server");
            Efc.Result demo = efc.run("demo", "read-twice", "--size", "24MiB", "-o", "json");
            assertThat(demo.exitCode()).as(demo.toString()).isZero();
            JsonNode json = new JsonMapper().readTree(demo.out());
            assertThat(json.at("/sha256/second").asText())
                    .hasSize(64)
                    .isEqualTo(json.at("/sha256/source").asText());
            assertThat(json.at("/second/bytesFrom/store").asLong()).isZero();
            try (Stream<Path> left = Files.list(directory)) {
                assertThat(left).isEmpty();
            }
            Efc.Result down = efc.run("down");
            assertThat(down.out()).isEqualTo("ended 6 processes\n");
            assertThat(server.isAlive()).isTrue();
            assertThat(efc.leftovers()).isEmpty();
        } finally {
            directory.toFile().delete();
        }
    }

    @Test
    void aKilledWorkerShowsAndReadsGoOn() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "efc-e2e-export-");
        Path file = directory.resolve("data");
        try {
            Files.write(file, new byte[8 << 20]);
            String yaml = Yaml.of("local://" + directory, "", "128Mi");
            Efc.Result up = efc.run("up", "-f", efc.manifest(yaml).toString());
            assertThat(up.exitCode()).as(up.toString()).isZero();
            String read = "sha256sum < " + efc.home().resolve("mnt/e2e/node-%d/data");
            String expected = efc.shell("sha256sum < " + file).out();
            assertThat(efc.shell(read.formatted(1)).out()).isEqualTo(expected);
            long pid = new JsonMapper()
                    .readTree(efc.home().resolve("run/worker-2.json").toFile())
                    .get("pid")
                    .asLong();
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            assertThat(efc.shell(read.formatted(2)).out()).isEqualTo(expected);
            String phase = "";
            for (int i = 0; i < 200 && !phase.equals("PartialReady"); i++) {
                Thread.sleep(100);
                phase = new JsonMapper()
                        .readTree(efc.run("get", "runtime", "-o", "json").out())
                        .at("/status/workerPhase")
                        .asText();
            }
            assertThat(phase).isEqualTo("PartialReady");
            Efc.Result again = efc.run("up", "-f", efc.manifest(yaml).toString());
            assertThat(again.exitCode()).as(again.toString()).isZero();
            assertThat(again.out()).contains("worker-2 had died and runs again");
            assertThat(efc.shell(read.formatted(2)).out()).isEqualTo(expected);
        } finally {
            efc.run("down");
            file.toFile().delete();
            directory.toFile().delete();
        }
    }
}
