package io.efc.testing.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Random reads of 4 KiB: cold ones for what they fetch, warm ones for their speed. */
final class RandomReads implements Scenario {
    private static final int SECONDS = 3;
    private static final int COLD_SECONDS = 3;
    private static final int LIBNFS_COUNT = 20_000;
    private static final int JOBS = 8;
    private static final String COLD = "cold random 4 KiB reads, one at a time";
    private static final String FETCHED = "bytes fetched from the server per byte asked, cold random 4 KiB";
    private static final String ONE = "warm random 4 KiB reads, one at a time";
    private static final String EIGHT = "warm random 4 KiB reads, 8 jobs";

    @Override
    public List<String> names() {
        return List.of(COLD, FETCHED, ONE, EIGHT);
    }

    /** Bytes that the first client read from the server itself, and those that workers read there for it. */
    private static double fetchedFromStore(Cluster cluster) {
        return cluster.client(1).metric("efc_ring_read_bytes_total", "unavailable")
                + cluster.of("worker").stream()
                        .mapToDouble(w -> w.metric("efc_worker_fetched_bytes_total", ""))
                        .sum();
    }

    @Override
    public void run(Bench bench, Consumer<Row> rows) {
        Sampled cold = new Sampled();
        Sampled fetched = new Sampled();
        Sampled one = new Sampled();
        Sampled eight = new Sampled();
        Sampled libnfsOne = new Sampled();
        Sampled libnfsEight = new Sampled();
        try (Cluster cluster = bench.cluster(3, "2Gi")) {
            Path file = bench.writeBigFile("random");
            for (int round = 0; round < Bench.ROUNDS; round++) {
                file = bench.renewBigFile(file, "random-" + round);
                String name = String.valueOf(file.getFileName());
                Cluster.Member client = cluster.client(1);
                double asked = client.metric("efc_client_read_asked_bytes_total", "");
                double got = fetchedFromStore(cluster);
                bench.freshCaches();
                cold.add(Fio.randomReads(cluster.mount(1).resolve(name), 1, COLD_SECONDS, round + 1));
                asked = client.metric("efc_client_read_asked_bytes_total", "") - asked;
                fetched.add((fetchedFromStore(cluster) - got) / asked);
                bench.probe().local("read", cluster.mount(1).resolve(name), Bench.READ_CHUNK);
                bench.freshCaches();
                one.add(Fio.randomReads(cluster.mount(2).resolve(name), 1, SECONDS, round + 1));
                eight.add(Fio.randomReads(cluster.mount(2).resolve(name), JOBS, SECONDS, round + 1));
                libnfsOne.add(bench.probe()
                        .libnfs("random", "/" + name, LIBNFS_COUNT, 1, round)
                        .perSecond());
                libnfsEight.add(bench.probe()
                        .libnfs("random", "/" + name, LIBNFS_COUNT, JOBS, round)
                        .perSecond());
            }
            Bench.removeTree(file);
        }
        rows.accept(new Row(COLD, cold.median(), "IOPS", "libnfs, one in flight", libnfsOne.median()));
        rows.accept(new Row(FETCHED, fetched.median(), "bytes", "what was asked for", 1));
        rows.accept(new Row(ONE, one.median(), "IOPS", "libnfs, one in flight", libnfsOne.median()));
        rows.accept(new Row(EIGHT, eight.median(), "IOPS", "libnfs, eight in flight", libnfsEight.median()));
    }
}
