package io.efc.master.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCommandLogIT {
    private static final int COMMANDS_MAX = 60;

    @TempDir
    Path dir;

    private byte[] written(List<Command> commands) {
        ClusterState state = new ClusterState();
        try (FileCommandLog log = FileCommandLog.open(dir, state, COMMANDS_MAX)) {
            commands.forEach(log::submit);
        }
        return state.snapshot();
    }

    private byte[] recovered() {
        ClusterState state = new ClusterState();
        FileCommandLog.open(dir, state, COMMANDS_MAX).close();
        return state.snapshot();
    }

    private static byte[] stateOf(List<Command> commands) {
        ClusterState state = new ClusterState();
        commands.forEach(state::apply);
        return state.snapshot();
    }

    @Test
    void bringsTheStateBack() {
        byte[] state = written(ClusterStateTest.random(1, 50));
        assertThat(recovered()).isEqualTo(state);
        assertThat(state).isNotEqualTo(new ClusterState().snapshot());
    }

    @Test
    void goesOnWhereItEndedOverSnapshotsToo() {
        List<Command> commands = ClusterStateTest.random(2, COMMANDS_MAX * 2 + 7);
        int third = commands.size() / 3;
        written(commands.subList(0, third));
        written2(commands.subList(third, third * 2));
        written2(commands.subList(third * 2, commands.size()));
        assertThat(recovered()).isEqualTo(stateOf(commands));
        assertThat(dir.resolve("snapshot")).exists();
    }

    private void written2(List<Command> commands) {
        ClusterState state = new ClusterState();
        try (FileCommandLog log = FileCommandLog.open(dir, state, COMMANDS_MAX)) {
            long before = log.index();
            commands.forEach(log::submit);
            assertThat(log.index()).isEqualTo(before + commands.size());
        }
    }

    @Test
    void aCrashBetweenSnapshotAndEmptyLogAppliesNothingTwice() throws IOException {
        List<Command> commands = ClusterStateTest.random(3, COMMANDS_MAX);
        written(commands);
        byte[] log = Files.readAllBytes(dir.resolve("log"));
        Command next = new Command.SessionOpened(1, "after", "n", "/");
        written2(List.of(next));
        byte[] after = Files.readAllBytes(dir.resolve("log"));
        byte[] both = Arrays.copyOf(log, log.length + after.length);
        System.arraycopy(after, 0, both, log.length, after.length);
        Files.write(dir.resolve("log"), both);
        ClusterState expected = new ClusterState();
        commands.forEach(expected::apply);
        expected.apply(next);
        assertThat(recovered()).isEqualTo(expected.snapshot());
    }

    @Test
    void cutsARecordThatWasNotWrittenToItsEndWhereverItEnds() throws IOException {
        List<Command> commands = ClusterStateTest.random(4, 20);
        byte[] before = written(commands.subList(0, 19));
        long good = Files.size(dir.resolve("log"));
        written2(commands.subList(19, 20));
        byte[] whole = Files.readAllBytes(dir.resolve("log"));
        assertThat(whole.length).isGreaterThan((int) good);
        for (int length = (int) good; length < whole.length; length++) {
            Files.write(dir.resolve("log"), Arrays.copyOf(whole, length));
            assertThat(recovered()).as("cut at " + length).isEqualTo(before);
            assertThat(Files.size(dir.resolve("log"))).isEqualTo(good);
        }
        // And the log takes commands again.
        written2(commands.subList(19, 20));
        assertThat(recovered()).isEqualTo(stateOf(commands));
    }

    @Test
    void cutsATailOfZeroesThatTheFileSystemLeft() throws IOException {
        List<Command> commands = ClusterStateTest.random(5, 20);
        byte[] state = written(commands);
        byte[] whole = Files.readAllBytes(dir.resolve("log"));
        Files.write(dir.resolve("log"), Arrays.copyOf(whole, whole.length + 4096));
        assertThat(recovered()).isEqualTo(state);
    }

    @Test
    void everyBitThatFlipsInAnAcknowledgedRecordStopsTheMaster() throws IOException {
        written(ClusterStateTest.random(6, 12));
        byte[] whole = Files.readAllBytes(dir.resolve("log"));
        int silent = 0;
        for (int at = 0; at < whole.length; at++) {
            byte[] bad = whole.clone();
            bad[at] ^= 0x10;
            Files.write(dir.resolve("log"), bad);
            try {
                recovered();
                silent++;
            } catch (LogException e) {
                assertThat(e).hasMessageContaining("log is damaged at byte");
            }
        }
        assertThat(silent).isZero();
    }

    @Test
    void aDamagedSnapshotStopsTheMaster() throws IOException {
        written(ClusterStateTest.random(7, COMMANDS_MAX + 1));
        byte[] snapshot = Files.readAllBytes(dir.resolve("snapshot"));
        for (int at = 0; at < snapshot.length; at += 7) {
            byte[] bad = snapshot.clone();
            bad[at] ^= 1;
            Files.write(dir.resolve("snapshot"), bad);
            assertThatThrownBy(this::recovered).isInstanceOf(LogException.class).hasMessageContaining("snapshot");
        }
    }

    @Test
    void aMissingPieceOfHistoryStopsTheMaster() throws IOException {
        written(ClusterStateTest.random(8, COMMANDS_MAX + 5));
        Files.delete(dir.resolve("snapshot"));
        assertThatThrownBy(this::recovered).isInstanceOf(LogException.class).hasMessageContaining("follows record 0");
    }

    @Test
    void oneMasterADirectory() {
        try (FileCommandLog log = FileCommandLog.open(dir, new ClusterState())) {
            assertThat(log.index()).isZero();
            assertThatThrownBy(() -> FileCommandLog.open(dir, new ClusterState()))
                    .isInstanceOf(LogException.class)
                    .hasMessageContaining("in use by another master");
        }
        FileCommandLog.open(dir, new ClusterState()).close();
    }
}
