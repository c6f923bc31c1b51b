package io.efc.cli.internal;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * What a process tells the one that started it when it can be used, in a file that appears whole.
 *
 * @param address what it serves: {@code host:port}, or a mount point
 * @param metricsPort its /metrics and /healthz on 127.0.0.1
 */
record Ready(String address, int metricsPort) {
    private static final JsonMapper JSON = new JsonMapper();

    void write(Path file) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            JSON.writeValue(part.toFile(), this);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new Failure("the file " + file + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** What is in the file, or null while it is not there. */
    static @Nullable Ready read(Path file) {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            return JSON.readValue(file.toFile(), Ready.class);
        } catch (IOException e) {
            throw new Failure("the file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
