package io.efc.cli.internal;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Starts EFC's processes, each in a session of its own so that a terminal's Ctrl-C and hang-up do not reach it, with its output in its
 * log file and a record from its first moment on, so that whatever happens next it can be found and ended.
 */
final class Spawner {
    /** Between two looks at a process that is starting. */
    private static final long POLL_MILLIS = 10;

    private static final int LOG_LINES = 5;

    private final RunDirectory run;
    private boolean closed;
    private int order;

    Spawner(RunDirectory run) {
        this.run = run;
        order = run.processes().stream().mapToInt(ProcessRecord::order).max().orElse(0);
    }

    /** Nothing is started any more. */
    synchronized void close() {
        closed = true;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Starts {@code efc <component> <arguments>} unless {@link #close} was called; that waits for a start under way. */
    synchronized ProcessRecord spawn(
            String name, String component, String node, @Nullable String details, List<String> arguments) {
        if (closed) {
            throw new Failure("interrupted");
        }
        ProcessRecord intent =
                new ProcessRecord(name, component, node, ++order, 0, 0, "", 0, details, List.copyOf(arguments));
        return start(intent, ProcessBuilder.Redirect.to(run.log(name).toFile()));
    }

    /** Starts a process that has ended as it was started before, at the address where it is known, and waits until it can be used. */
    ProcessRecord again(ProcessRecord ended, Duration limit) {
        if (ended.arguments() == null) {
            throw new Failure(ended.name() + " was started by another version; efc down, then efc up starts all again");
        }
        ProcessRecord intent = new ProcessRecord(
                ended.name(),
                ended.component(),
                ended.node(),
                ended.order(),
                0,
                0,
                ended.address(),
                0,
                ended.details(),
                at(ended.arguments(), ended.address()));
        return awaitReady(
                start(
                        intent,
                        ProcessBuilder.Redirect.appendTo(run.log(ended.name()).toFile())),
                limit);
    }

    /** The arguments with the address to listen at, if it is one. */
    static List<String> at(List<String> arguments, String address) {
        if (!address.contains(":")) {
            return arguments;
        }
        List<String> fixed = new ArrayList<>(arguments);
        int old = fixed.indexOf("--listen");
        if (old >= 0) {
            fixed.subList(old, old + 2).clear();
        }
        fixed.addAll(List.of("--listen", address));
        return fixed;
    }

    private synchronized ProcessRecord start(ProcessRecord intent, ProcessBuilder.Redirect log) {
        List<String> command = command(intent.component());
        command.addAll(Objects.requireNonNull(intent.arguments()));
        Path ready = run.ready(intent.name());
        command.addAll(List.of("--ready-file", ready.toString()));
        try {
            Files.deleteIfExists(ready);
            // Known before it exists: this process may be killed between the start and the record that knows its pid.
            intent.write(run);
            Process process = new ProcessBuilder(command)
                    .directory(run.root().toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectOutput(log)
                    .redirectErrorStream(true)
                    .start();
            ProcessRecord record = intent.of(process.pid());
            record.write(run);
            return record;
        } catch (IOException e) {
            throw new Failure(intent.name() + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** The command line of a process, up to its own arguments. */
    private static List<String> command(String component) {
        String dist = System.getProperty("efc.dist");
        if (dist == null) {
            throw new Failure("efc was not started by its launcher; start it as ./efc");
        }
        List<String> command = new ArrayList<>(List.of(
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of(dist, "jvm", "common"),
                "@" + Path.of(dist, "jvm", component)));
        String aot = System.getProperty("efc.aot");
        if (aot != null) {
            command.add("-XX:AOTCache=" + aot);
        }
        command.addAll(List.of(
                "-Defc.dist=" + dist, "-cp", System.getProperty("java.class.path"), "io.efc.cli.Main", component));
        return command;
    }

    /** Waits until a spawned process says that it can be used, and records what it says. */
    ProcessRecord awaitReady(ProcessRecord record, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            Ready ready = Ready.read(run.ready(record.name()));
            if (ready != null) {
                ProcessRecord complete = record.serving(ready);
                complete.write(run);
                return complete;
            }
            if (!record.isAlive()) {
                throw new Failure(reason(record));
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new Failure(record.name() + " is not ready after " + limit.toSeconds() + " s; its log is "
                        + run.log(record.name()) + end(record));
            }
            pause();
        }
    }

    /** Why a process ended before it was ready: its own message if it has one. */
    private String reason(ProcessRecord record) {
        try {
            List<String> own = Files.readAllLines(run.log(record.name())).stream()
                    .filter(l -> l.startsWith("efc: "))
                    .map(l -> l.substring(5))
                    .toList();
            if (!own.isEmpty()) {
                return record.name() + ": " + own.getFirst();
            }
        } catch (IOException e) {
            // The log's end, below, says that there is none.
        }
        return record.name() + " ended before it was ready; its log is " + run.log(record.name()) + end(record);
    }

    private String end(ProcessRecord record) {
        try {
            List<String> lines = Files.readAllLines(run.log(record.name()));
            return ":\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
        } catch (IOException e) {
            return " and cannot be read";
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", e);
        }
    }
}
