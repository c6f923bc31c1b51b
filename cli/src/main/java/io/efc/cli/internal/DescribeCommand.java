package io.efc.cli.internal;

import io.efc.api.Dataset;
import io.efc.api.DatasetStatus;
import io.efc.rpc.LeasesView;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code efc describe}: all there is to say of what runs, for people. */
@Command(
        name = "describe",
        description = "Show everything about the dataset that runs: figures, processes, workers, mounts.",
        subcommands = DescribeCommand.LeaseCommand.class)
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
        System.out.println("Masters:     " + report.masters());
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

    /** {@code efc describe lease}: who holds a path, and who waits for it. */
    @Command(name = "lease", description = "Show the lease of a path on a mount: who holds it, and who waits for it.")
    static final class LeaseCommand implements Callable<Integer> {
        @Parameters(paramLabel = "PATH", description = "A file or directory of a mount with consistency=strong.")
        private Path path = Path.of("");

        @Override
        public Integer call() {
            LeaseReport.Place place = LeaseReport.place(path);
            LeasesView view = LeaseReport.ask(
                    RunDirectory.standard(),
                    new LeasesView.Filter(place.directory(), place.file(), LeasesView.ROWS_MAX));
            System.out.println("Path:        " + path.toAbsolutePath());
            System.out.println("Object:      " + LeaseReport.object(place.directory(), place.file()));
            System.out.println("This mount:  "
                    + (place.token() == 0
                            ? "holds no lease"
                            : "holds it for " + place.mode() + ", token " + place.token())
                    + ", session " + Long.toHexString(place.session()));
            System.out.print(LeaseReport.table(view.rows(), true));
            return 0;
        }
    }
}
