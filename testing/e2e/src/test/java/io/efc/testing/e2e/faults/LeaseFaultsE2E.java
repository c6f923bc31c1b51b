package io.efc.testing.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients and masters that die, stop and come back while they hold leases: others go on, and nobody sees anything stale. */
@Tag("slow")
class LeaseFaultsE2E {
    /** A session's life, both drift bounds, a heartbeat, and a loaded machine. */
    private static final Duration SESSION = Duration.ofSeconds(20);

    @Test
    void aKilledClientHoldsNobodyUpForLongerThanASession() throws Exception {
        try (Stage stage = new Stage()) {
            stage.up(1, "64Mi");
            Path here = stage.mountOf(1).resolve("f");
            Path there = stage.mountOf(2).resolve("f");
            Process writer = new ProcessBuilder(
                            "bash",
                            "-c",
                            "exec 3> " + here + "; echo acknowledged >&3; sync -d " + here
                                    + "; echo kept back >&3; echo written; sleep 60")
                    .start();
            try {
                assertThat(writer.inputReader().readLine()).isEqualTo("written");
                stage.members("client").getFirst().kill();
                Instant start = Instant.now();
                stage.script(stage.mountOf(2), stage.export(), "echo mine >> $M/f");
                assertThat(Duration.between(start, Instant.now())).isLessThan(SESSION);
                assertThat(Files.readString(there)).startsWith("acknowledged\n").endsWith("mine\n");
            } finally {
                writer.destroyForcibly().waitFor();
                stage.script(stage.mountOf(2), stage.export(), "umount -l " + stage.mountOf(1));
            }
        }
    }

    @Test
    void aClientThatWasStoppedForLongerThanItsSessionServesNothingStale() throws Exception {
        try (Stage stage = new Stage()) {
            stage.up(1, "64Mi");
            Path here = stage.mountOf(1).resolve("f");
            Path there = stage.mountOf(2).resolve("f");
            Files.writeString(here, "old");
            assertThat(Files.readString(here)).isEqualTo("old");
            Member client = stage.members("client").getFirst();
            signal("STOP", client);
            try {
                Instant start = Instant.now();
                Files.writeString(there, "new content");
                assertThat(Duration.between(start, Instant.now())).isLessThan(SESSION);
            } finally {
                signal("CONT", client);
            }
            assertThat(Files.readString(here)).isEqualTo("new content");
            assertThat(Files.size(here)).isEqualTo(11);
            Files.writeString(here, "newer");
            assertThat(Files.readString(there)).isEqualTo("newer");
        }
    }

    @Test
    void aMasterThatIsKilledAndStartedAgainLosesNobodysLease() throws Exception {
        try (Stage stage = new Stage()) {
            stage.up(1, "64Mi");
            Path here = stage.mountOf(1);
            Path there = stage.mountOf(2);
            Process master = null;
            try {
                for (int i = 0; i < 300; i++) {
                    if (i == 100 || i == 200) {
                        master = restart(stage, master);
                    }
                    Path f = (i % 2 == 0 ? here : there).resolve("f" + i % 7);
                    Path other = (i % 2 == 0 ? there : here).resolve("f" + i % 7);
                    Files.writeString(f, "turn " + i);
                    assertThat(Files.readString(other)).isEqualTo("turn " + i);
                }
            } finally {
                if (master != null) {
                    master.destroyForcibly().waitFor();
                }
            }
        }
    }

    /** Kills the master and starts it with the arguments that it had, at the address that its clients know. */
    private static Process restart(Stage stage, @Nullable Process earlier) throws IOException, InterruptedException {
        Member record = stage.members("master").getFirst();
        List<String> command;
        if (earlier == null) {
            String line = Files.readString(Path.of("/proc/" + record.pid() + "/cmdline"));
            command = new ArrayList<>(List.of(line.split("\0")));
            command.addAll(List.of("--listen", record.address()));
            record.kill();
        } else {
            String line = Files.readString(Path.of("/proc/" + earlier.pid() + "/cmdline"));
            command = List.of(line.split("\0"));
            earlier.destroyForcibly().waitFor();
        }
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        stage.export().resolveSibling("master.log").toFile()))
                .start();
    }

    private static void signal(String name, Member member) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(member.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }
}
