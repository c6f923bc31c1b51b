package io.efc.testing.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code ./efc} with a run directory of its own, run as its users run it: as a process. */
final class Efc implements AutoCloseable {
    /** Long enough for a loaded two-core machine; a command that takes it has hung. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** What a command said. */
    record Result(int exitCode, String out, String err) {
        /** The lines that efc itself wrote to standard error. */
        List<String> messages() {
            return err.lines()
                    .filter(l -> l.startsWith("efc: "))
                    .map(l -> l.substring(5))
                    .toList();
        }

        @Override
        public String toString() {
            return "exit code " + exitCode + "\n-- out\n" + out + "-- err\n" + err;
        }
    }

    private final Path launcher = Path.of("../../efc").toAbsolutePath().normalize();
    private final Path home;

    Efc() {
        try {
            home = Files.createTempDirectory(Path.of("/tmp"), "efc-e2e-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path home() {
        return home;
    }

    Path launcher() {
        return launcher;
    }

    /** Writes a manifest into the run directory's sibling. */
    Path manifest(String yaml) {
        Path file = home.resolveSibling(home.getFileName() + ".yaml");
        try {
            return Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code ./efc arguments} to its end. */
    Result run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        return finish(start(command));
    }

    /** Runs a shell command in which {@code $EFC} is the launcher. */
    Result shell(String script) {
        return finish(start(List.of("bash", "-c", script)));
    }

    /** Starts {@code command} with its output in files. */
    Process start(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(output("out").toFile())
                .redirectError(output("err").toFile());
        builder.environment().put("EFC_HOME", home.toString());
        builder.environment().put("EFC_NO_BUILD", "1");
        builder.environment().put("EFC", launcher.toString());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Result finish(Process process) {
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
                throw new AssertionError("a command has hung: " + new Result(-1, text("out"), text("err")));
            }
            return new Result(process.exitValue(), text("out"), text("err"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private Path output(String which) {
        return home.resolveSibling(home.getFileName() + "." + which);
    }

    private String text(String which) {
        try {
            return Files.readString(output(which));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What still runs, is mounted, or lies in /dev/shm because of this run directory; empty after a clean end. */
    List<String> leftovers() {
        List<String> found = new ArrayList<>();
        ProcessHandle.allProcesses()
                .filter(p -> commandLine(p.pid()).contains(home + "/"))
                .forEach(p -> found.add("process " + p.pid() + ": " + commandLine(p.pid())));
        try {
            Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                    .filter(l -> l.contains(home + "/"))
                    .forEach(l -> found.add("mount " + l));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Path memory =
                Path.of("/dev/shm", "efc-" + Integer.toHexString(home.toString().hashCode()));
        if (Files.exists(memory)) {
            found.add("files " + memory);
        }
        return found;
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }

    /** Ends all and removes the run directory; what {@code efc down} left mounted is taken away first, since nobody may answer there. */
    @Override
    public void close() {
        run("down");
        shell("grep -o '" + home + "/[^ ]*' /proc/self/mountinfo | while read -r m; do umount -l \"$m\"; done");
        for (Path p : List.of(output("out"), output("err"), home.resolveSibling(home.getFileName() + ".yaml"))) {
            p.toFile().delete();
        }
        try (Stream<Path> files = Files.walk(home)) {
            files.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
