package io.efc.cli.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory that the example NFS server exports. */
final class ExampleExport {
    private static final String README = """
            This directory is exported by an NFS server that `efc up` started, and seen through EFC in its mounts.
            What you write here is seen there, and the other way round.
            """;

    private ExampleExport() {}

    /** Makes it, with something to look at, unless it is there. */
    static Path create(RunDirectory run) {
        Path export = run.export();
        try {
            Files.createDirectories(export);
            Path readme = export.resolve("README.txt");
            if (!Files.exists(readme)) {
                Files.writeString(readme, README);
            }
            return export;
        } catch (IOException e) {
            throw new Failure("the example directory " + export + " cannot be made: " + e.getMessage(), e);
        }
    }
}
