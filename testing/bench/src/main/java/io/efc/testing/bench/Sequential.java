package io.efc.testing.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** The big file read from the server by one mount, then from the workers by the other, beside libnfs. */
final class Sequential implements Scenario {
    /** What reads fastest through libnfs 4.0 on loopback: 256 KiB a read, eight in flight. */
    private static final int LIBNFS_CHUNK = 256 << 10;

    private static final int LIBNFS_IN_FLIGHT = 8;
    private static final double MB = 1e6;
    private static final double GB = 1e9;

    private static final String COLD = "cold sequential read";
    private static final String WARM = "warm sequential read by the other mount";
    private static final String SPEEDUP = "warm sequential read, times the cold one";
    private static final String COLD_CPU = "CPU of client and workers, cold read";
    private static final String WARM_CPU = "CPU of client and workers, warm read";

    @Override
    public List<String> names() {
        return List.of(COLD, WARM, SPEEDUP, COLD_CPU, WARM_CPU);
    }

    @Override
    public void run(Bench bench, Consumer<Row> rows) {
        Sampled libnfs = new Sampled();
        Sampled libnfsCpu = new Sampled();
        Pass cold = new Pass();
        Pass warm = new Pass();
        try (Cluster cluster = bench.cluster(3, "2Gi")) {
            Path file = bench.writeBigFile("big");
            for (int round = 0; round < Bench.ROUNDS; round++) {
                file = bench.renewBigFile(file, "big-" + round);
                String name = String.valueOf(file.getFileName());
                bench.freshCaches();
                Probe.Timing t = bench.probe().libnfs("read", "/" + name, LIBNFS_CHUNK, LIBNFS_IN_FLIGHT);
                libnfs.add(t.bytesPerSecond() / MB);
                libnfsCpu.add(t.cpuSeconds() / (t.bytes() / GB));
                cold.take(bench, cluster, 1, name);
                warm.take(bench, cluster, 2, name);
            }
        }
        String beside = "libnfs, NFSv3, same server";
        rows.accept(new Row(COLD, cold.speed.median(), "MB/s", beside, libnfs.median()));
        rows.accept(new Row(WARM, warm.speed.median(), "MB/s", "cold read of this run", cold.speed.median()));
        rows.accept(new Row(SPEEDUP, warm.speed.median() / cold.speed.median(), "times", "the least it must reach", 3));
        rows.accept(new Row(COLD_CPU, cold.cpu.median(), "s/GB", "libnfs, the client alone", libnfsCpu.median()));
        rows.accept(new Row(WARM_CPU, warm.cpu.median(), "s/GB", "libnfs, the client alone", libnfsCpu.median()));
    }

    /** Repeated reads of one kind. */
    private static final class Pass {
        final Sampled speed = new Sampled();
        final Sampled cpu = new Sampled();

        void take(Bench bench, Cluster cluster, int client, String name) {
            bench.freshCaches();
            double before = cluster.cpuSeconds(client);
            Probe.Timing t = bench.probe().local("read", cluster.mount(client).resolve(name), Bench.READ_CHUNK);
            if (t.bytes() != bench.size().bytes()) {
                throw new BenchException("mount " + client + " gave " + t.bytes() + " bytes of "
                        + bench.size().bytes());
            }
            speed.add(t.bytesPerSecond() / MB);
            cpu.add((cluster.cpuSeconds(client) - before) / (t.bytes() / GB));
        }
    }
}
