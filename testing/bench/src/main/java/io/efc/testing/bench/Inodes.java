package io.efc.testing.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** What a client needs when it knows a million inodes. Measured once: it takes a minute. */
final class Inodes implements Scenario {
    private static final int DIRECTORIES = 100;
    private static final int FILES = 10_000;
    private static final double MIB = 1 << 20;
    private static final String HEAP = "client heap, 1000000 inodes known";
    private static final String RSS = "client RSS, 1000000 inodes known";
    private static final String PER_INODE = "client RSS an inode, over an idle client";

    @Override
    public List<String> names() {
        return List.of(HEAP, RSS, PER_INODE);
    }

    @Override
    public void run(Bench bench, Consumer<Row> rows) {
        Path tree = bench.makeDirectory(bench.export(), "million");
        for (int i = 0; i < DIRECTORIES; i++) {
            bench.probe().local("fill", bench.makeDirectory(tree, "d" + i), FILES, 0);
        }
        double heap;
        double resident;
        double idle;
        try (Cluster cluster = bench.cluster(1, "1Gi")) {
            Cluster.Member client = cluster.client(1);
            idle = Machine.residentBytes(client.pid());
            long seen = bench.probe()
                    .local("walk", cluster.mount(1).resolve("million"))
                    .operations();
            if (seen != (long) DIRECTORIES * FILES + DIRECTORIES) {
                throw new BenchException("the mount shows " + seen + " entries");
            }
            Commands.run(
                    Duration.ofMinutes(1),
                    List.of(System.getProperty("java.home") + "/bin/jcmd", Long.toString(client.pid()), "GC.run"));
            heap = client.metric("jvm_memory_heap_used_bytes", "");
            resident = Machine.residentBytes(client.pid());
        }
        Bench.removeTree(tree);
        rows.accept(new Row(HEAP, heap / MIB, "MiB", "the most it may be", 256));
        rows.accept(new Row(RSS, resident / MIB, "MiB", "an idle client", idle / MIB));
        rows.accept(new Row(PER_INODE, (resident - idle) / (DIRECTORIES * FILES), "bytes", "", 0));
    }
}
