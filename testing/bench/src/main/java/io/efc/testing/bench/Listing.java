package io.efc.testing.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** stat and ls -l over a directory of 100 000 entries. */
final class Listing implements Scenario {
    private static final int COUNT = 100_000;
    private static final String STAT = "stat of 100000 entries, first time";
    private static final String LIST = "ls -l of 100000 entries, first time";
    private static final String LIST_AGAIN = "ls -l of 100000 entries, again";

    @Override
    public List<String> names() {
        return List.of(STAT, LIST, LIST_AGAIN);
    }

    @Override
    public void run(Bench bench, Consumer<Row> rows) {
        Sampled stat = new Sampled();
        Sampled list = new Sampled();
        Sampled again = new Sampled();
        Sampled libnfsStat = new Sampled();
        Sampled libnfsList = new Sampled();
        Sampled localStat = new Sampled();
        Sampled localList = new Sampled();
        Path disk = bench.makeDirectory(bench.local(), "many");
        bench.probe().local("fill", disk, COUNT, 0);
        Path many = bench.makeDirectory(bench.export(), "many");
        bench.probe().local("fill", many, COUNT, 0);
        try (Cluster cluster = bench.cluster(3, "2Gi")) {
            for (int round = 0; round < Bench.ROUNDS; round++) {
                bench.freshCaches();
                list.add(bench.probe()
                        .local("list", cluster.mount(1).resolve("many"))
                        .perSecond());
                again.add(bench.probe()
                        .local("list", cluster.mount(1).resolve("many"))
                        .perSecond());
                stat.add(bench.probe()
                        .local("stat", cluster.mount(2).resolve("many"), COUNT)
                        .perSecond());
                libnfsList.add(bench.probe().libnfs("list", "/many").perSecond());
                libnfsStat.add(bench.probe().libnfs("stat", "/many", COUNT).perSecond());
                localList.add(bench.probe().local("list", disk).perSecond());
                localStat.add(bench.probe().local("stat", disk, COUNT).perSecond());
            }
        }
        Bench.removeTree(many);
        Bench.removeTree(disk);
        rows.accept(new Row(STAT, stat.median(), "files/s", "libnfs", libnfsStat.median()));
        rows.accept(new Row(STAT, stat.median(), "files/s", "ext4", localStat.median()));
        rows.accept(new Row(LIST, list.median(), "files/s", "libnfs, readdirplus", libnfsList.median()));
        rows.accept(new Row(LIST, list.median(), "files/s", "ext4", localList.median()));
        rows.accept(new Row(LIST_AGAIN, again.median(), "files/s", "ext4", localList.median()));
    }
}
