package io.efc.cli.internal;

import io.efc.base.ByteSize;
import java.util.Locale;

/** The outcome of the read-twice experiment for people. */
final class ReadTwiceText {
    /** What was published for EFC in Fluid: MiB/s of the first read and of the second. */
    private static final String PUBLISHED = "648 -> 1034 MiB/s (+59.5 %)";

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
                        "%s read twice: %.0f -> %.0f MiB/s (%+.1f %%); published for EFC: %s",
                        new ByteSize(o.sizeBytes()).toHuman(),
                        o.first().mibPerSecond(),
                        o.second().mibPerSecond(),
                        100 * (o.speedup() - 1),
                        PUBLISHED);
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
