package io.efc.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.cli.internal.Masters.State;
import io.efc.rpc.RpcException;
import io.efc.rpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MastersTest {
    private static final RunDirectory RUN = new RunDirectory(Path.of("/tmp/efc-masters-test"));

    private static Masters masters(State... states) {
        List<Masters.One> all = new ArrayList<>();
        for (State state : states) {
            int n = all.size() + 1;
            String address = state == State.STARTING ? "" : "127.0.0.1:" + n;
            all.add(new Masters.One(
                    new ProcessRecord("master-" + n, "master", "node-" + n, n, 10 + n, 0, address, 20 + n, null, null),
                    state));
        }
        return new Masters(all);
    }

    @Test
    void saysWhatEachDoes() {
        assertThat(masters(State.DOWN, State.LEADS, State.FOLLOWS))
                .hasToString("master-1 is down, master-2 leads, master-3 follows");
        assertThat(masters(State.DOWN, State.LEADS, State.FOLLOWS).all().get(1).toResult())
                .isEqualTo(Map.of(
                        "name",
                        "master-2",
                        "node",
                        "node-2",
                        "address",
                        "127.0.0.1:2",
                        "pid",
                        12L,
                        "metricsPort",
                        22,
                        "state",
                        "Leads",
                        "leads",
                        true));
    }

    @Test
    void aMajorityOfThreeIsTwoAndOfOneIsOne() {
        assertThat(masters(State.LEADS).haveMajority()).isTrue();
        assertThat(masters(State.DOWN).haveMajority()).isFalse();
        assertThat(masters(State.FOLLOWS, State.DOWN, State.LEADS).haveMajority())
                .isTrue();
        assertThat(masters(State.DOWN, State.DOWN, State.FOLLOWS).haveMajority())
                .isFalse();
    }

    @Test
    void theLeaderIsLookedForWhereverAMasterListens() {
        assertThat(masters(State.FOLLOWS, State.STARTING, State.LEADS).address().toString())
                .isEqualTo("127.0.0.1:1,127.0.0.1:3");
        assertThat(masters(State.LEADS).address()).hasToString("127.0.0.1:1");
        assertThatThrownBy(() -> masters(State.STARTING).address())
                .isInstanceOf(Failure.class)
                .hasMessage("no master can be asked yet: master-1 is starting");
    }

    @Test
    void whoCannotBeAskedIsNamedWithWhatToDo() {
        RpcException lost = new RpcException(Status.LOST, "refused");
        assertThat(masters(State.DOWN).unanswered(RUN, lost))
                .hasMessageStartingWith("the master at 127.0.0.1:1 does not answer: ")
                .hasMessageEndingWith(
                        "; its log is /tmp/efc-masters-test/log/master-1.log; efc down, then efc up starts all again");
        assertThat(masters(State.DOWN, State.FOLLOWS, State.DOWN).unanswered(RUN, lost))
                .hasMessageStartingWith("no master answers (master-1 is down, master-2 follows, master-3 is down): ")
                .hasMessageEndingWith("; their logs are in /tmp/efc-masters-test/log; efc up starts them again");
        assertThat(masters(State.FOLLOWS, State.FOLLOWS, State.DOWN).unanswered(RUN, lost))
                .hasMessageEndingWith("; their logs are in /tmp/efc-masters-test/log");
    }

    @Test
    void nothingRunsWithoutAMaster() {
        assertThatThrownBy(() -> Masters.of(RUN, List.of()))
                .isInstanceOf(Failure.class)
                .hasMessage("no dataset is running (looked in /tmp/efc-masters-test); efc up starts one");
    }
}
