package io.efc.testing.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.testing.support.GaneshaOptions;
import io.efc.testing.support.GaneshaServer;
import io.efc.testing.support.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bad input and a bad machine: one message with file, line or field, value and remedy; exit code 1; nothing left mounted or running. */
@Tag("slow")
class RefusalE2E {
    private final Efc efc = new Efc();

    @AfterEach
    void end() {
        efc.close();
    }

    private void refuses(Efc.Result result, String... parts) {
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(1);
        assertThat(result.messages())
                .as(result.toString())
                .singleElement()
                .asString()
                .contains(parts);
        assertThat(result.err()).doesNotContain("Exception");
        assertThat(efc.leftovers()).isEmpty();
    }

    private void upRefuses(String yaml, String... parts) {
        Path file = efc.manifest(yaml);
        Efc.Result result = efc.run("up", "-f", file.toString());
        refuses(result, parts);
        assertThat(result.messages().getFirst()).contains(file + ":");
    }

    @Test
    void manifestsThatAreWrong() {
        String good = Yaml.nfs(Ports.free());
        upRefuses(good.replace("spec:\n  mounts:", "spec: [\n  mounts:"), ":6: malformed YAML at column 5");
        upRefuses(
                good.replace("kind: Dataset", "kind: Dataest"),
                ":2: kind: 'Dataest' is unknown; did you mean 'Dataset'?");
        upRefuses(
                good.replace("mountPoint: \"nfs://127.0.0.1:/export\", ", ""),
                ":6: spec.mounts[0].mountPoint: is missing");
        upRefuses(
                good.replace("128Mi", "15Gx"),
                ":13: spec.tieredstore.levels[0].quota: '15Gx' is not a quantity; accepted: a number with an optional suffix");
        upRefuses(
                good.replace("128Mi", "900Ti"),
                ":13: spec.tieredstore.levels[0].quota: 900.00TiB for each of 3 workers",
                "free in /dev/shm");
        upRefuses(
                good.replace("  replicas: 3\n", "  master: {replicas: 2}\n"),
                ":12: spec.master.replicas: 2 masters survive no more failures than 1",
                "accepted: 1 or 3");
        upRefuses(good.replace("nconnect:", "nconect:"), ":6: spec.mounts[0].options", "nconect", "nconnect");
        upRefuses(
                good.replace("nfs://127.0.0.1:/export", "ftp://127.0.0.1/e"),
                ":6: spec.mounts[0].mountPoint: the store 'ftp://127.0.0.1/e'");
    }

    @Test
    void aConsistencyThatThereIsNot() {
        String good = Yaml.nfs(Ports.free());
        upRefuses(
                good.replace("  tieredstore:", "  fuse: {properties: {consistency: strng}}\n  tieredstore:"),
                ":13: spec.fuse.properties.consistency: consistency 'strng' is none of strong, close-to-open, ttl=<duration>");
        upRefuses(
                good.replace("  tieredstore:", "  fuse: {properties: {ufsCheckInterval: often}}\n  tieredstore:"),
                ":13: spec.fuse.properties.ufsCheckInterval: 'often' is not a duration");
        refuses(
                efc.run("mount", "local:///tmp", efc.home().resolve("m").toString(), "-o", "consistency=strong"),
                "consistency 'strong' needs a master");
    }

    @Test
    void aServerThatCannotBeReached() {
        upRefuses(
                Yaml.of("nfs://192.0.2.1:/export", "port: \"2049\"", "128Mi"),
                ":6: spec.mounts[0].mountPoint: no NFS server can be reached at 192.0.2.1 port 2049");
        upRefuses(
                Yaml.of("nfs://no-such-host.invalid:/export", "", "128Mi"),
                ":6: spec.mounts[0].mountPoint: no NFS server can be reached at no-such-host.invalid",
                "there is no host");
    }

