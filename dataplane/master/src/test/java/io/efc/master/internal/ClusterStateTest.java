package io.efc.master.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.master.internal.StateMachine.Outcome;
import io.efc.rpc.Member;
import io.efc.rpc.RpcException;
import io.efc.rpc.SessionFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterStateTest {
    private final ClusterState state = new ClusterState();

    static Member member(String id, int port) {
        return new Member(id, "node-" + id, "127.0.0.1:" + port, "/run/" + id, 1 << 30);
    }

    @Test
    void everyChangeOfTheRingHasAnEpochOfItsOwnAndNothingElseHas() {
        assertThat(state.apply(new Command.MemberJoined(5_000_000, member("a", 1))))
                .isEqualTo(Outcome.RING_CHANGED);
        long first = state.ring().epoch();
        assertThat(first).isEqualTo(5000);
        assertThat(state.apply(new Command.MemberJoined(6_000_000, member("a", 1))))
                .isEqualTo(Outcome.UNCHANGED);
        assertThat(state.apply(new Command.SessionOpened(6_000_000, "s", "n", "/mnt")))
                .isEqualTo(Outcome.CHANGED);
        assertThat(state.ring().epoch()).isEqualTo(first);
        assertThat(state.apply(new Command.MemberJoined(7_000_000, member("a", 2))))
                .isEqualTo(Outcome.RING_CHANGED);
        assertThat(state.apply(new Command.MemberJoined(7_000_000, member("b", 3))))
                .isEqualTo(Outcome.RING_CHANGED);
        assertThat(state.ring().epoch()).isEqualTo(first + 2);
        assertThat(state.ring().members()).containsExactly(member("a", 2), member("b", 3));
        assertThat(state.apply(new Command.MemberLeft(8_000_000, "a", true))).isEqualTo(Outcome.RING_CHANGED);
        assertThat(state.apply(new Command.MemberLeft(8_000_000, "a", true))).isEqualTo(Outcome.UNCHANGED);
        assertThat(state.ring().epoch()).isEqualTo(first + 3);
    }

    @Test
    void aStateThatWasLostStartsAboveTheEpochsOfBefore() {
        state.apply(new Command.MemberJoined(1_000_000_000, member("a", 1)));
        for (int i = 2; i < 50; i++) {
            state.apply(new Command.MemberJoined(1_000_000_000, member("a", i)));
        }
        ClusterState fresh = new ClusterState();
        fresh.apply(new Command.MemberJoined(1_000_100_000, member("a", 99)));
        assertThat(fresh.ring().epoch()).isGreaterThan(state.ring().epoch());
    }

    @Test
    void aSessionKeepsItsBeginAndLeavesItsFigures() {
        state.apply(new Command.SessionOpened(10, "s", "n", "/mnt"));
        state.apply(new Command.SessionOpened(20, "s", "n", "/mnt"));
        assertThat(state.sessions()).containsExactly(new ClusterState.SessionState("s", "n", "/mnt", 10));
        state.apply(new Command.SessionClosed(30, "s", false, new SessionFigures(1, 2, 3, 4)));
        state.apply(new Command.SessionClosed(30, "s", false, new SessionFigures(1, 2, 3, 4)));
        assertThat(state.sessions()).isEmpty();
        assertThat(state.past()).isEqualTo(new SessionFigures(1, 2, 3, 4));
    }

    static List<Command> random(long seed, int count) {
        SplittableRandom r = new SplittableRandom(seed);
        List<Command> commands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long millis = 1_000_000L + i;
            String id = "id" + r.nextInt(6);
            commands.add(
                    switch (r.nextInt(4)) {
                        case 0 -> new Command.MemberJoined(millis, member(id, r.nextInt(3)));
                        case 1 -> new Command.MemberLeft(millis, id, r.nextBoolean());
                        case 2 -> new Command.SessionOpened(millis, id, "node", "/mnt/" + r.nextInt(3));
                        default ->
                            new Command.SessionClosed(
                                    millis, id, r.nextBoolean(), new SessionFigures(r.nextInt(9), 1, 2, 3));
                    });
        }
        return commands;
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void encodedCommandsAndSnapshotsLeadToTheSameState(long seed) {
        ClusterState other = new ClusterState();
        long epoch = 0;
        for (Command c : random(seed, 200)) {
            Outcome outcome = state.apply(c);
            assertThat(state.ring().epoch()).isGreaterThanOrEqualTo(epoch);
            epoch = state.ring().epoch();
            assertThat(other.apply(Command.decode(c.encode()))).isEqualTo(outcome);
            assertThat(Command.decode(c.encode())).isEqualTo(c);
            ClusterState restored = new ClusterState();
            restored.restore(other.snapshot());
            assertThat(restored.snapshot()).isEqualTo(state.snapshot());
            other = restored;
        }
    }

    @Test
    void refusesBytesThatAreNoCommand() {
        byte[] good = new Command.MemberJoined(1, member("a", 1)).encode();
        for (int length = 0; length < good.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(good, length);
            assertThatThrownBy(() -> Command.decode(cut)).isInstanceOf(RpcException.class);
        }
        byte[] longer = java.util.Arrays.copyOf(good, good.length + 1);
        assertThatThrownBy(() -> Command.decode(longer)).isInstanceOf(RpcException.class);
        assertThatThrownBy(() -> Command.decode(new byte[] {9, 0, 0, 0, 0, 0, 0, 0, 0}))
                .hasMessageContaining("kind 9");
    }
}
