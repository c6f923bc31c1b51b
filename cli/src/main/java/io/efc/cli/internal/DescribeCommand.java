package io.efc.cli.internal;

import io.efc.api.Dataset;
import io.efc.api.DatasetStatus;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code efc describe}: all there is to say of what runs, for people. */
@Command(
        name = "describe",
        description = "Show everything about the dataset that runs: figures, processes, workers, mounts.")
final class DescribeCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        ClusterReport report = ClusterReport.of(RunDirectory.standard());
        Dataset dataset = report.dataset();
        DatasetStatus status = dataset.getStatus();
        System.out.println("Name:        " + report.blueprint().namespace() + "/"
                + report.blueprint().name());
        System.out.println("Created:     " + dataset.getMetadata().getCreationTimestamp());
        System.out.println("Phase:       " + GetCommand.word(status.getPhase()));
        System.out.println("Store:       " + report.blueprint().store().mountPoint()
                + (report.blueprint().store().readOnly() ? " (read-only)" : "") + " "
                + report.blueprint().store().options());
        System.out.println("Store holds: " + status.getUfsTotal() + " in " + status.getFileNum() + " files");
        System.out.println("Ring epoch:  " + report.cluster().epoch());
        System.out.println("Cache:");
        for (Map.Entry<String, String> e :
                Objects.requireNonNull(status.getCacheStates()).entrySet()) {
            System.out.printf("  %-18s %s%n", e.getKey(), e.getValue());
        }
        System.out.println("Processes:");
        System.out.print(ProcessTable.of(report.records()).toString().indent(2));
        return 0;
    }
}
