package io.efc.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the strict reader refuses, and how it says so. */
class ManifestsTest {
    private static final String DATASET = """
            apiVersion: data.fluid.io/v1alpha1
            kind: Dataset
            metadata: {name: demo}
            spec:
            """;

    private static final String RUNTIME = """
            apiVersion: data.fluid.io/v1alpha1
            kind: EFCRuntime
            metadata: {name: demo}
            spec:
            """;

    private static List<String> problems(String yaml) {
        try {
            Manifests.parse("x.yaml", yaml);
        } catch (ManifestException e) {
            return e.problems().stream().map(Problem::toString).toList();
        }
        return Assertions.fail("nothing was refused in:\n" + yaml);
    }

    private static void refuses(String yaml, String... messages) {
        assertThat(problems(yaml)).containsExactly(messages);
    }

    @Test
    void refusesMalformedYamlWithItsLine() {
        assertThat(problems("apiVersion: data.fluid.io/v1alpha1\nkind: [Dataset\nmetadata: {}\n"))
                .singleElement()
                .asString()
                .startsWith("x.yaml:3: malformed YAML at column ");
        assertThat(problems("a: b\n\tc: d\n"))
                .singleElement()
                .asString()
                .startsWith("x.yaml:2: malformed YAML at column 1");
    }

    @Test
    void refusesAFileWithoutResources() {
        refuses("", "x.yaml:1: there is no resource in it; accepted: documents of kind [Dataset, EFCRuntime]");
        refuses(
                "---\n---\n",
                "x.yaml:1: there is no resource in it; accepted: documents of kind [Dataset, EFCRuntime]");
        refuses(
                "- a\n",
                "x.yaml:1: the document is not a resource; accepted: a mapping with apiVersion, kind, metadata and spec");
    }

    @Test
    void refusesUnknownKindsAndVersions() {
        refuses(
                "apiVersion: data.fluid.io/v1alpha1\nkind: Dataest\n",
                "x.yaml:2: kind: 'Dataest' is unknown; did you mean 'Dataset'?; accepted: Dataset, EFCRuntime");
        refuses(
                "apiVersion: v1\nkind: Dataset\n",
                "x.yaml:1: apiVersion: 'v1' is unknown; accepted: data.fluid.io/v1alpha1");
        refuses(
                "metadata: {name: x}\n",
                "x.yaml:1: apiVersion: is missing; accepted: data.fluid.io/v1alpha1",
                "x.yaml:1: kind: is missing; accepted: Dataset, EFCRuntime");
    }

    @Test
    void refusesUnknownFieldsWithASuggestion() {
        assertThat(problems(DATASET + "  mounts:\n    - {mountpoint: \"nfs://h:/e\"}\n"))
                .anySatisfy(
                        p -> assertThat(p)
                                .startsWith(
                                        "x.yaml:6: spec.mounts[0].mountpoint: is no field of spec.mounts[0]; did you mean 'mountPoint'?;"
                                                + " accepted: encryptOptions, mountPoint, name, options, path, readOnly, shared"))
                .anySatisfy(p ->
                        assertThat(p).isEqualTo("x.yaml:6: spec.mounts[0].mountPoint: is missing; accepted: a text"))
                .hasSize(2);
        assertThat(problems(RUNTIME + "  replica: 3\n"))
                .singleElement()
                .asString()
                .startsWith(
                        "x.yaml:5: spec.replica: is no field of spec; did you mean 'replicas'?; accepted: cleanCachePolicy,");
        assertThat(problems("apiVersion: data.fluid.io/v1alpha1\nkind: Dataset\nmetadata: {name: a}\nspce: {}\n"))
                .singleElement()
                .asString()
                .startsWith(
                        "x.yaml:4: spce: is no field of Dataset; did you mean 'spec'?; accepted: apiVersion, kind,");
        assertThat(problems(RUNTIME + "  worker: {resources: {limit: {cpu: 1}}}\n"))
                .singleElement()
                .asString()
                .contains("spec.worker.resources.limit: is no field", "did you mean 'limits'?");
    }

    @Test
    void refusesTheSameFieldTwice() {
        refuses(
                RUNTIME + "  replicas: 1\n  replicas: 2\n",
                "x.yaml:6: spec.replicas: stands there twice; accepted: each field once");
    }

