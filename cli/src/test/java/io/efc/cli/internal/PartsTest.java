package io.efc.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small parts that commands are made of. */
class PartsTest {
    @Test
    void readsTheMountTableWithItsEscapes() {
        List<Mounts.Mount> mounts = Mounts.parse(List.of(
                "36 35 98:0 /root /mnt/two\\040words rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue",
                "37 35 0:51 / /mnt/efc rw - fuse.efc efc:demo rw,user_id=0",
                "garbage"));
        assertThat(mounts)
                .containsExactly(
                        new Mounts.Mount("98:0", "/mnt/two words", "ext3", "/dev/root"),
                        new Mounts.Mount("0:51", "/mnt/efc", "fuse.efc", "efc:demo"));
        assertThat(mounts.get(0).isEfc()).isFalse();
        assertThat(mounts.get(1).isEfc()).isTrue();
    }

    @Test
    void readsWhatMetricsWrites() {
        Metrics metrics = new Metrics();
        metrics.counter("a_total", "A.", "source", "store").add(5);
        metrics.counter("a_total", "A.", "source", "nodeCache").add(7);
        metrics.gauge("b", "B.", () -> 0.25);
        StringBuilder text = new StringBuilder();
        metrics.writePrometheus(text);
        Scrape scrape = Scrape.parse(text.toString());
        assertThat(scrape.sum("a_total")).isEqualTo(12);
        assertThat(scrape.sum("a_total", "source=\"store\"")).isEqualTo(5);
        assertThat(scrape.sum("b")).isEqualTo(0.25);
        assertThat(scrape.sum("absent")).isZero();
        assertThat(scrape.has("absent")).isFalse();
        assertThat(scrape.has("b")).isTrue();
    }

