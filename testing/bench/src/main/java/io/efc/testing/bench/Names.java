package io.efc.testing.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Creating, renaming and removing files, one after the other. */
final class Names implements Scenario {
    private static final int COUNT = 5000;
    private static final List<String> VERBS = List.of("create", "rename", "unlink");

    @Override
    public List<String> names() {
        return VERBS;
    }

    @Override
    public void run(Bench bench, Consumer<Row> rows) {
        Map<String, Sampled> mount = samples();
        Map<String, Sampled> libnfs = samples();
        Map<String, Sampled> local = samples();
        try (Cluster cluster = bench.cluster(3, "1Gi")) {
            for (int round = 0; round < Bench.ROUNDS; round++) {
                String name = "names-" + round;
                bench.makeDirectory(bench.export(), name);
                bench.makeDirectory(bench.local(), name);
                for (String verb : VERBS) {
                    add(mount, verb, bench.probe().local(verb, cluster.mount(1).resolve(name), COUNT));
                }
                for (String verb : VERBS) {
                    add(libnfs, verb, bench.probe().libnfs(verb, "/" + name, COUNT));
                }
                for (String verb : VERBS) {
                    add(local, verb, bench.probe().local(verb, bench.local().resolve(name), COUNT));
                }
            }
        }
        for (String verb : VERBS) {
            rows.accept(new Row(verb, median(mount, verb), "files/s", "libnfs", median(libnfs, verb)));
            rows.accept(new Row(verb, median(mount, verb), "files/s", "ext4", median(local, verb)));
        }
    }

    private static Map<String, Sampled> samples() {
        Map<String, Sampled> samples = new HashMap<>();
        VERBS.forEach(verb -> samples.put(verb, new Sampled()));
        return samples;
    }

    private static void add(Map<String, Sampled> samples, String verb, Probe.Timing timing) {
        samples.getOrDefault(verb, new Sampled()).add(timing.perSecond());
    }

    private static double median(Map<String, Sampled> samples, String verb) {
        return samples.getOrDefault(verb, new Sampled()).median();
    }
}