    /** A mount waits half a minute for a master that may be starting as well. */
    @Test
    void aMasterThatIsNotThere() throws IOException {
        Path secret = Files.writeString(efc.home().resolve("secret"), "00".repeat(32));
        Path store = Files.createDirectories(efc.home().resolve("store"));
        Path target = Files.createDirectories(efc.home().resolve("target"));
        String master = "127.0.0.1:" + Ports.free();
        refuses(
                efc.shell("exec $EFC client --runtime default/x --node n --state "
                        + efc.home().resolve("state") + " --store local://" + store + " --target " + target
                        + " --secret-file " + secret + " --master " + master),
                "no master at " + master + ": cannot connect",
                "Connection refused");
        assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(target.toString());
    }

    @Test
    void anExportThatIsNotThereAndOneThatRefuses() throws IOException {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "efc-e2e-export-");
        try (GaneshaServer server =
                GaneshaServer.start(GaneshaOptions.of(directory).onlyV4())) {
            upRefuses(
                    Yaml.of("nfs://127.0.0.1:/nowhere", "port: \"" + server.nfsPort() + "\"", "128Mi"),
                    ":6: spec.mounts[0].mountPoint: 'nfs://127.0.0.1:/nowhere' cannot be used",
                    "No such file or directory");
        }
        try (GaneshaServer server =
                GaneshaServer.start(GaneshaOptions.of(directory).onlyV4().denyAll())) {
            upRefuses(
                    Yaml.of("nfs://127.0.0.1:/export", "port: \"" + server.nfsPort() + "\"", "128Mi"),
                    ":6: spec.mounts[0].mountPoint: 'nfs://127.0.0.1:/export' cannot be used");
        } finally {
            directory.toFile().delete();
        }
    }

    @Test
    void aPortThatSomethingElseUses() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            upRefuses(
                    Yaml.nfs(taken.getLocalPort()),
                    ":6: spec.mounts[0].mountPoint: 'nfs://127.0.0.1:/export' cannot be used");
        }
    }

    @Test
    void aMountPointThatIsNotEmpty() throws IOException {
        Path node = efc.home().resolve("mnt/e2e/node-1");
        Files.createDirectories(node);
        Files.writeString(node.resolve("mine"), "precious");
        refuses(
                efc.run("up", "-f", efc.manifest(Yaml.nfs(Ports.free())).toString()),
                "the mount point " + node + " is not empty; accepted: an empty directory");
        assertThat(node.resolve("mine")).hasContent("precious");
    }

    @Test
    void aMachineWithoutFuse() {
        String yaml = efc.manifest(Yaml.nfs(Ports.free())).toString();
        refuses(
                efc.shell(
                        "exec unshare -m bash -c 'mount -t tmpfs none /mnt && cp -a /dev/{null,zero,random,urandom} /mnt"
                                + " && mkdir /mnt/shm && mount --move /mnt /dev && exec $EFC up -f " + yaml + "'"),
                "there is no usable /dev/fuse",
                "modprobe fuse");
    }

    @Test
    void aUserWhoIsNotRoot() {
        String yaml = efc.manifest(Yaml.nfs(Ports.free())).toString();
        Efc.Result result = efc.shell("chmod 755 " + efc.home()
                + "; EFC_HOME=$(mktemp -d /tmp/efc-e2e-nobody-XXXX); chown 65534 $EFC_HOME;"
                + " HOME=/ EFC_HOME=$EFC_HOME setpriv --reuid=65534 --regid=65534 --clear-groups $EFC up -f " + yaml
                + "; code=$?; rm -r $EFC_HOME; exit $code");
        refuses(result, "mounting needs root and this is uid 65534; run sudo efc up");
    }

    @Test
    void nothingToShowWhenNothingRuns() {
        refuses(efc.run("get", "dataset"), "no dataset is running", "efc up starts one");
        refuses(
                efc.run("demo", "read-twice", "--size", "1MiB"),
                "the experiment needs two mounts and 0 are there",
                "efc up");
    }
}
