package io.efc.cli.internal;

import io.efc.api.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code efc up}: runs a Dataset and its EFCRuntime on this machine, each process a real one. */
@Command(
        name = "up",
        description =
                "Start an NFS server (if the dataset's is not there), a master, workers and two mounts on this machine.",
        footer = {
            "",
            "Without a file it runs examples/quickstart.yaml: an NFS server of its own on port 12049 and three workers.",
            "State, logs and mounts are in $EFC_HOME, else $XDG_RUNTIME_DIR/efc, else /tmp/efc-<uid>."
        })
final class UpCommand implements Callable<Integer> {
    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "YAML file with a Dataset and an EFCRuntime.")
    private @Nullable Path file;

    @Override
    public Integer call() {
        RunDirectory run = RunDirectory.standard();
        Blueprint blueprint = file == null
                ? Blueprint.of(Manifests.parse("quickstart", Blueprint.QUICKSTART), true)
                : Blueprint.load(file);
        run.create();
        try (var _ = RunLock.take(run)) {
            List<ProcessRecord> running =
                    run.processes().stream().filter(ProcessRecord::isAlive).toList();
            if (running.stream().anyMatch(r -> r.component().equals("master"))) {
                return sayWhatRuns(run);
            }
            start(run, blueprint);
        }
        System.out.print(ProcessTable.of(run.processes()));
        System.out.println(next(run));
        return 0;
    }

    private int sayWhatRuns(RunDirectory run) {
        String manifest = manifest();
        String runs = read(run.manifest());
        System.out.print(ProcessTable.of(run.processes()));
        List<ProcessRecord> dead =
                run.processes().stream().filter(r -> !r.isAlive()).toList();
        if (!runs.equals(manifest)) {
            throw new Failure(
                    "another dataset is running already (above; its file is " + run.manifest() + "); efc down ends it");
        }
        if (!dead.isEmpty()) {
            throw new Failure(dead.getFirst().name() + " has died; its log is "
                    + run.log(dead.getFirst().name()) + "; efc down, then efc up starts all again");
        }
        System.out.println("\nalready running; efc down ends it");
        return 0;
    }

    private String manifest() {
        return file == null ? Blueprint.QUICKSTART : read(file);
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new Failure("the file " + path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Starts all, or leaves nothing behind: after a failure, and when a signal ends this process meanwhile. */
    private void start(RunDirectory run, Blueprint blueprint) {
        new Teardown(run).all();
        Spawner spawner = new Spawner(run);
        StepDisplay display = new StepDisplay();
        Thread interrupted = new Thread(
                () -> {
                    spawner.close();
                    display.done();
                    System.err.println("efc: interrupted: ending what was started");
                    new Teardown(run).all().forEach(r -> System.err.println("efc: " + r));
                },
                "interrupted");
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            Files.writeString(run.manifest(), manifest());
            new Startup(run, blueprint, spawner, display).run();
            Runtime.getRuntime().removeShutdownHook(interrupted);
        } catch (IOException e) {
            throw new Failure("the run directory " + run.root() + " cannot be written: " + e.getMessage(), e);
        } catch (IllegalStateException e) {
            // The JVM is already ending: the hook tears down, and this thread has nothing more to do.
            awaitEnd();
        } catch (RuntimeException e) {
            if (spawner.isClosed()) {
                awaitEnd();
            }
            display.done();
            Runtime.getRuntime().removeShutdownHook(interrupted);
            new Teardown(run).all().forEach(r -> System.err.println("efc: " + r));
            throw e;
        }
    }

    @SuppressWarnings("InfiniteRecursion")
    private static void awaitEnd() {
        while (true) {
            try {
                Thread.sleep(1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static String next(RunDirectory run) {
        String mount = run.processes().stream()
                .filter(r -> r.component().equals("client"))
                .map(ProcessRecord::address)
                .findFirst()
                .orElse("");
        return """

                What to do next:
                  ls -l %s
                  efc demo read-twice --size 1GiB   # the second mount reads from the workers' memory
                  efc get dataset -o wide
                  efc down
                logs: %s
                """.formatted(mount, run.logs()).stripTrailing();
    }
}