    @Test
    void refusesMissingFields() {
        refuses(
                DATASET + "  mounts:\n    - {name: a}\n",
                "x.yaml:6: spec.mounts[0].mountPoint: is missing; accepted: a text");
        refuses(
                DATASET + "  mounts:\n    - {mountPoint: null}\n",
                "x.yaml:6: spec.mounts[0].mountPoint: is missing; accepted: a text");
        refuses(
                RUNTIME + "  tieredstore: {levels: [{quota: 1Gi}]}\n",
                "x.yaml:5: spec.tieredstore.levels[0].mediumtype: is missing; accepted: MEM, SSD, HDD");
        assertThat(problems("apiVersion: data.fluid.io/v1alpha1\nkind: Dataset\nspec: {}\n"))
                .singleElement()
                .asString()
                .startsWith("x.yaml:1: metadata.name: is missing; accepted: ");
        refuses(
                DATASET + "  owner: {uid: 1, gid: 1, user: a}\n",
                "x.yaml:5: spec.owner.group: is missing; accepted: a text");
    }

    @ParameterizedTest
    @CsvSource({"15Gx", "abc", "1.2.3", "1 Gi", "Gi", "1e", "0x10"})
    void refusesBadQuantities(String quota) {
        refuses(
                RUNTIME + "  tieredstore:\n    levels:\n      - mediumtype: MEM\n        quota: " + quota + "\n",
                "x.yaml:8: spec.tieredstore.levels[0].quota: '" + quota
                        + "' is not a quantity; accepted: a number with an optional"
                        + " suffix Ki, Mi, Gi, Ti, Pi, Ei, k, M, G, T, P or E, such as 2Gi");
    }

    @Test
    void refusesQuotasThatLeaveNoRoom() {
        assertThat(problems(RUNTIME + "  tieredstore: {levels: [{mediumtype: MEM, quota: -1Gi}]}\n"))
                .singleElement()
                .asString()
                .startsWith("x.yaml:5: spec.tieredstore.levels[0].quota: '-1Gi' is negative;");
        assertThat(problems(RUNTIME + "  tieredstore: {levels: [{mediumtype: MEM, quota: 0}]}\n"))
                .singleElement()
                .asString()
                .startsWith("x.yaml:5: spec.tieredstore.levels[0].quota: '0' leaves no room;");
    }

    @ParameterizedTest
    @CsvSource({"1Gi", "2", "1.5Gi", "1e9", "100M", ".5Gi", "5E", "1000m"})
    void acceptsQuantities(String quota) {
        String yaml = RUNTIME + "  tieredstore: {levels: [{mediumtype: MEM, quota: " + quota + "}]}\n";
        assertThat(Manifests.parse("x.yaml", yaml).all()).hasSize(1);
    }

    @Test
    void refusesWordsThatAreNoneOfAnEnum() {
        refuses(
                RUNTIME + "  tieredstore: {levels: [{mediumtype: MEN}]}\n",
                "x.yaml:5: spec.tieredstore.levels[0].mediumtype: 'MEN' is unknown; did you mean 'MEM'?; accepted: MEM, SSD, HDD");
        refuses(
                DATASET + "  placement: shared\n",
                "x.yaml:5: spec.placement: 'shared' is unknown; did you mean 'Shared'?; accepted: \"\", Exclusive, Shared");
        refuses(
                DATASET + "  accessModes: [ReadOnly]\n",
                "x.yaml:5: spec.accessModes[0]: 'ReadOnly' is unknown; did you mean 'ReadOnlyMany'?; accepted: ReadOnlyMany,"
                        + " ReadWriteMany, ReadWriteOnce, ReadWriteOncePod");
        refuses(
                RUNTIME + "  fuse: {cleanPolicy: Never}\n",
                "x.yaml:5: spec.fuse.cleanPolicy: 'Never' is unknown; accepted: \"\", OnDemand, OnRuntimeDeleted, OnFuseChanged");
    }

    @ParameterizedTest
    @CsvSource({"Demo", "1demo", "de_mo", "demo-", "-demo", "a.b"})
    void refusesNamesThatAreNoDns1035Labels(String name) {
        String yaml = "apiVersion: data.fluid.io/v1alpha1\nkind: Dataset\nmetadata: {name: " + name + "}\n";
        assertThat(problems(yaml))
                .singleElement()
                .asString()
                .startsWith(
                        "x.yaml:3: metadata.name: '" + name + "' is no DNS-1035 label; accepted: lower-case letters,");
    }

