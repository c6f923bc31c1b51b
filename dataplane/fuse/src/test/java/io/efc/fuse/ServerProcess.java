package io.efc.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link ServeMain} in a process of its own, and shell commands that use its mount. Nothing in here touches the mount itself. */
final class ServerProcess implements AutoCloseable {
    /** What a shell command did. */
    record Result(int exit, String output) {}

    private final Process process;
    private final BufferedReader answers;
    private final String greeting;

    ServerProcess(String... args) {
        this(List.of(), args);
    }

    /** @param prefix a command that runs the server, such as setpriv and its options */
    ServerProcess(List<String> prefix, String... args) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-XX:MaxDirectMemorySize=1g",
                "-cp",
                System.getProperty("java.class.path"),
                ServeMain.class.getName()));
        command.addAll(Arrays.asList(args));
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            answers = process.inputReader(StandardCharsets.UTF_8);
            greeting = String.valueOf(answers.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** READY, or FAILED and why. */
    String greeting() {
        return greeting;
    }

    long pid() {
        return process.pid();
    }

    /** Sends a command and returns its answer. */
    String ask(String command) {
        try {
            process.outputWriter(StandardCharsets.UTF_8)
                    .append(command)
                    .append('\n')
                    .flush();
            return String.valueOf(answers.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void ok(String command) {
        assertThat(ask(command)).as(command).isEqualTo("ok");
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** Runs a shell command in {@code dir}, 60 s at most. */
    static Result shell(Path dir, String command) {
        try {
            Process p = start(dir, command);
            String output = read(p);
            assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Result(p.exitValue(), output);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static Process start(Path dir, String command) {
        try {
            // The shell changes directory: the JVM would look at the mount itself.
            return new ProcessBuilder("timeout", "-k", "5", "60", "bash", "-c", "cd " + dir + " && " + command)
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Process p) {
        try (BufferedReader r = new BufferedReader(new InputStreamReader(p.getInputStream(), StandardCharsets.UTF_8))) {
            return String.join("\n", r.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A fresh folder for mounts of one test class. */
    static Path freshFolder(String name) {
        try {
            return Files.createTempDirectory(Path.of("/tmp"), "efc-fuse-" + name + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Unmounts whatever is left below {@code folder} and removes it. */
    static void cleanUp(Path folder) throws IOException, InterruptedException {
        for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            String mountPoint = line.split(" ", -1)[1];
            if (mountPoint.startsWith(folder + "/")) {
                new ProcessBuilder("umount", "-l", mountPoint).start().waitFor();
            }
        }
        new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString())
                .start()
                .waitFor();
    }
}
