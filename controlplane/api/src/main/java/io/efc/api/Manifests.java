package io.efc.api;

import io.efc.api.internal.ManifestReader;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The resources of one YAML (or JSON) file of one or more documents, read strictly: what a Kubernetes API server would refuse or
 * silently drop is refused here, each with file, line, field, value and what is accepted.
 *
 * @param all in the order of the file
 */
public record Manifests(List<Manifest<?>> all) {
    /** Bytes of the largest file that is read. */
    public static final int FILE_BYTES_MAX = 3 << 20;

    public Manifests {
        all = List.copyOf(all);
    }

    /**
     * Reads a file.
     *
     * @throws ManifestException naming all that is wrong in it
     * @throws IOException if it cannot be read
     */
    public static Manifests load(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new ManifestException(List.of(new Problem(
                    file.toString(),
                    1,
                    "",
                    "the file has " + Files.size(file) + " bytes; at most " + FILE_BYTES_MAX + " are read")));
        }
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new ManifestException(List.of(
                    new Problem(file.toString(), 1, "", "the file is not UTF-8 text; YAML or JSON is accepted")));
        }
    }

    /** Reads {@code text}; {@code name} stands for the file in messages. */
    public static Manifests parse(String name, String text) {
        return new Manifests(ManifestReader.read(name, text));
    }

    /** All resources of {@code type}. */
    public <T extends HasMetadata> List<Manifest<T>> of(Class<T> type) {
        return all.stream().map(m -> m.as(type)).filter(Objects::nonNull).toList();
    }
}