    @Test
    void servesMetricsAndHealthOnLoopback() throws IOException {
        Metrics metrics = new Metrics();
        metrics.counter("a_total", "A.").add(3);
        String[] wrong = {""};
        try (HttpEndpoint http = new HttpEndpoint(0, metrics, () -> wrong[0])) {
            assertThat(Scrape.of(http.port()).sum("a_total")).isEqualTo(3);
            assertThat(Scrape.get(http.port(), "/healthz")).isEqualTo("ok\n");
            wrong[0] = "the disk is full";
            assertThat(Scrape.get(http.port(), "/healthz")).isEqualTo("the disk is full\n");
            int taken = http.port();
            assertThatThrownBy(() -> new HttpEndpoint(taken, metrics, () -> ""))
                    .isInstanceOf(Failure.class)
                    .hasMessageStartingWith("the metrics port " + taken + " cannot be used: ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0s",
        "119, 119s",
        "120, 2m",
        "150, 2m30s",
        "599, 9m59s",
        "600, 10m",
        "10799, 179m",
        "10800, 3h",
        "11160, 3h6m",
        "28800, 8h",
        "172799, 47h",
        "172800, 2d",
        "8640000, 100d"
    })
    void writesAgesAsKubectlDoes(long seconds, String age) {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(ClusterReport.age(now.minusSeconds(seconds), now)).isEqualTo(age);
    }

    @Test
    void alignsTables() {
        assertThat(new Table("A", "LONG").row("wide cell", 1).row(null, "x").toString())
                .isEqualTo("A           LONG\nwide cell   1\n            x\n");
    }

    @Test
    void spellsPhasesAsKubernetesDoes() {
        assertThat(GetCommand.word(io.efc.api.RuntimePhase.NOT_READY)).isEqualTo("NotReady");
        assertThat(GetCommand.word(io.efc.api.RuntimePhase.DEFAULT)).isEmpty();
        assertThat(GetCommand.word(null)).isEmpty();
    }

    @Test
    void aRecordKnowsItsProcessFromARecycledPid(@TempDir Path dir) {
        RunDirectory run = new RunDirectory(dir).create();
        long pid = ProcessHandle.current().pid();
        long ticks = ProcessRecord.startTicks(pid);
        ProcessRecord mine = new ProcessRecord("worker-1", "worker", "node-1", 1, pid, ticks, "a:1", 2, null, null);
        ProcessRecord recycled =
                new ProcessRecord("worker-2", "worker", "node-2", 2, pid, ticks - 1, "a:1", 2, null, null);
        recycled.write(run);
        mine.write(run);
        assertThat(run.processes()).containsExactly(mine, recycled);
        assertThat(mine.isAlive()).isTrue();
        assertThat(recycled.isAlive()).isFalse();
        mine.remove(run);
        assertThat(run.processes()).containsExactly(recycled);
    }

    @Test
    void aRecordWithoutAPidFindsTheProcessThatWasStartedForIt(@TempDir Path dir) throws IOException {
        RunDirectory run = new RunDirectory(dir).create();
        ProcessRecord intent = new ProcessRecord("worker-1", "worker", "node-1", 1, 0, 0, "", 0, null, null);
        assertThat(intent.isAlive()).isFalse();
        assertThat(intent.located(run)).isEqualTo(intent);
        String ready = run.ready("worker-1").toString();
        Process process = new ProcessBuilder("bash", "-c", "read -r _", "efc", "--ready-file", ready).start();
        try {
            assertThat(intent.located(run).pid()).isEqualTo(process.pid());
            assertThat(intent.located(run).isAlive()).isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void mountPointsAreNamedAsTheKernelNamesThem(@TempDir Path dir) throws IOException {
        Path real = Files.createDirectory(dir.resolve("real"));
        Files.createDirectory(real.resolve("a"));
        Path link = Files.createSymbolicLink(dir.resolve("link"), real);
        Path base = real.toRealPath();
        assertThat(MountPoint.canonical(link)).isEqualTo(base);
        assertThat(MountPoint.canonical(link.resolve("a"))).isEqualTo(base.resolve("a"));
        assertThat(MountPoint.canonical(link.resolve("absent"))).isEqualTo(base.resolve("absent"));
        assertThat(MountPoint.canonical(dir.resolve("absent/b"))).isEqualTo(dir.resolve("absent/b"));
        assertThat(MountPoint.canonical(Path.of("/"))).isEqualTo(Path.of("/"));
    }

    @Test
    void onlyOneCommandChangesARunDirectory(@TempDir Path dir) throws Exception {
        RunDirectory run = new RunDirectory(dir).create();
        try (RunLock held = RunLock.take(run)) {
            assertThat(held).isNotNull();
            assertThatThrownBy(() -> RunLock.take(run))
                    .isInstanceOf(Failure.class)
                    .hasMessageStartingWith("another efc command is changing " + dir);
        }
        RunLock.take(run).close();
    }

    @Test
    void splitsMountOptionsIntoTheStores() {
        var store = MountCommand.store("nfs://h:/e", List.of("ro", "nconnect=4", "port=12049"));
        assertThat(store.readOnly()).isTrue();
        assertThat(store.options()).isEqualTo(Map.of("nconnect", "4", "port", "12049"));
        assertThatThrownBy(() -> MountCommand.store("nfs://h:/e", List.of("fast")))
                .hasMessage("option 'fast' has no value; accepted: ro, rw, or name=value such as nconnect=4");
        assertThatThrownBy(() -> MountCommand.store("ftp://h/e", List.of()))
                .hasMessage("the store 'ftp://h/e' is not supported; accepted: nfs://host:/path, local:///path");
    }

    @Test
    void theExperimentsJsonHasTheAgreedShape() {
        ReadTwice.Outcome outcome = new ReadTwice.Outcome(
                1 << 20,
                Map.of("source", "ab", "first", "ab", "second", "ab"),
                new ReadTwice.Pass(2, 50, new ReadTwice.BytesFrom(1 << 20, 0, 0, 0), 0),
                new ReadTwice.Pass(1, 100, new ReadTwice.BytesFrom(0, 3, 4, 5), 0));
        assertThat(outcome.isIntact()).isTrue();
        assertThat(outcome.toResult().keySet()).containsExactly("sizeBytes", "sha256", "first", "second", "speedup");
        assertThat(Output.text(Objects.requireNonNull(outcome.toResult().get("second")), Output.Format.json)
                        .replaceAll("\\s", ""))
                .isEqualTo("{\"seconds\":1.0,\"mibPerSecond\":100.0,\"bytesFrom\":{\"store\":0,\"remoteWorker\":3,"
                        + "\"localWorker\":4,\"nodeCache\":5}}");
        assertThat(outcome.toResult()).containsEntry("speedup", 2.0);
        assertThat(ReadTwiceText.of(outcome))
                .contains("50 -> 100 MiB/s (+100.0 %); published for EFC: 648 -> 1034 MiB/s (+59.5 %)");
    }

    @ParameterizedTest
    @CsvSource({"6.18.44-fc-v669, true", "6.9, true", "6.8.0-107-generic, false", "7.0-rc1, true", "5.15.0, false"})
    void comparesKernelReleases(String release, boolean enough) {
        assertThat(Diagnosis.atLeast(release, new int[] {6, 9})).isEqualTo(enough);
    }

    @Test
    void tiersSurviveTheCommandLine() {
        TierOption tier = new TierOption("MEM", Path.of("/dev/shm/a"), 1L << 30, 0.95, 0.9);
        assertThat(new TierOption.Converter().convert(tier.toString())).isEqualTo(tier);
    }
}
