package io.efc.testing.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.testing.support.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** `efc up` cut short at each of its stages leaves nothing behind. */
@Tag("slow")
class InterruptionE2E {
    private final Efc efc = new Efc();

    @AfterEach
    void end() {
        efc.close();
    }

    private Process startUntil(String name) throws InterruptedException {
        Path manifest = efc.manifest(Yaml.nfs(Ports.free()));
        Process up = efc.start(List.of(efc.launcher().toString(), "up", "-f", manifest.toString()));
        Path record = efc.home().resolve("run/" + name + ".json");
        for (int i = 0; i < 6000 && !Files.exists(record) && up.isAlive(); i++) {
            Thread.sleep(10);
        }
        assertThat(record).as("up got as far as " + name).exists();
        return up;
    }

    @ParameterizedTest
    @ValueSource(strings = {"nfs-server", "master", "worker-2", "client-1", "client-2"})
    void ctrlCEndsWhatWasStarted(String stage) throws Exception {
        Process up = startUntil(stage);
        // ./efc has become the JVM, so its pid is the one that a terminal's Ctrl-C reaches.
        new ProcessBuilder("kill", "-INT", Long.toString(up.pid())).start().waitFor();
        Efc.Result result = efc.finish(up);
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(130);
        assertThat(result.err())
                .startsWith("efc: interrupted: ending what was started\n")
                .doesNotContain("Exception");
        assertThat(efc.leftovers()).isEmpty();
    }

    @Test
    void afterUpWasKilledDownEndsWhatItStarted() throws Exception {
        Process up = startUntil("client-1");
        up.destroyForcibly().waitFor();
        assertThat(efc.leftovers()).isNotEmpty();
        Efc.Result down = efc.run("down");
        assertThat(down.exitCode()).as(down.toString()).isZero();
        assertThat(efc.leftovers()).isEmpty();
    }

    @Test
    void downEndsWhatWasKilledToo() throws Exception {
        Efc.Result up = efc.run("up", "-f", efc.manifest(Yaml.nfs(Ports.free())).toString());
        assertThat(up.exitCode()).as(up.toString()).isZero();
        Efc.Result kill =
                efc.shell("pids=$(grep -h '\"pid\"' " + efc.home() + "/run/*.json | tr -dc '0-9\\n'); kill -9 $pids");
        assertThat(kill.exitCode()).as(kill.toString()).isZero();
        Efc.Result down = efc.run("down");
        assertThat(down.exitCode()).as(down.toString()).isZero();
        assertThat(efc.leftovers()).isEmpty();
    }
}
