package io.efc.testing.bench;

import io.efc.testing.bench.MetadataRow.Cost;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The same loops on a strong mount, on a mount with {@code consistency=ttl=1s} and on the local file system. What is looked at was looked
 * at before, so that its second pass shows what is known; what is made, renamed and removed is new every round.
 */
final class Metadata {
    static final String STAT = "stat";
    static final String SMALL = "small";

    private static final String TTL = "ttl=1s";
    private static final String UNIT = "ops/s";
    private static final int ROUNDS = 3;
    private static final int BYTES = 4096;

    /** Names are made on the server's disk one by one; a tenth of the files is enough to be timed. */
    private static final int FILES_A_NAME = 10;

    /** The verbs of {@code fsops} and the names of their rows, in the order in which they are run. */
    private static final Map<String, String> VERBS = verbs();

    private final Bench bench;
    private final int files;

    Metadata(Bench bench, int files) {
        this.bench = bench;
        this.files = files;
    }

    /** Samples of one verb on one file system. */
    private static final class Measured {
        private final Sampled perSecond = new Sampled();
        private long operations;
        private double nas;
        private double master;

        private Cost cost() {
            return new Cost(nas / operations, master / operations);
        }
    }

    void run(Consumer<MetadataRow> rows) {
        Path local = bench.makeDirectory(bench.local(), "metadata");
        bench.probe().local("fill", local, files, BYTES);
        bench.probe().local("fill", bench.makeDirectory(bench.export(), "metadata"), files, BYTES);
        Map<String, Measured> plain = measure(local, List.of());
        Map<String, Measured> trusting;
        try (Cluster cluster = bench.cluster(1, "1Gi", TTL)) {
            trusting = measure(cluster.mount(1).resolve("metadata"), asking(cluster));
        }
        try (Cluster cluster = bench.cluster(1, "1Gi", "strong")) {
            Map<String, Measured> strong = measure(cluster.mount(1).resolve("metadata"), asking(cluster));
            VERBS.forEach((verb, name) -> {
                Measured here = of(strong, verb);
                boolean isWrong = verb.equals(STAT) && (here.nas > 0 || here.master > 0);
                rows.accept(row(name, here, "ext4", of(plain, verb), isWrong));
                rows.accept(row(name, here, TTL, of(trusting, verb), isWrong));
            });
            new Contended(bench).run(cluster, rows);
        }
    }

    private Map<String, Measured> measure(Path directory, List<Cluster.Member> asking) {
        Map<String, Measured> measured = new LinkedHashMap<>();
        VERBS.keySet().forEach(verb -> measured.put(verb, new Measured()));
        bench.probe().local(STAT, directory, files);
        bench.probe().local(SMALL, directory, files);
        for (int round = 0; round < ROUNDS; round++) {
            VERBS.keySet().forEach(verb -> once(verb, directory, asking, of(measured, verb)));
        }
        return measured;
    }

    private void once(String verb, Path directory, List<Cluster.Member> asking, Measured measured) {
        double nas = nas(asking);
        double master = master(asking);
        boolean known = verb.equals(STAT) || verb.equals(SMALL);
        Probe.Timing timing = bench.probe().local(verb, directory, known ? files : files / FILES_A_NAME);
        measured.nas += nas(asking) - nas;
        measured.master += master(asking) - master;
        measured.operations += timing.operations();
        measured.perSecond.add(timing.perSecond());
    }

    private static MetadataRow row(String name, Measured here, String beside, Measured reference, boolean isWrong) {
        return new MetadataRow(
                new Row(name, here.perSecond.median(), UNIT, beside, reference.perSecond.median()),
                here.cost(),
                reference.cost(),
                isWrong);
    }

    /** The first client and the workers: who asks the NFS server on behalf of a program on mount 1. */
    private static List<Cluster.Member> asking(Cluster cluster) {
        List<Cluster.Member> members = new java.util.ArrayList<>(cluster.of("worker"));
        members.add(cluster.client(1));
        return members;
    }

    private static double nas(List<Cluster.Member> asking) {
        return asking.stream()
                .mapToDouble(m -> m.metric("efc_nfs_requests_total", ""))
                .sum();
    }

    private static double master(List<Cluster.Member> asking) {
        return asking.stream()
                .mapToDouble(m -> m.metric("efc_client_lease_wait_seconds_count", "")
                        + m.metric("efc_client_lease_events_total", "event=\"yielded")
                        + m.metric("efc_client_lease_events_total", "event=\"released"))
                .sum();
    }

    private static Measured of(Map<String, Measured> measured, String verb) {
        return Objects.requireNonNull(measured.get(verb));
    }

    private static Map<String, String> verbs() {
        Map<String, String> verbs = new LinkedHashMap<>();
        verbs.put(STAT, "stat, again");
        verbs.put(SMALL, "open+read+close, again");
        verbs.put("create", "create");
        verbs.put("rename", "rename");
        verbs.put("unlink", "unlink");
        return verbs;
    }
}
