package io.efc.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.cli.internal.CoherenceTree.Change;
import io.efc.cli.internal.CoherenceTree.Look;
import io.efc.cli.internal.CoherenceTree.Mismatch;
import io.efc.rpc.LeasesView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of the coherence experiment, and what is shown of leases. */
class CoherenceTest {
    @Test
    void aLocalDirectoryIsCoherentWithItself(@TempDir Path dir) throws IOException {
        Path tree = dir.resolve("tree");
        Change[] kinds = Change.values();
        try (CoherenceTree t = new CoherenceTree(tree, tree)) {
            for (long pair = 0; pair < 600; pair++) {
                Change change = kinds[(int) (pair % kinds.length)];
                String changed = t.change(change, pair);
                for (Look look : Look.values()) {
                    assertThat(t.look(look, pair)).as(pair + " " + changed).isNull();
                }
            }
        }
        assertThat(tree).doesNotExist();
    }

    @Test
    void eachLookFindsWhatItLooksFor(@TempDir Path dir) throws IOException {
        Path tree = dir.resolve("tree");
        try (CoherenceTree t = new CoherenceTree(tree, tree)) {
            t.change(Change.CREATE, 1);
            Files.setPosixFilePermissions(tree.resolve("data"), PosixFilePermissions.fromString("rwx------"));
            assertThat(Objects.requireNonNull(t.look(Look.STAT, 1)).toString())
                    .isEqualTo("saw data with 16384 bytes and mode 700, expected 16384 bytes and mode 600");
            Files.move(tree.resolve("fresh"), tree.resolve("elsewhere"));
            assertThat(t.look(Look.LOOKUP, 1)).isEqualTo(new Mismatch("no fresh", "fresh"));
            assertThat(t.look(Look.READDIR, 1))
                    .isEqualTo(new Mismatch("the names [data, doomed, elsewhere]", "[data, doomed, fresh]"));
            assertThat(t.look(Look.READ, 1)).isEqualTo(new Mismatch("no fresh", "fresh of pair 1"));
            Files.delete(tree.resolve("elsewhere"));
            try (var file = Files.newByteChannel(tree.resolve("data"), java.nio.file.StandardOpenOption.WRITE)) {
                file.position(5000).write(java.nio.ByteBuffer.wrap(new byte[] {7}));
            }
            assertThat(t.look(Look.MMAP, 1)).isEqualTo(new Mismatch("byte 7 at 5000 of the 16384 mapped", "byte 0"));
        }
    }

    @Test
    void latenciesAreKnownToASixteenth() {
        Latencies l = new Latencies();
        for (int i = 1; i <= 1000; i++) {
            l.record(i * 1000L);
        }
        assertThat(l.quantile(0.5)).isBetween(500_000L, 535_000L);
        assertThat(l.quantile(0.99)).isBetween(990_000L, 1_000_000L);
        assertThat(l.micros().max()).isEqualTo(1000);
        assertThat(new Latencies().micros()).isEqualTo(new Latencies.Micros(0, 0, 0));
    }

    @Test
    void quantilesComeFromTheClientsHistogram() {
        Scrape scrape = Scrape.parse("""
                a_bucket{le="1e-06"} 10
                a_bucket{le="0.001"} 90
                a_bucket{le="0.002"} 100
                a_bucket{le="+Inf"} 100
                a_bucket{x="y",le="+Inf"} 0
                """);
        assertThat(scrape.buckets("a")).hasSize(4).containsEntry(0.001, 90.0);
        assertThat(scrape.buckets("b")).isEmpty();
        assertThat(Coherence.micros(scrape.buckets("a"))).isEqualTo(new Latencies.Micros(1000, 2000, 2000));
    }