    @Test
    void limitsNamesTo63Characters() {
        String yaml = "apiVersion: data.fluid.io/v1alpha1\nkind: Dataset\nmetadata: {name: %s}\n";
        assertThat(Manifests.parse("x.yaml", yaml.formatted("a".repeat(63))).all())
                .hasSize(1);
        assertThat(problems(yaml.formatted("a".repeat(64)))).hasSize(1);
        assertThat(problems("apiVersion: data.fluid.io/v1alpha1\nkind: Dataset\nmetadata: {name: a, namespace: A_b}\n"))
                .singleElement()
                .asString()
                .startsWith("x.yaml:3: metadata.namespace: 'A_b' is no DNS-1123 label;");
    }

    @Test
    void holdsMinimumItemsAndLengths() {
        refuses(
                DATASET + "  mounts: []\n",
                "x.yaml:5: spec.mounts: has too few entries: 0; accepted: at least 1 entries");
        assertThat(problems(DATASET + "  mounts: [{mountPoint: \"s://\"}]\n"))
                .containsExactly(
                        "x.yaml:5: spec.mounts[0].mountPoint: 's://' is too short; accepted: at least 5 characters");
        refuses(
                RUNTIME + "  tieredstore: {levels: [{mediumtype: MEM, path: \"\"}]}\n",
                "x.yaml:5: spec.tieredstore.levels[0].path: '' is too short; accepted: at least 1 characters");
    }

    @Test
    void holdsMinimumValues() {
        refuses(
                RUNTIME + "  worker: {replicas: 0}\n",
                "x.yaml:5: spec.worker.replicas: 0 is too small; accepted: 1 or more");
        refuses(RUNTIME + "  replicas: -1\n", "x.yaml:5: spec.replicas: -1 is too small; accepted: 0 or more");
    }

    @Test
    void takesOneMasterOrThree() {
        refuses(
                RUNTIME + "  master:\n    replicas: 2\n",
                "x.yaml:6: spec.master.replicas: 2 masters survive no more failures than 1, they stop when either fails;"
                        + " accepted: 1 or 3");
        refuses(
                RUNTIME + "  master: {replicas: 5}\n",
                "x.yaml:5: spec.master.replicas: 5 is no number of masters; accepted: 1 or 3");
        for (int count : new int[] {1, 3}) {
            assertThat(Manifests.parse("x.yaml", RUNTIME + "  master: {replicas: " + count + "}\n")
                            .all())
                    .hasSize(1);
        }
    }

    @Test
    void holdsPatterns() {
        refuses(
                DATASET + "  dataRestoreLocation: {path: /backup}\n",
                "x.yaml:5: spec.dataRestoreLocation.path: '/backup' does not match; accepted: ^(local|pvc)://.+");
        assertThat(problems(RUNTIME + "  tieredstore: {levels: [{mediumtype: MEM, path: /a, quotaList: 1Gx}]}\n"))
                .singleElement()
                .asString()
                .startsWith("x.yaml:5: spec.tieredstore.levels[0].quotaList: '1Gx' does not match;");
        assertThat(problems(RUNTIME + "  tieredstore: {levels: [{mediumtype: MEM, high: \"1.5\"}]}\n"))
                .singleElement()
                .asString()
                .startsWith("x.yaml:5: spec.tieredstore.levels[0].high: '1.5' does not match;");
    }

    @Test
    void refusesValuesOfAnotherType() {
        refuses(
                DATASET + "  mounts: [{mountPoint: \"nfs://h:/e\", options: {port: 12049}}]\n",
                "x.yaml:5: spec.mounts[0].options.port: '12049' is a number; accepted: a text, in quotes: \"12049\"");
        refuses(
                DATASET + "  mounts: [{mountPoint: \"nfs://h:/e\", readOnly: \"yes\"}]\n",
                "x.yaml:5: spec.mounts[0].readOnly: 'yes' is not accepted; accepted: true or false");
        refuses(
                RUNTIME + "  replicas: three\n",
                "x.yaml:5: spec.replicas: 'three' is not accepted; accepted: a whole number");
        refuses(
                RUNTIME + "  replicas: \"3\"\n",
                "x.yaml:5: spec.replicas: '3' is not accepted; accepted: a whole number");
        refuses(
                RUNTIME + "  replicas: 3000000000\n",
                "x.yaml:5: spec.replicas: '3000000000' is out of range; accepted: a whole number of 32 bits");
        refuses(
                RUNTIME + "  replicas: [3]\n",
                "x.yaml:5: spec.replicas: a list is not accepted here; accepted: a whole number");
        refuses(
                DATASET + "  mounts: {a: b}\n",
                "x.yaml:5: spec.mounts: a mapping is not accepted here; accepted: a list");
        refuses(RUNTIME + "  worker: 3\n", "x.yaml:5: spec.worker: '3' is not accepted here; accepted: a mapping");
    }

