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

    @Test
    void aKilledClientsLockIsFreeAfterASession() throws Exception {
        try (Stage stage = new Stage()) {
            stage.up(1, "64Mi");
            Files.writeString(stage.mountOf(1).resolve("f"), "x");
            Process holder = locker(stage.mountOf(1), "LOCK_EX");
            try {
                assertThat(holder.inputReader().readLine()).isEqualTo("locked");
                Process early = locker(stage.mountOf(2), "LOCK_EX | fcntl.LOCK_NB");
                assertThat(early.inputReader().readLine()).isEqualTo("refused");
                end(early);
                Process waiting = locker(stage.mountOf(2), "LOCK_EX");
                stage.members("client").getFirst().kill();
                Instant start = Instant.now();
                assertThat(waiting.inputReader().readLine()).isEqualTo("locked");
                assertThat(Duration.between(start, Instant.now())).isLessThan(SESSION);
                end(waiting);
            } finally {
                holder.destroyForcibly().waitFor();
                stage.script(stage.mountOf(2), stage.export(), "umount -l " + stage.mountOf(1));
            }
        }
    }

    @Test
    void aMasterThatIsKilledAndStartedAgainKnowsWhoHasALock() throws Exception {
        try (Stage stage = new Stage()) {
            stage.up(1, "64Mi");
            Files.writeString(stage.mountOf(1).resolve("f"), "x");
            Process holder = locker(stage.mountOf(1), "LOCK_EX");
            Process master = null;
            try {
                assertThat(holder.inputReader().readLine()).isEqualTo("locked");
                Process waiting = locker(stage.mountOf(2), "LOCK_EX");
                for (int i = 0; i < 2; i++) {
                    master = restart(stage, master);
                    Process early = locker(stage.mountOf(2), "LOCK_EX | fcntl.LOCK_NB");
                    assertThat(early.inputReader().readLine()).isEqualTo("refused");
                    end(early);
                }
                assertThat(waiting.inputReader().ready()).isFalse();
                end(holder);
                assertThat(waiting.inputReader().readLine()).isEqualTo("locked");
                end(waiting);
            } finally {
                holder.destroyForcibly().waitFor();
                if (master != null) {
                    master.destroyForcibly().waitFor();
                }
            }
        }
    }

    /** A program that locks {@code f} with fcntl(2), says whether it could, and keeps the lock until its input ends. */
    private static Process locker(Path mount, String how) throws IOException {
        String program = """
                import fcntl, sys
                f = open(sys.argv[1], 'r+')
                try:
                    fcntl.lockf(f, fcntl.%s)
                    print('locked', flush=True)
                except BlockingIOError:
                    print('refused', flush=True)
                sys.stdin.read()
                """.formatted(how);
        return new ProcessBuilder("python3", "-c", program, mount.resolve("f").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void end(Process locker) throws IOException, InterruptedException {
        locker.getOutputStream().close();
        assertThat(locker.waitFor()).isZero();
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
