package io.efc.cli.internal;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A process that {@code efc} started and has to end: what a pid file is for, with enough in it that a recycled pid is never taken
 * for ours.
 *
 * @param name unique in the run directory: {@code worker-1}
 * @param component {@code nfs-server}, {@code master}, {@code worker} or {@code client}
 * @param node the node it stands for, {@code node-1}
 * @param order in which it was started; it is ended in the reverse one
 * @param pid its process id; 0 if the record was written before the process was started and whoever started it did not live to complete it
 * @param startTicks its start in clock ticks since boot (proc_pid_stat(5), field 22), which pid reuse changes
 * @param address what it serves: {@code host:port}, or a client's mount point
 * @param metricsPort its /metrics and /healthz on 127.0.0.1; 0 if it has none
 * @param details what else there is to say, such as a mount's source
 * @param arguments what it was started with, without its ready file; null in the records of earlier versions
 */
record ProcessRecord(
        String name,
        String component,
        String node,
        int order,
        long pid,
        long startTicks,
        String address,
        int metricsPort,
        @Nullable String details,
        @Nullable List<String> arguments) {
    private static final JsonMapper JSON = new JsonMapper();

    /** What the kernel says about a process: its state letter and its start. */
    private record Stat(char state, long startTicks) {}

    static ProcessRecord read(Path file) {
        try {
            return JSON.readValue(file.toFile(), ProcessRecord.class);
        } catch (IOException e) {
            throw new Failure("the process record " + file + " cannot be read: " + e.getMessage() + "; remove it", e);
        }
    }

    /** Writes it under its name, at once or not at all. */
    void write(RunDirectory run) {
        Path file = file(run);
        Path part = file.resolveSibling(name + ".part");
        try {
            JSON.writerWithDefaultPrettyPrinter().writeValue(part.toFile(), this);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new Failure("the process record " + file + " cannot be written: " + e.getMessage(), e);
        }
    }

    void remove(RunDirectory run) {
        try {
            Files.deleteIfExists(file(run));
        } catch (IOException e) {
            throw new Failure("the process record " + file(run) + " cannot be removed: " + e.getMessage(), e);
        }
    }

    private Path file(RunDirectory run) {
        return run.records().resolve(name + ".json");
    }

    /** Where a client mounts, or was about to. */
    Path mountPoint() {
        return Path.of(address.isEmpty() ? String.valueOf(details) : address);
    }

    /** The same with the process that was started for it. */
    ProcessRecord of(long pid) {
        return new ProcessRecord(
                name, component, node, order, pid, startTicks(pid), address, metricsPort, details, arguments);
    }

    /** The same with what the process says of itself. */
    ProcessRecord serving(Ready ready) {
        return new ProcessRecord(
                name,
                component,
                node,
                order,
                pid,
                startTicks,
                ready.address(),
                ready.metricsPort(),
                details,
                arguments);
    }

    /** The same with its process, which is looked for among all if its id is not known. */
    ProcessRecord located(RunDirectory run) {
        if (pid != 0) {
            return this;
        }
        String ready = run.ready(name).toString();
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(p -> arguments(p).contains(ready))
                .findFirst()
                .map(this::of)
                .orElse(this);
    }

    private static List<String> arguments(long pid) {
        try {
            return List.of(
                    Files.readString(Path.of("/proc/" + pid + "/cmdline")).split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Whether this very process still runs. */
    boolean isAlive() {
        Stat stat = stat(pid);
        return stat != null && stat.startTicks == startTicks && stat.state != 'Z';
    }

    /** The start of process {@code pid} in clock ticks since boot, or -1 if there is none. */
    static long startTicks(long pid) {
        Stat stat = stat(pid);
        return stat == null ? -1 : stat.startTicks;
    }

    private static @Nullable Stat stat(long pid) {
        try {
            String text = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] f = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
            return new Stat(f[0].charAt(0), Long.parseLong(f[19]));
        } catch (IOException e) {
            return null;
        }
    }
}
