package io.efc.cli.internal;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code efc version}: the versions of EFC, the JDK and the kernel. */
@Command(name = "version", description = "Show the versions of EFC, the JDK and the kernel.")
final class VersionCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        System.out.printf(
                "efc %s, JDK %s, Linux %s %s%n",
                version(), Runtime.version(), System.getProperty("os.version"), System.getProperty("os.arch"));
        return 0;
    }

    /** The version written into the jar's manifest; {@code dev} when run from class files. */
    static String version() {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }
}
