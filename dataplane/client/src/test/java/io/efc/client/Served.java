package io.efc.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A mount whose server ({@link Serve}) is another process, with directories of its own that go away with it. */
final class Served implements AutoCloseable {
    private static final long END_SECONDS = 30;

    private final Path home;
    private final boolean ownsHome;
    private final String label;
    private final List<String> options;
    private Process process;
    private BufferedReader out;

    private Served(Path home, boolean ownsHome, String label, List<String> options) throws IOException {
        this.home = home;
        this.ownsHome = ownsHome;
        this.label = label;
        this.options = options;
        Files.createDirectories(mountPoint());
        Files.createDirectories(second());
        Files.createDirectories(store());
        process = start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        awaitReady();
    }

    /** Mounts a new directory. {@code options} are those of {@link Serve}. */
    static Served mount(String... options) throws IOException {
        Path home = Files.createTempDirectory(Path.of("/tmp"), "efc-client-");
        return new Served(home, true, "a", List.of(options));
    }

    /** Another mount of the same store, by another process. */
    Served another(String... others) throws IOException {
        return new Served(home, false, "b", List.of(others));
    }

    private Process start() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx192m",
                "-cp",
                System.getProperty("java.class.path"),
                Serve.class.getName(),
                mountPoint().toString(),
                state().toString()));
        if (options.stream().noneMatch(o -> o.startsWith("store="))) {
            command.add("store=" + store());
        }
        command.addAll(options);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private void awaitReady() throws IOException {
        String line = out.readLine();
        if (!"ready".equals(line)) {
            process.destroyForcibly();
            throw new IOException("the server did not mount: " + line);
        }
    }

    /** The directory that is mounted. */
    Path mountPoint() {
        return home.resolve("mnt-" + label);
    }

    /** The second mount of a server that has {@code strong}. */
    Path second() {
        return home.resolve("mnt-" + label + "-2");
    }

    /** Writes a line to the server's input. */
    void tell(String line) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
    }

    /** What is behind it, to be looked at past the mount. */
    Path store() {
        return home.resolve("store");
    }

    Path state() {
        return home.resolve("state-" + label);
    }

    /** A place for files beside the mount. */
    Path beside() {
        return home;
    }

    /** The server's metrics. */
    String metrics() throws IOException {
        tell("metrics");
        String line = out.readLine();
        if (!"written".equals(line)) {
            throw new IOException("no metrics: " + line);
        }
        return Files.readString(Path.of(state() + ".metrics"));
    }

    /** The value of one series of the metrics. */
    double metric(String series) throws IOException {
        for (String line : metrics().split("\n", -1)) {
            if (line.startsWith(series + " ")) {
                return Double.parseDouble(line.substring(series.length() + 1));
            }
        }
        throw new IOException("there is no metric " + series);
    }

    /** Kills the server and mounts again with the same state. */
    void killAndRemount() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        run("umount", "-l", mountPoint().toString());
        process = start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        awaitReady();
    }

    /** Ends the server as a user would, and waits for it. */
    void unmount() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            run("umount", "-l", mountPoint().toString());
            if (options.stream().anyMatch(o -> o.startsWith("strong="))) {
                run("umount", "-l", second().toString());
            }
            throw new IOException("the server does not end");
        }
    }

    /** Runs a program; what it says, if it succeeds. */
    static String run(String... command) throws IOException, InterruptedException {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        p.getOutputStream().close();
        String said;
        try (InputStream in = p.getInputStream()) {
            said = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (p.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed with " + p.exitValue() + ":\n" + said);
        }
        return said;
    }

    @Override
    public void close() throws IOException {
        try {
            if (process.isAlive()) {
                unmount();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (ownsHome) {
                try (Stream<Path> paths = Files.walk(home)) {
                    for (Path p : paths.sorted(Comparator.reverseOrder()).toList()) {
                        Files.deleteIfExists(p);
                    }
                }
            }
        }
    }
}
