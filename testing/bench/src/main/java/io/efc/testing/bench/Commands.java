package io.efc.testing.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Programs that are run to their end. */
final class Commands {
    private Commands() {}

    /** Standard output of a program that must succeed within {@code limit}. */
    static String run(Duration limit, List<String> command) {
        return run(limit, Map.of(), command);
    }

    static String run(Duration limit, Map<String, String> environment, List<String> command) {
        try {
            Path errors = Files.createTempFile("efc-bench-", ".err");
            Path output = Files.createTempFile("efc-bench-", ".out");
            try {
                ProcessBuilder builder = new ProcessBuilder(command)
                        .redirectError(errors.toFile())
                        .redirectOutput(output.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new BenchException(
                            "took more than " + limit.toSeconds() + " s: " + String.join(" ", command));
                }
                if (process.exitValue() != 0) {
                    throw new BenchException(String.join(" ", command) + "\n  ended with " + process.exitValue() + ": "
                            + Files.readString(errors, StandardCharsets.UTF_8).strip());
                }
                return Files.readString(output, StandardCharsets.UTF_8);
            } finally {
                Files.delete(errors);
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new BenchException("cannot run " + command.getFirst() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted during " + command.getFirst(), e);
        }
    }
}
