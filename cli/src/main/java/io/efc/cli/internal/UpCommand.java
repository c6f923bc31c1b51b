package io.efc.cli.internal;

import io.efc.api.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
            "While it runs, another call starts again what has died.",
            "Without a file it runs examples/quickstart.yaml: an NFS server of its own on port 12049 and three workers.",
            "State, logs and mounts are in $EFC_HOME, else $XDG_RUNTIME_DIR/efc, else /tmp/efc-<uid>."
        })
final class UpCommand implements Callable<Integer> {
    private static final String MASTER = "master";
    private static final String CLIENT = "client";

    /** For a process that has died: a master recovers its log, a client what was not written. */
    private static final Duration AGAIN_LIMIT = Duration.ofSeconds(60);

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
            if (running.stream().anyMatch(UpCommand::isOfCluster)) {
                return goOn(run);
            }
            start(run, blueprint);
        }
        System.out.print(ProcessTable.of(run.processes()));
        System.out.println(next(run));
        return 0;
    }

    /** What runs stays as it is; what has died beside it is started again as it was. */
    private int goOn(RunDirectory run) {
        if (!read(run.manifest()).equals(manifest())) {
            System.out.print(ProcessTable.of(run.processes()));
            throw new Failure(
                    "another dataset is running already (above; its file is " + run.manifest() + "); efc down ends it");
        }
        List<ProcessRecord> dead =
                dead(run).stream().filter(UpCommand::isOfCluster).toList();
        Spawner spawner = new Spawner(run);
        for (ProcessRecord d : dead) {
            if (d.component().equals(CLIENT)) {
                new Teardown(run).unmount(d.mountPoint());
            }
            spawner.again(d, AGAIN_LIMIT);
        }
        System.out.print(ProcessTable.of(run.processes()));
        if (!dead(run).isEmpty()) {
            String name = dead(run).getFirst().name();
            throw new Failure(
                    name + " has died; its log is " + run.log(name) + "; efc down, then efc up starts all again");
        }
        System.out.println();
        dead.forEach(d -> System.out.println(d.name() + " had died and runs again"));
        System.out.println("already running; efc down ends it");
        return 0;
    }

    /** Whether it can be started again beside the others; an NFS server cannot. */
    private static boolean isOfCluster(ProcessRecord record) {
        return List.of(MASTER, "worker", CLIENT).contains(record.component());
    }

    private static List<ProcessRecord> dead(RunDirectory run) {
        return run.processes().stream().filter(r -> !r.isAlive()).toList();
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
