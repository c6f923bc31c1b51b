package io.efc.testing.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** The big file when it is whole in the tier of the node's own worker, beside the same bytes in a plain tmpfs file. The
 * dataset is read-only: where files may be written, none is passed through (docs/adr/0009). */
final class Passthrough implements Scenario {
    private static final double MB = 1e6;
    private static final String NAME = "warm read, file whole in the node's tier";
    private static final String OPENS = "of these opens served by passthrough";

    @Override
    public List<String> names() {
        return List.of(NAME, OPENS);
    }

    @Override
    public void run(Bench bench, Consumer<Row> rows) {
        Sampled speed = new Sampled();
        Sampled tmpfs = new Sampled();
        double opens;
        Path file = bench.writeBigFile("whole");
        String quota = 2 * bench.size().bytes() + (512L << 20) + "";
        try (Cluster cluster = bench.readOnlyCluster(1, quota)) {
            Path seen = cluster.mount(1).resolve("whole");
            bench.probe().local("read", seen, Bench.READ_CHUNK);
            double before = passthroughOpens(cluster);
            for (int round = 0; round < Bench.ROUNDS; round++) {
                bench.freshCaches();
                speed.add(bench.probe().local("read", seen, Bench.READ_CHUNK).bytesPerSecond() / MB);
                tmpfs.add(bench.probe().local("read", file, Bench.READ_CHUNK).bytesPerSecond() / MB);
            }
            opens = passthroughOpens(cluster) - before;
        }
        delete(file);
        rows.accept(new Row(NAME, speed.median(), "MB/s", "raw tmpfs", tmpfs.median()));
        rows.accept(new Row(OPENS, opens, "opens", "opens", Bench.ROUNDS));
    }

    private static double passthroughOpens(Cluster cluster) {
        return cluster.client(1).metric("efc_client_passthrough_opens_total", "");
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new BenchException("cannot delete " + file, e);
        }
    }
}
