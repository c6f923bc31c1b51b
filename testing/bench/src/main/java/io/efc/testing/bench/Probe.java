package io.efc.testing.bench;

import io.efc.base.Check;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The two C programs with the timed loops, compiled from this module's sources: {@code fsops} and, through libnfs, {@code nfsref}. */
final class Probe {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Path fsops;
    private final Path nfsref;
    private final String nfsUrl;

    /**
     * Compiles both.
     *
     * @param directory where the programs are put
     * @param nfsUrl the export, as libnfs writes it
     */
    Probe(Path directory, String nfsUrl) {
        this.fsops = compile(directory, "fsops");
        this.nfsref = compile(directory, "nfsref", "-lnfs");
        this.nfsUrl = nfsUrl;
    }

    /** What a timed loop reports of itself. */
    record Timing(long operations, long bytes, double seconds, double cpuSeconds) {
        double perSecond() {
            return operations / seconds;
        }

        double bytesPerSecond() {
            return bytes / seconds;
        }

        private static Timing parse(String text) {
            String[] fields = text.strip().split(" ", -1);
            Check.state(fields.length == 4, "four fields were expected: " + text);
            return new Timing(
                    Long.parseLong(fields[0]),
                    Long.parseLong(fields[1]),
                    Double.parseDouble(fields[2]),
                    Double.parseDouble(fields[3]));
        }
    }

    /** Runs {@code fsops VERB PATH ARGUMENTS}. */
    Timing local(String verb, Path path, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(fsops.toString(), verb, path.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return Timing.parse(Commands.run(LIMIT, command));
    }

    /** Runs {@code nfsref URL VERB PATH ARGUMENTS}, the path seen from the export. */
    Timing libnfs(String verb, String path, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(nfsref.toString(), nfsUrl, verb, path));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return Timing.parse(Commands.run(LIMIT, command));
    }

    static Path compile(Path directory, String name, String... libraries) {
        try (InputStream in = Probe.class.getResourceAsStream(name + ".c")) {
            Check.state(in != null, name + ".c is not on the class path");
            Path source = directory.resolve(name + ".c");
            Files.write(source, java.util.Objects.requireNonNull(in).readAllBytes());
            Path program = directory.resolve(name);
            List<String> command =
                    new ArrayList<>(List.of("gcc", "-O2", "-Wall", "-o", program.toString(), source.toString()));
            command.addAll(List.of(libraries));
            Commands.run(LIMIT, command);
            return program;
        } catch (IOException e) {
            throw new BenchException("cannot write " + name + ".c: " + e.getMessage(), e);
        } catch (BenchException e) {
            throw new BenchException(
                    e.getMessage()
                            + "\n  the references need Debian's gcc and libnfs-dev: apt-get install gcc libc6-dev libnfs-dev",
                    e);
        }
    }
}
