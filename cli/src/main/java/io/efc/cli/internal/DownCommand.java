package io.efc.cli.internal;

import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code efc down}: ends everything that was started from the run directory. */
@Command(
        name = "down",
        description = "Unmount and end everything that efc up and efc mount started; harmless if nothing runs.")
final class DownCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        RunDirectory run = RunDirectory.standard();
        if (!Files.isDirectory(run.root())) {
            System.out.println("nothing is running");
            return 0;
        }
        try (var _ = RunLock.take(run)) {
            List<ProcessRecord> records = run.processes();
            List<String> remarks = new Teardown(run).all();
            remarks.forEach(r -> System.err.println("efc: " + r));
            System.out.println(records.isEmpty() ? "nothing is running" : "ended " + records.size() + " processes");
            if (!records.isEmpty() && Files.isDirectory(run.export())) {
                System.out.println("the example export's files stay in " + run.export());
            }
            return run.processes().stream().anyMatch(ProcessRecord::isAlive) ? 1 : 0;
        }
    }
}
