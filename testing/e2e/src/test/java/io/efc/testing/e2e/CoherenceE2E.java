package io.efc.testing.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.efc.testing.support.Ports;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Two strongly consistent mounts of one cluster: what one changes the other sees at once, whatever happens to the master. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CoherenceE2E {
    private static final JsonMapper JSON = new JsonMapper();

    private final Efc efc = new Efc();

    @BeforeAll
    void up() {
        Efc.Result up = efc.run("up", "-f", efc.manifest(Yaml.nfs(Ports.free())).toString());
        assertThat(up.exitCode()).as(up.toString()).isZero();
    }

    @AfterAll
    void down() {
        try (efc) {
            Efc.Result down = efc.run("down");
            assertThat(down.exitCode()).as(down.toString()).isZero();
            assertThat(efc.leftovers()).isEmpty();
        }
    }

    private JsonNode coherence(int pairs, String... more) throws IOException {
        String[] command = {"demo", "coherence", "--pairs", Integer.toString(pairs), "--duration", "60s", "-o", "json"};
        String[] all = java.util.Arrays.copyOf(command, command.length + more.length);
        System.arraycopy(more, 0, all, command.length, more.length);
        Efc.Result result = efc.run(all);
        assertThat(result.exitCode()).as(result.toString()).isZero();
        return JSON.readTree(result.out());
    }

    @Test
    void nothingIsStale() throws IOException {
        JsonNode report = coherence(2000);
        assertThat(report.get("stale").asLong()).isZero();
        assertThat(report.get("pairs").asLong()).isPositive();
        assertThat(report.get("revokeSource").asText()).isEqualTo("clients");
        assertThat(report.at("/revokeMicros/p99").asDouble()).isPositive();
        assertThat(efc.shell("ls " + efc.home() + "/export").out()).doesNotContain("coherence");
    }

    @Test
    void nothingIsStaleWhenTheMasterIsKilledMeanwhile() throws IOException {
        JsonNode report = coherence(1000, "--kill-master-every", "2s");
        assertThat(report.get("stale").asLong()).isZero();
        assertThat(report.get("masterKills").asLong()).isPositive();
    }

    @Test
    void leasesAreShown() throws IOException {
        String mount = efc.home() + "/mnt/e2e/node-1";
        Efc.Result touched = efc.shell("echo held > " + mount + "/held && cat " + mount + "/held");
        assertThat(touched.exitCode()).as(touched.toString()).isZero();
        JsonNode leases = JSON.readTree(efc.run("get", "leases", "-o", "json").out());
        assertThat(leases.get("sessions").asLong()).isEqualTo(2);
        assertThat(leases.get("leases").asLong()).isPositive();
        assertThat(efc.run("get", "leases").out()).startsWith("CLIENT ").contains("node-1");
        Efc.Result lease = efc.run("describe", "lease", mount + "/held");
        assertThat(lease.exitCode()).as(lease.toString()).isZero();
        assertThat(lease.out()).contains("This mount:  holds it for", "node-1");
        assertThat(efc.run("describe", "lease", "/tmp").messages())
                .singleElement()
                .asString()
                .startsWith("/tmp has no leases");
    }
}