    @Test
    void theJsonBeginsWithTheAgreedFields() {
        Coherence.Outcome outcome = new Coherence.Outcome(
                2,
                1,
                new Latencies.Micros(1, 2, 3),
                true,
                4,
                0.5,
                List.of(new Coherence.Kind(
                        Change.RENAME, 2, 1, new Latencies.Micros(1, 2, 3), new Latencies.Micros(4, 5, 6))),
                new CoherencePairs.Stale(
                        1, "renamed fresh to target", Look.LOOKUP, new Mismatch("no target", "target")),
                3,
                2_000_000_000,
                2_500_000_000L);
        assertThat(Output.text(outcome.toResult(), Output.Format.json).replaceAll("\\s", ""))
                .startsWith("{\"pairs\":2,\"stale\":1,\"revokeMicros\":{\"p50\":1.0,\"p99\":2.0,\"max\":3.0},");
        assertThat(outcome.toResult())
                .containsEntry(
                        "firstStale",
                        "pair 1 is stale: mount 1 renamed fresh to target, then lookup on mount 2 saw no target, expected target");
        assertThat(CoherenceText.of(outcome))
                .contains("stale 1 of 2 pairs, 4 pairs/s")
                .contains("p99 2us")
                .endsWith(
                        "master killed and started again 3 times; the longest stall of one system call took 2.0s, the longest"
                                + " pair at a change of the master 2.5s");
        assertThat(outcome.toResult())
                .containsEntry("masterKills", 3L)
                .containsEntry("longestStallMillis", 2000.0)
                .containsEntry("masterChangeStallMillis", 2500.0);
    }

    @Test
    void aMasterIsStartedAgainAsItWas() {
        assertThat(Spawner.at(List.of("--state", "/s", "--listen", "127.0.0.1:0", "--name", "m"), "127.0.0.1:5"))
                .containsExactly("--state", "/s", "--name", "m", "--listen", "127.0.0.1:5");
        assertThat(Spawner.at(List.of("--state", "/s"), "127.0.0.1:5"))
                .containsExactly("--state", "/s", "--listen", "127.0.0.1:5");
    }

    @Test
    void leasesAreShownWithWhoWaits() {
        LeasesView view = new LeasesView(
                9,
                false,
                2,
                1,
                1,
                5,
                List.of(
                        new LeasesView.Row(0xab, "node-1 /m", 0x10, 0, "write", 7, true),
                        new LeasesView.Row(0xcd, "node-2 /n", 0x10, 0x2f, "read", 0, false)));
        assertThat(LeaseReport.table(view.rows(), true).toString()).isEqualTo("""
                CLIENT      OBJECT   MODE    STATE      TOKEN   SESSION
                node-1 /m   10/*     write   yielding   7       ab
                node-2 /n   10/2f    read    waits      -       cd
                """);
        assertThat(LeaseReport.summary(view)).isEqualTo("1 leases, 1 waiting, 2 sessions; the first 2 of 5 are shown");
        assertThat(LeaseReport.result(view).keySet())
                .containsExactly("epoch", "inGrace", "sessions", "leases", "waiting", "total", "items");
        assertThat(LeaseReport.Place.parse("12 bdc09e36825d5b65 a66725d09a2ad462 WRITE a3b11fb5121e9651 968"))
                .isEqualTo(new LeaseReport.Place(
                        0xbdc09e36825d5b65L, 0xa66725d09a2ad462L, "write", 0xa3b11fb5121e9651L, 968));
        assertThatThrownBy(() -> LeaseReport.Place.parse("1 2")).isInstanceOf(Failure.class);
    }

    @Test
    void anEmptyRunDirectoryIsRefusedWithOneMessage(@TempDir Path dir) {
        RunDirectory run = new RunDirectory(dir).create();
        assertThatThrownBy(() -> Coherence.mounts(run))
                .isInstanceOf(Failure.class)
                .hasMessage("no dataset is running (looked in " + dir + "); efc up starts one");
        assertThatThrownBy(() -> LeaseReport.ask(run, LeasesView.Filter.ALL)).isInstanceOf(Failure.class);
    }
}
