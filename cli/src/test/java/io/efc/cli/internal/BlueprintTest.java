package io.efc.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.api.ManifestException;
import io.efc.api.Manifests;
import io.efc.api.MediumType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlueprintTest {
    private static Blueprint of(String yaml) {
        return Blueprint.of(Manifests.parse("x.yaml", yaml), true);
    }

    private static void refuses(String yaml, String message) {
        assertThatThrownBy(() -> of(yaml)).isInstanceOf(ManifestException.class).hasMessage(message);
    }

    private static String quickstart(String from, String to) {
        assertThat(Blueprint.QUICKSTART).contains(from);
        return Blueprint.QUICKSTART.replace(from, to);
    }

    @Test
    void theQuickstartIsThatOfTheExamples() throws IOException {
        assertThat(Blueprint.QUICKSTART).isEqualTo(Files.readString(Path.of("../examples/quickstart.yaml")));
    }

    @Test
    void readsTheQuickstart() {
        Blueprint b = of(quickstart("2Gi", "64Mi"));
        assertThat(b.name()).isEqualTo("efc-demo");
        assertThat(b.namespace()).isEqualTo("default");
        assertThat(b.workers()).isEqualTo(3);
        assertThat(b.store().mountPoint()).isEqualTo("nfs://127.0.0.1:/export");
        assertThat(b.store().options()).isEqualTo(Map.of("port", "12049", "nconnect", "4"));
        assertThat(b.nfs()).isEqualTo(new NfsPlace("127.0.0.1", 12049, "/export"));
        assertThat(b.tiers())
                .containsExactly(new Blueprint.Tier(MediumType.MEM, Path.of("/dev/shm"), 64L << 20, 0.95, 0.9));
    }

    @Test
    void wantsOneDatasetAndOneRuntimeOfTheSameName() {
        int second = Blueprint.QUICKSTART.indexOf("---");
        refuses(
                Blueprint.QUICKSTART.substring(0, second),
                "x.yaml:2: kind: there is no EFCRuntime in the file; accepted: one Dataset and one EFCRuntime");
        refuses(
                Blueprint.QUICKSTART.substring(second),
                "x.yaml:3: kind: there is no Dataset in the file; accepted: one Dataset and one EFCRuntime");
        refuses(
                Blueprint.QUICKSTART + "---\n" + Blueprint.QUICKSTART,
                "x.yaml:20: kind: 'Dataset' is there a second time; accepted: one Dataset and one EFCRuntime");
        refuses(
                quickstart("EFCRuntime\nmetadata: {name: efc-demo}", "EFCRuntime\nmetadata: {name: other}"),
                "x.yaml:11: metadata.name: 'other' is not the Dataset's name; accepted: 'efc-demo'");
    }

    @Test
    void refusesWhatStandaloneModeCannotDo() {
        refuses(
                quickstart("nfs://127.0.0.1:/export", "s3://bucket"),
                "x.yaml:7: spec.mounts[0].mountPoint: the store 's3://bucket' is not supported; accepted: nfs://host:/path,"
                        + " local:///path");
        refuses(
                quickstart("  mounts:\n", "  mounts:\n    - {mountPoint: \"local:///tmp\", name: b, path: /b}\n"),
                "x.yaml:8: spec.mounts[1]: is a second mount; accepted in standalone mode: one");
        refuses(
                quickstart("replicas: 3", "replicas: 65"),
                "x.yaml:13: spec.replicas: 65 is too many for one machine; accepted: 0 to 64");
        refuses(
                quickstart("name: efc, path: \"/\"", "name: efc, encryptOptions: [{name: a}]"),
                "x.yaml:7: spec.mounts[0].encryptOptions: there are no Secrets in standalone mode; accepted: options");
    }

    @Test
    void thereIsOneMasterUnlessThreeAreAskedFor() {
        assertThat(of(quickstart("2Gi", "64Mi")).masters()).isEqualTo(1);
        assertThat(of(quickstart("master: {networkMode", "master: {replicas: 3, networkMode")
                                .replace("2Gi", "64Mi"))
                        .masters())
                .isEqualTo(3);
        refuses(
                quickstart("master: {networkMode", "master: {replicas: 2, networkMode"),
                "x.yaml:14: spec.master.replicas: 2 masters survive no more failures than 1, they stop when either fails;"
                        + " accepted: 1 or 3");
    }

    @Test
    void refusesAQuotaThatDoesNotFitItsTier() {
        assertThatThrownBy(() -> of(quickstart("2Gi", "500Ti")))
                .hasMessageStartingWith(
                        "x.yaml:17: spec.tieredstore.levels[0].quota: 500.00TiB for each of 3 workers is more than the ")
                .hasMessageContaining("that are free in /dev/shm; accepted: at most ");
        refuses(
                quickstart("2Gi", "1Mi"),
                "x.yaml:17: spec.tieredstore.levels[0].quota: leaves 1.00MiB for a directory; accepted: at least 64.00MiB");
        refuses(
                quickstart("/dev/shm", "/absent"),
                "x.yaml:17: spec.tieredstore.levels[0].path: '/absent' is no directory of this machine; accepted: an existing"
                        + " directory's absolute path, such as /dev/shm");
    }

    @Test
    void dividesAQuotaAmongThePathsOfItsLevel() {
        Blueprint b = of(quickstart("path: /dev/shm, quota: 2Gi", "path: \"/dev/shm,/tmp\", quota: 128Mi"));
        assertThat(b.tiers()).extracting(Blueprint.Tier::quota).containsExactly(64L << 20, 64L << 20);
        Blueprint c = of(quickstart("path: /dev/shm, quota: 2Gi", "path: \"/dev/shm,/tmp\", quotaList: \"64Mi,65Mi\""));
        assertThat(c.tiers()).extracting(Blueprint.Tier::quota).containsExactly(64L << 20, 65L << 20);
    }

    @Test
    void aDisabledWorkerIsNone() {
        assertThat(of(quickstart("worker: {networkMode", "worker: {disabled: true, networkMode")
                                .replace("2Gi", "64Mi"))
                        .workers())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "nfs://nas:/export, nas, 2049, /export",
        "nfs://nas/export, nas, 2049, /export",
        "nfs://nas:3049:/a/b, nas, 3049, /a/b",
        "nfs://nas, nas, 2049, /",
        "nfs://[::1]:/e, ::1, 2049, /e",
        "nfs://10.1.2.3:/, 10.1.2.3, 2049, /"
    })
    void findsTheServerOfAnNfsStore(String mountPoint, String host, int port, String path) {
        assertThat(NfsPlace.of(new io.efc.store.StoreConfig(mountPoint, Map.of(), false)))
                .isEqualTo(new NfsPlace(host, port, path));
    }

    @Test
    void theOptionNamesThePortBeforeTheAddress() {
        assertThat(NfsPlace.of(new io.efc.store.StoreConfig("nfs://nas:/e", Map.of("port", "12"), false)))
                .isEqualTo(new NfsPlace("nas", 12, "/e"));
        assertThat(NfsPlace.of(new io.efc.store.StoreConfig("local:///e", Map.of(), false)))
                .isNull();
    }
}
