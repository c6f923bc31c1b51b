package io.efc.store;

import io.efc.store.internal.local.LocalStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A temporary tree for a store, deleted afterwards. */
final class LocalStores {
    final Path directory;

    LocalStores(String parent) throws IOException {
        directory = Files.createTempDirectory(Path.of(parent), "efc-store-");
    }

    UnderStore open() {
        return new LocalStore(directory);
    }

    void delete() {
        delete(directory);
    }

    static void delete(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path p : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + root, e);
        }
    }
}
