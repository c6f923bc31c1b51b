package io.efc.master.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Metrics;
import io.efc.lease.Mode;
import io.efc.lease.ObjectId;
import io.efc.master.Leaseholder;
import io.efc.master.MasterConfig;
import io.efc.rpc.Address;
import io.efc.rpc.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two masters that both believe that they lead, over real connections. */
@Tag("slow")
final class LeadingIT {
    private static final Secret SECRET = new Secret("a secret of leading's test".getBytes(StandardCharsets.UTF_8));
    private static final long DATASET = 7;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final ObjectId FILE = ObjectId.file(DATASET, 3, 4);

    /** How long a leader acts on the word of its majority. */
    private static final long CONFIRMED_NANOS = 800_000_000;

    @TempDir
    private Path directory = Path.of("");

    private final ClusterState committed = new ClusterState();

    /** A machine that is told whom to believe the leader, and can be cut off from the others without noticing it. */
    private final class Machine implements Consensus {
        private volatile long term = -1;
        private volatile boolean cutOff;
        private volatile long began;

        @Override
        public long leadingTerm() {
            return term;
        }

        @Override
        public ClusterState copy() {
            began = System.nanoTime();
            ClusterState copy = new ClusterState();
            synchronized (committed) {
                copy.restore(committed.snapshot());
            }
            return copy;
        }

        @Override
        public CompletableFuture<Void> write(Command command) {
            if (cutOff) {
                return new CompletableFuture<>();
            }
            synchronized (committed) {
                committed.apply(command);
            }
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> confirm() {
            return cutOff ? new CompletableFuture<>() : CompletableFuture.completedFuture(null);
        }
    }

    private Leading start(Address address, Machine machine) {
        MasterConfig config = MasterConfig.of("ns/leading", DATASET, address, directory, SECRET, List.of());
        Leading leading = new Leading(config, machine, new Metrics());
        leading.start();
        return leading;
    }

    @Test
    void aLeaderThatIsCutOffActsNoMoreBeforeTheNextOneActs() {
        Address here = new Address.Unix(directory.resolve("old"));
        Address there = new Address.Unix(directory.resolve("new"));
        Machine old = new Machine();
        Machine next = new Machine();
        old.term = 1;
        Leading first = start(here, old);
        Leading second = start(there, next);
        try (Leaseholder a = new Leaseholder(here, SECRET, DATASET, "a");
                Leaseholder b = new Leaseholder(there, SECRET, DATASET, "b")) {
            a.acquire(FILE, Mode.WRITE, LONG);
            old.cutOff = true;
            long elected = System.nanoTime();
            next.term = 2;
            b.acquire(FILE, Mode.WRITE, LONG);
            assertThat(a.covers(FILE, Mode.READ))
                    .as("the old leader renews a lease that the new one gave to somebody else")
                    .isFalse();
            assertThat(next.began - elected)
                    .as("the new leader begins when the old one's last confirmation is over")
                    .isGreaterThanOrEqualTo(CONFIRMED_NANOS);
            assertThat(first.isServing()).as("the old leader has not noticed").isTrue();
        } finally {
            old.term = -1;
            first.close();
            second.close();
        }
    }
}
