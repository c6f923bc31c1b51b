package io.efc.cli.internal;

import io.efc.base.ByteSize;
import java.util.Locale;

/** The outcome of the read-twice experiment for people. */
final class ReadTwiceText {
    /** What the article on EFC in Fluid measured: the first read, the second, MiB/s. */
    private static final double ARTICLE_FIRST = 648;

    private static final double ARTICLE_SECOND = 1034;

    private ReadTwiceText() {}

    static String of(ReadTwice.Outcome o) {
        Table table =
                new Table("READ", "SECONDS", "MiB/s", "STORE", "REMOTE WORKER", "LOCAL WORKER", "NODE CACHE", "KERNEL");
        row(table, "mount 1", o.first());
        row(table, "mount 2", o.second());
        String sums = o.isIntact()
                ? "sha256 " + o.sha256().get("source") + ": equal in the source and in both mounts"
                : "sha256 DIFFERS: " + o.sha256();
        return table + "\n" + sums + "\n"
                + String.format(
                        Locale.ROOT,
                        "%s read twice: %.0f -> %.0f MiB/s (%+.1f %%); published for EFC: %.0f -> %.0f MiB/s (%+.1f %%)",
                        new ByteSize(o.sizeBytes()).toHuman(),
                        o.first().mibPerSecond(),
                        o.second().mibPerSecond(),
                        100 * (o.speedup() - 1),
                        ARTICLE_FIRST,
                        ARTICLE_SECOND,
                        100 * (ARTICLE_SECOND / ARTICLE_FIRST - 1));
    }

    private static void row(Table table, String name, ReadTwice.Pass p) {
        table.row(
                name,
                String.format(Locale.ROOT, "%.3f", p.seconds()),
                String.format(Locale.ROOT, "%.0f", p.mibPerSecond()),
                human(p.bytesFrom().store()),
                human(p.bytesFrom().remoteWorker()),
                human(p.bytesFrom().localWorker()),
                human(p.bytesFrom().nodeCache()),
                human(p.kernelBytes()));
    }

    private static String human(long bytes) {
        return new ByteSize(bytes).toHuman();
    }
}
