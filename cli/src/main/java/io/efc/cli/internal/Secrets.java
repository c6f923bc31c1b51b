package io.efc.cli.internal;

import io.efc.rpc.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The file with a runtime's secret. Only its owner may read it. */
final class Secrets {
    private Secrets() {}

    /** Writes a fresh secret. */
    static void generate(Path file) {
        try {
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, Secret.generate());
        } catch (IOException e) {
            throw new Failure("the secret " + file + " cannot be written: " + e.getMessage(), e);
        }
    }

    static Secret read(Path file) {
        try {
            return Secret.read(file);
        } catch (IOException | IllegalArgumentException e) {
            throw new Failure("the secret " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The secret's bytes, as {@link Secret} takes them. */
    static byte[] bytes(Path file) {
        try {
            return Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Failure("the secret " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
