package io.efc.testing.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.efc.testing.support.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** One machine's whole cluster, from `efc up` to `efc down`: a real NFS server, a master, three workers, two mounts. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StandaloneE2E {
    private static final JsonMapper JSON = new JsonMapper();

    private final Efc efc = new Efc();
    private Path manifest = Path.of("");
    private Efc.Result up = new Efc.Result(-1, "", "");

    @BeforeAll
    void up() {
        manifest = efc.manifest(Yaml.nfs(Ports.free()));
        up = efc.run("up", "-f", manifest.toString());
        assertThat(up.exitCode()).as(up.toString()).isZero();
    }

    @AfterAll
    void down() {
        try (efc) {
            Efc.Result down = efc.run("down");
            assertThat(down.exitCode()).as(down.toString()).isZero();
            assertThat(down.out()).startsWith("ended 7 processes\n");
            assertThat(down.err()).isEmpty();
            assertThat(efc.leftovers()).isEmpty();
            Efc.Result again = efc.run("down");
            assertThat(again.exitCode()).isZero();
            assertThat(again.out()).isEqualTo("nothing is running\n");
        }
    }

    private Path mount(int node) {
        return efc.home().resolve("mnt/e2e/node-" + node);
    }

    private JsonNode json(String... arguments) throws IOException {
        Efc.Result result = efc.run(arguments);
        assertThat(result.exitCode()).as(result.toString()).isZero();
        return JSON.readTree(result.out());
    }

    @Test
    void upShowsEveryProcessAndWhatToDoNext() {
        assertThat(up.out().lines().toList().getFirst()).matches("COMPONENT +NODE +PID +ADDRESS +METRICS +STATE");
        for (String name :
                List.of("nfs-server", "master", "worker-1", "worker-2", "worker-3", "client-1", "client-2")) {
            assertThat(up.out()).containsPattern("(?m)^" + name + " +\\S+ +\\d+ +\\S+ +\\d+ +Ready$");
        }
        assertThat(up.out()).contains("What to do next:", "ls -l " + mount(1), "efc down");
    }

    @Test
    void aFileOfTheExportIsSeenInBothMountsAndTheOtherWayRound() throws IOException {
        Files.writeString(efc.home().resolve("export/seen.txt"), "from the export");
        assertThat(efc.shell("cat " + mount(1) + "/seen.txt").out()).isEqualTo("from the export");
        assertThat(efc.shell("cat " + mount(2) + "/seen.txt").out()).isEqualTo("from the export");
        Efc.Result write = efc.shell(
                "printf 'from mount 2' > " + mount(2) + "/written.txt && sync -f " + mount(2) + "/written.txt");
        assertThat(write.exitCode()).as(write.toString()).isZero();
        assertThat(efc.home().resolve("export/written.txt")).hasContent("from mount 2");
        assertThat(efc.shell("cat " + mount(1) + "/written.txt").out()).isEqualTo("from mount 2");
    }

    @Test
    void upTwiceSaysWhatRunsAndChangesNothing() {
        Efc.Result again = efc.run("up", "-f", manifest.toString());
        assertThat(again.exitCode()).as(again.toString()).isZero();
        assertThat(again.out()).endsWith("already running; efc down ends it\n");
        List<String> table = up.out().lines().limit(8).toList();
        assertThat(again.out().lines().limit(8).toList()).isEqualTo(table);
    }

    @Test
    void upWithAnotherDatasetIsRefusedWhileOneRuns() {
        Path other = manifest.resolveSibling(manifest.getFileName() + ".other");
        try {
            Files.writeString(other, Yaml.nfs(Ports.free()));
            Efc.Result result = efc.run("up", "-f", other.toString());
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.messages())
                    .singleElement()
                    .asString()
                    .startsWith("another dataset is running already")
                    .endsWith("efc down ends it");
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            other.toFile().delete();
        }
    }

    @Test
    void getShowsKubectlsColumns() {
        assertThat(efc.run("get", "dataset").out().lines().toList())
                .hasSize(2)
                .first()
                .asString()
                .matches("NAME +UFS TOTAL SIZE +CACHED +CACHE CAPACITY +CACHED PERCENTAGE +PHASE +AGE");
        String wide = efc.run("get", "dataset", "-o", "wide").out();
        assertThat(wide.lines().toList().getFirst())
                .matches("NAME +UFS TOTAL SIZE +CACHED +CACHE CAPACITY +CACHED PERCENTAGE +PHASE +HCFS URL +TOTAL FILES"
                        + " +CACHE HIT RATIO +AGE");
        assertThat(wide.lines().toList().get(1))
                .startsWith("e2e ")
                .contains("384.00MiB")
                .contains("Bound");
        assertThat(efc.run("get", "runtime", "-o", "wide")
                        .out()
                        .lines()
                        .toList()
                        .get(1))
                .matches("e2e +1 +1 +Ready +3 +3 +Ready +2 +2 +Ready +\\d+m?\\S*");
        assertThat(efc.run("get", "workers").out()).contains("worker-1", "worker-2", "worker-3", "128.00MiB");
        assertThat(efc.run("get", "mounts").out()).contains(mount(1).toString(), mount(2).toString());
        assertThat(efc.run("describe").out()).contains("default/e2e", "nfs://127.0.0.1:/export", "worker-3");
    }

    @Test
    void getShowsRealFigures() throws IOException, InterruptedException {
        byte[] content = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
        Files.write(efc.home().resolve("export/figures.bin"), content);
        assertThat(efc.shell("cat " + mount(1) + "/figures.bin | wc -c").out().strip())
                .isEqualTo("1048576");
        JsonNode status = json("get", "dataset", "-o", "json").get("status");
        // The store is counted and the workers report in the background.
        for (int i = 0;
                i < 150
                        && !(status.get("ufsTotal").asText().endsWith("MiB")
                                && status.at("/cacheStates/cached").asText().endsWith("MiB"));
                i++) {
            Thread.sleep(200);
            status = json("get", "dataset", "-o", "json").get("status");
        }
        assertThat(status.get("phase").asText()).isEqualTo("Bound");
        assertThat(status.get("ufsTotal").asText()).endsWith("MiB");
        assertThat(status.at("/cacheStates/cacheCapacity").asText()).isEqualTo("384.00MiB");
        assertThat(status.at("/cacheStates/cached").asText()).endsWith("MiB");
        assertThat(status.get("fileNum").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(status.at("/runtimes/0/type").asText()).isEqualTo("efc");
        assertThat(json("get", "runtime", "-o", "json")
                        .at("/status/workerNumberReady")
                        .asInt())
                .isEqualTo(3);
        assertThat(json("get", "workers", "-o", "json")).hasSize(3);
        assertThat(efc.run("get", "dataset", "-o", "yaml").out()).startsWith("apiVersion: data.fluid.io/v1alpha1\n");
    }

    @Test
    void theSecondMountReadsFromTheWorkers() throws IOException {
        JsonNode demo = json("demo", "read-twice", "--size", "48MiB", "-o", "json");
        List<String> fields = new ArrayList<>();
        demo.fieldNames().forEachRemaining(fields::add);
        assertThat(fields).containsExactly("sizeBytes", "sha256", "first", "second", "speedup");
        long size = 48L << 20;
        assertThat(demo.get("sizeBytes").asLong()).isEqualTo(size);
        assertThat(demo.at("/sha256/first").asText())
                .hasSize(64)
                .isEqualTo(demo.at("/sha256/source").asText());
        assertThat(demo.at("/sha256/second").asText())
                .isEqualTo(demo.at("/sha256/source").asText());
        assertThat(demo.at("/first/bytesFrom/store").asLong()).isGreaterThanOrEqualTo(size);
        assertThat(demo.at("/second/bytesFrom/store").asLong()).isZero();
        JsonNode second = demo.at("/second/bytesFrom");
        assertThat(second.get("remoteWorker").asLong()
                        + second.get("localWorker").asLong()
                        + second.get("nodeCache").asLong())
                .isGreaterThanOrEqualTo(size);
        assertThat(demo.at("/second/mibPerSecond").asDouble()).isPositive();
        assertThat(efc.shell("ls " + efc.home() + "/export").out()).doesNotContain("read-twice");
    }

    @Test
    void moreThanTheWorkersHoldStaysCorrect() {
        Efc.Result demo = efc.run("demo", "read-twice", "--size", "500MiB");
        assertThat(demo.exitCode()).as(demo.toString()).isZero();
        assertThat(demo.out())
                .contains("equal in the source and in both mounts", "published for EFC: 648 -> 1034 MiB/s (+59.5 %)");
    }

    @Test
    void everyProcessServesMetricsAndHealth() throws IOException, InterruptedException {
        try (Stream<Path> records = Files.list(efc.home().resolve("run"));
                HttpClient http = HttpClient.newHttpClient()) {
            List<Path> all = records.filter(p -> p.toString().endsWith(".json")).toList();
            assertThat(all).hasSize(7);
            for (Path record : all) {
                int port = JSON.readTree(record.toFile()).get("metricsPort").asInt();
                assertThat(get(http, port, "/healthz")).isEqualTo("ok\n");
                assertThat(get(http, port, "/metrics"))
                        .contains("process_cpu_seconds_total ", "jvm_memory_heap_used_bytes ");
            }
        }
    }

    private static String get(HttpClient http, int port, String page) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + page))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    @Test
    void onlyTheOwnerMayReadTheSecretAndTheRunDirectory() throws IOException {
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(efc.home().resolve("secret"))))
                .isEqualTo("rw-------");
    }

    @Test
    void mountWorksWithoutACluster() throws IOException {
        Path source = Files.createTempDirectory(Path.of("/tmp"), "efc-e2e-src-");
        Path target = Files.createTempDirectory(Path.of("/tmp"), "efc-e2e-mnt-");
        try {
            Files.writeString(source.resolve("a"), "content");
            Efc.Result mount = efc.run("mount", "local://" + source, target.toString(), "-o", "ro");
            assertThat(mount.exitCode()).as(mount.toString()).isZero();
            assertThat(efc.shell("cat " + target + "/a").out()).isEqualTo("content");
            assertThat(efc.shell("touch " + target + "/b").err()).contains("Read-only file system");
            Efc.Result twice = efc.run("mount", "local://" + source, target.toString());
            assertThat(twice.exitCode()).isEqualTo(1);
            assertThat(twice.messages())
                    .singleElement()
                    .asString()
                    .contains("mount point " + target + " is in use", "efc umount " + target);
            Efc.Result umount = efc.run("umount", target.toString());
            assertThat(umount.exitCode()).as(umount.toString()).isZero();
            assertThat(efc.shell("ls " + target).out()).isEmpty();
            Efc.Result none = efc.run("umount", target.toString());
            assertThat(none.exitCode()).isEqualTo(1);
            assertThat(none.messages()).singleElement().asString().startsWith("nothing of EFC is mounted at " + target);
        } finally {
            efc.run("umount", target.toString());
            source.resolve("a").toFile().delete();
            source.toFile().delete();
            target.toFile().delete();
        }
    }

    @Test
    void badMountPointsAreRefused() throws IOException {
        Path file = Files.createTempFile(Path.of("/tmp"), "efc-e2e-", ".file");
        try {
            assertThat(efc.run("mount", "local:///tmp", file.toString()).messages())
                    .containsExactly("the mount point " + file + " is not a directory; accepted: an empty directory");
            assertThat(efc.run("mount", "local:///tmp", "/tmp").messages())
                    .containsExactly("the mount point /tmp is not empty; accepted: an empty directory");
            assertThat(efc.run("mount", "local:///tmp", "/tmp/efc-e2e-absent").messages())
                    .containsExactly(
                            "the mount point /tmp/efc-e2e-absent does not exist; accepted: an empty directory: mkdir -p"
                                    + " /tmp/efc-e2e-absent");
            Efc.Result source = efc.run(
                    "mount", "local:///absent", efc.home().resolve("mnt").toString());
            assertThat(source.exitCode()).isEqualTo(1);
        } finally {
            file.toFile().delete();
        }
    }

    @Test
    void doctorFindsWhatRuns() throws IOException {
        Efc.Result doctor = efc.run("doctor", "-o", "json");
        JsonNode findings = JSON.readTree(doctor.out());
        List<String> checks = new ArrayList<>();
        for (JsonNode f : findings) {
            checks.add(f.get("check").asText());
            if (f.get("check").asText().equals("processes")) {
                assertThat(f.get("found").asText()).matches("[78] running .*");
            }
        }
        assertThat(checks).contains("kernel", "/dev/fuse", "user", "open files", "request size", "JDK", "mounts");
        assertThat(doctor.exitCode()).isZero();
    }
}
