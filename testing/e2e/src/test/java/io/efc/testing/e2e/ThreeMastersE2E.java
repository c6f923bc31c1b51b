package io.efc.testing.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.efc.testing.support.Ports;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A cluster with three masters, of which first the leader dies again and again, then one until it is started again, then two. */
@Tag("slow")
class ThreeMastersE2E {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Efc efc = new Efc();

    @AfterEach
    void end() {
        efc.close();
    }

    private JsonNode json(String... arguments) throws IOException {
        Efc.Result result = efc.run(arguments);
        assertThat(result.exitCode()).as(result.toString()).isZero();
        return JSON.readTree(result.out());
    }

    /** Waits until one of the masters leads. */
    private JsonNode leader() throws IOException {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (System.nanoTime() - deadline < 0) {
            for (JsonNode master : json("get", "masters", "-o", "json")) {
                if (master.get("leads").asBoolean()) {
                    return master;
                }
            }
        }
        throw new AssertionError("no master leads within " + LONG + ": " + efc.run("get", "masters"));
    }

    private void bothMountsGoOn(String content) {
        String mounts = efc.home() + "/mnt/e2e/node-";
        Efc.Result result = efc.shell("echo " + content + " > " + mounts + "1/f && cat " + mounts + "2/f && echo more "
                + content + " >> " + mounts + "2/f && cat " + mounts + "1/f");
        assertThat(result.exitCode()).as(result.toString()).isZero();
        assertThat(result.out()).isEqualTo(content + "\n" + content + "\nmore " + content + "\n");
    }

    private JsonNode killLeader() throws IOException {
        JsonNode leader = leader();
        Efc.Result kill = efc.shell("kill -9 " + leader.get("pid").asLong());
        assertThat(kill.exitCode()).as(kill.toString()).isZero();
        return leader;
    }

    @Test
    void anyOneMayDieAndTheOthersGoOn() throws IOException {
        String yaml = Yaml.nfs(Ports.free()).replace("  replicas: 3\n", "  replicas: 1\n  master: {replicas: 3}\n");
        String manifest = efc.manifest(yaml).toString();
        Efc.Result up = efc.run("up", "-f", manifest);
        assertThat(up.exitCode()).as(up.toString()).isZero();
        assertThat(up.out())
                .containsPattern("(?m)^master-1 +node-1 .* Ready$")
                .containsPattern("(?m)^master-2 +node-2 .* Ready$")
                .containsPattern("(?m)^master-3 +node-3 .* Ready$");
        assertThat(json("get", "masters", "-o", "json")).hasSize(3);
        assertThat(efc.run("get", "dataset").out())
                .contains("3 masters: ", leader().get("name").asText() + " leads");
        assertThat(json("get", "dataset", "-o", "json")
                        .at("/status/runtimes/0/masterReplicas")
                        .asInt())
                .isEqualTo(3);
        bothMountsGoOn("before");

        JsonNode report = json(
                "demo",
                "coherence",
                "--pairs",
                "100000",
                "--duration",
                "6s",
                "--kill-master-every",
                "1s",
                "-o",
                "json");
        assertThat(report.get("stale").asLong()).isZero();
        assertThat(report.get("pairs").asLong()).isPositive();
        assertThat(report.get("masterKills").asLong()).isPositive();
        assertThat(report.get("masterChangeStallMillis").asDouble()).isPositive();

        String dead = killLeader().get("name").asText();
        bothMountsGoOn("after");
        assertThat(leader().get("name").asText()).isNotEqualTo(dead);
        assertThat(efc.run("get", "masters").out()).containsPattern("(?m)^" + dead + " .* Down$");
        JsonNode status = json("get", "runtime", "-o", "json").get("status");
        assertThat(status.get("masterPhase").asText()).isEqualTo("PartialReady");
        assertThat(status.get("masterNumberReady").asInt()).isEqualTo(2);
        assertThat(status.get("masterReason").asText()).contains(dead + " is down", " leads");
        assertThat(efc.run("describe").out()).contains(dead + " is down");
        assertThat(efc.run("doctor").out()).containsPattern("(?m)^masters +warn +.*" + dead + " is down");
        assertThat(efc.run("get", "leases").exitCode()).isZero();

        Efc.Result again = efc.run("up", "-f", manifest);
        assertThat(again.exitCode()).as(again.toString()).isZero();
        assertThat(again.out()).contains("\n" + dead + " had died and runs again\n");
        assertThat(efc.run("get", "masters").out()).doesNotContain("Down");
        killLeader();
        bothMountsGoOn("with the one that came back");

        killLeader();
        Efc.Result lost = efc.run("get", "dataset");
        assertThat(lost.exitCode()).isEqualTo(1);
        assertThat(lost.messages())
                .singleElement()
                .asString()
                .startsWith("no master answers (")
                .endsWith("efc up starts them again");

        Efc.Result down = efc.run("down");
        assertThat(down.exitCode()).as(down.toString()).isZero();
        assertThat(down.out()).startsWith("ended 7 processes\n");
        assertThat(efc.leftovers()).isEmpty();
    }
}
