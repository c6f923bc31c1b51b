package io.efc.cli.internal;

import java.util.Locale;

/** The outcome of the coherence experiment for people. */
final class CoherenceText {
    private CoherenceText() {}

    static String of(Coherence.Outcome o) {
        Table table = new Table("CHANGE", "PAIRS", "STALE", "LOOK P50", "P99", "MAX", "CHANGE P50", "P99", "MAX");
        for (Coherence.Kind kind : o.kinds()) {
            Latencies.Micros look = kind.look();
            Latencies.Micros write = kind.write();
            table.row(
                    kind.change().word(),
                    kind.pairs(),
                    kind.stale(),
                    micros(look.p50()),
                    micros(look.p99()),
                    micros(look.max()),
                    micros(write.p50()),
                    micros(write.p99()),
                    micros(write.max()));
        }
        StringBuilder text = new StringBuilder(table.toString());
        text.append(String.format(
                Locale.ROOT,
                "%nstale %d of %d pairs, %.0f pairs/s; each pair: a change on mount 1, then read, stat, lookup, readdir and mmap on mount"
                        + " 2 (times of the first look and of the change)%n",
                o.stale(),
                o.pairs(),
                o.pairs() / o.seconds()));
        text.append(String.format(
                Locale.ROOT,
                o.fromMetrics()
                        ? "%d leases given up: p50 %s, p99 %s, max %s (upper bounds, from the clients' metrics)"
                        : "%d leases given up; the reader's looks: p50 %s, p99 %s, max %s",
                o.revokes(),
                micros(o.revoke().p50()),
                micros(o.revoke().p99()),
                micros(o.revoke().max())));
        if (o.kills() >= 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "%nmaster killed and started again %d times; the longest stall of one system call took %s, the longest pair at a"
                            + " change of the master %s",
                    o.kills(),
                    micros(o.stallNanos() / 1e3),
                    micros(o.changeStallNanos() / 1e3)));
        }
        return text.toString();
    }

    /** A duration with three digits. */
    static String micros(double micros) {
        if (micros < 1000) {
            return String.format(Locale.ROOT, "%.0fus", micros);
        }
        return micros < 1e6
                ? String.format(Locale.ROOT, "%.3gms", micros / 1e3)
                : String.format(Locale.ROOT, "%.1fs", micros / 1e6);
    }
}
