package io.efc.cli.internal;

import java.util.List;

/** The table of `efc up`. */
final class ProcessTable {
    private ProcessTable() {}

    static Table of(List<ProcessRecord> records) {
        Table table = new Table("COMPONENT", "NODE", "PID", "ADDRESS", "METRICS", "STATE");
        for (ProcessRecord r : records) {
            table.row(
                    r.name(),
                    r.node(),
                    r.pid(),
                    r.address().isEmpty() ? "-" : r.address(),
                    r.metricsPort() == 0 ? "-" : r.metricsPort(),
                    r.isAlive() ? r.metricsPort() == 0 ? "Starting" : "Ready" : "Dead");
        }
        return table;
    }
}
