package io.efc.testing.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** 20 000 files of 4 KiB, opened, read and closed one after the other: the first time, and again. */
final class SmallFiles implements Scenario {
    private static final int COUNT = 20_000;
    private static final int BYTES = 4096;
    private static final String FIRST = "open+read+close of 20000 files of 4 KiB, first time";
    private static final String SECOND = "open+read+close of 20000 files of 4 KiB, again";
    private static final String OTHER = "open+read+close of 20000 files of 4 KiB, other mount";

    @Override
    public List<String> names() {
        return List.of(FIRST, SECOND, OTHER);
    }

    @Override
    public void run(Bench bench, Consumer<Row> rows) {
        Sampled first = new Sampled();
        Sampled second = new Sampled();
        Sampled other = new Sampled();
        Sampled libnfs = new Sampled();
        Sampled local = new Sampled();
        Path disk = bench.makeDirectory(bench.local(), "small");
        bench.probe().local("fill", disk, COUNT, BYTES);
        try (Cluster cluster = bench.cluster(3, "2Gi")) {
            for (int round = 0; round < Bench.ROUNDS; round++) {
                String name = "small-" + round;
                bench.probe().local("fill", bench.makeDirectory(bench.export(), name), COUNT, BYTES);
                bench.freshCaches();
                first.add(bench.probe()
                        .local("small", cluster.mount(1).resolve(name), COUNT)
                        .perSecond());
                second.add(bench.probe()
                        .local("small", cluster.mount(1).resolve(name), COUNT)
                        .perSecond());
                other.add(bench.probe()
                        .local("small", cluster.mount(2).resolve(name), COUNT)
                        .perSecond());
                libnfs.add(bench.probe().libnfs("small", "/" + name, COUNT).perSecond());
                local.add(bench.probe().local("small", disk, COUNT).perSecond());
                Bench.removeTree(bench.export().resolve(name));
            }
        }
        rows.accept(new Row(FIRST, first.median(), "files/s", "libnfs", libnfs.median()));
        rows.accept(new Row(SECOND, second.median(), "files/s", "libnfs", libnfs.median()));
        rows.accept(new Row(OTHER, other.median(), "files/s", "libnfs", libnfs.median()));
        rows.accept(new Row(SECOND, second.median(), "files/s", "ext4, cached", local.median()));
    }
}