    @Test
    void refusesMountsThatContradictEachOther() {
        refuses(
                DATASET
                        + "  mounts:\n  - {mountPoint: \"nfs://h:/a\", name: a}\n  - {mountPoint: \"nfs://h:/b\", name: a}\n",
                "x.yaml:7: spec.mounts[1].name: 'a' is that of spec.mounts[0].name too; accepted: one of its own for each mount");
        refuses(
                DATASET
                        + "  mounts:\n  - {mountPoint: \"nfs://h:/a\", path: /a}\n  - {mountPoint: \"nfs://h:/b\", path: /a}\n",
                "x.yaml:7: spec.mounts[1].path: '/a' is that of spec.mounts[0].path too; accepted: one of its own for each mount");
        refuses(
                DATASET + "  mounts: [{mountPoint: \"nfs://h:/a\", path: /a/../b}]\n",
                "x.yaml:5: spec.mounts[0].path: '/a/../b' is no path in the dataset; accepted: an absolute path without '..'");
        refuses(
                DATASET + "  mounts: [{mountPoint: /export/data}]\n",
                "x.yaml:5: spec.mounts[0].mountPoint: '/export/data' has no scheme; accepted: nfs://host:/path, local:///path,"
                        + " pvc://claim, s3://bucket and the like");
    }

    @Test
    void refusesTiersThatContradictThemselves() {
        refuses(
                RUNTIME + "  tieredstore: {levels: [{mediumtype: MEM, path: /a, quota: 1Gi, quotaList: 1Gi}]}\n",
                "x.yaml:5: spec.tieredstore.levels[0].quotaList: '1Gi' stands beside quota '1Gi'; accepted: one of the two");
        refuses(
                RUNTIME + "  tieredstore: {levels: [{mediumtype: SSD, path: \"/a,/b\", quotaList: \"1Gi,2Gi,3Gi\"}]}\n",
                "x.yaml:5: spec.tieredstore.levels[0].quotaList: '1Gi,2Gi,3Gi' has 3 quotas for 2 paths; accepted: one for each"
                        + " path");
        refuses(
                RUNTIME + "  tieredstore: {levels: [{mediumtype: MEM, high: \"0.5\", low: \"0.7\"}]}\n",
                "x.yaml:5: spec.tieredstore.levels[0].low: low 0.7 is not below high 0.5; accepted: 0 <= low < high <= 1");
    }

    @Test
    void tellsEverythingThatIsWrongAtOnceInTheOrderOfTheFile() {
        List<String> problems =
                problems(DATASET + "  mounts: []\n  placement: No\n---\n" + RUNTIME + "  replicas: x\n");
        assertThat(problems).hasSize(3);
        assertThat(problems.get(0)).startsWith("x.yaml:5: spec.mounts:");
        assertThat(problems.get(1)).startsWith("x.yaml:6: spec.placement:");
        assertThat(problems.get(2)).startsWith("x.yaml:12: spec.replicas:");
    }

    @Test
    void refusesAnAliasBomb() {
        StringBuilder bomb =
                new StringBuilder("apiVersion: data.fluid.io/v1alpha1\nkind: Dataset\nmetadata:\n  name: a\n");
        bomb.append("  labels: &a0 {x: y}\n");
        for (int i = 1; i < 60; i++) {
            bomb.append("  f")
                    .append(i)
                    .append(": &a")
                    .append(i)
                    .append(" [*a")
                    .append(i - 1)
                    .append(", *a")
                    .append(i - 1)
                    .append("]\n");
        }
        assertThat(problems(bomb.toString())).isNotEmpty();
    }

    @Test
    void refusesFilesThatAreNoManifests(@TempDir Path dir) throws IOException {
        Path binary = Files.write(dir.resolve("binary.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertThatThrownBy(() -> Manifests.load(binary))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("binary.yaml:1: the file is not UTF-8 text");
        Path huge = Files.writeString(
                dir.resolve("huge.yaml"), "#".repeat(Manifests.FILE_BYTES_MAX + 1), StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Manifests.load(huge))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("at most " + Manifests.FILE_BYTES_MAX);
        assertThatThrownBy(() -> Manifests.load(dir.resolve("absent.yaml"))).isInstanceOf(NoSuchFileException.class);
    }
}
