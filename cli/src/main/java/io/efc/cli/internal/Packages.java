package io.efc.cli.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Programs of the distribution that a command needs: found on PATH, else installed with apt-get, telling the user so. */
final class Packages {
    private static final String SBIN = ":/usr/sbin:/sbin";

    private Packages() {}

    /** The program's path, if it is installed. */
    static Optional<Path> find(String program) {
        for (String dir : (System.getenv().getOrDefault("PATH", "") + SBIN).split(":", -1)) {
            Path candidate = Path.of(dir.isEmpty() ? "." : dir, program);
            if (Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** Makes sure that {@code program} is there, from {@code packages} if it is not. {@code use} says what it is for. */
    static void require(String program, String use, String... packages) {
        if (find(program).isPresent()) {
            return;
        }
        String names = String.join(" ", packages);
        if (find("apt-get").isEmpty() || RunDirectory.uid() != 0) {
            throw new Failure(use + " needs '" + program
                    + "', which is not installed; install it from your distribution's packages ("
                    + "Debian: apt-get install " + names + ")");
        }
        System.err.println("efc: installing " + names + " (" + use + ")");
        apt("update", "-qq");
        List<String> install = new ArrayList<>(List.of("install", "-y", "-qq", "--no-install-recommends"));
        install.addAll(List.of(packages));
        int status = apt(install.toArray(String[]::new));
        if (status != 0 || find(program).isEmpty()) {
            throw new Failure("apt-get install " + names + " failed with status " + status + "; " + use + " needs '"
                    + program + "'");
        }
    }

    private static int apt(String... arguments) {
        List<String> command = new ArrayList<>(List.of("apt-get"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
        // The package's own service would take the port and outlive us: this policy keeps it from starting.
        builder.environment().put("RUNLEVEL", "1");
        try {
            return builder.start().waitFor();
        } catch (IOException e) {
            throw new Failure("apt-get cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while packages were installed", e);
        }
    }
}
