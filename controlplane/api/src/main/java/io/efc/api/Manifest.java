package io.efc.api;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One resource as a user wrote it, and where.
 *
 * @param resource a {@link Dataset} or an {@link EFCRuntime}
 * @param file the file's name as it was given
 * @param lines the line of each field that is written, by path; the document's own under the empty path
 */
public record Manifest<R extends HasMetadata>(R resource, String file, Map<String, Integer> lines) {
    public Manifest {
        lines = Map.copyOf(lines);
    }

    /** A refusal of what stands at {@code path}; a field that is not written is placed at the nearest one around it. */
    public ManifestException refuse(String path, String message) {
        return new ManifestException(List.of(new Problem(file, line(path), path, message)));
    }

    /** The line of {@code path} or of the nearest written field around it. */
    public int line(String path) {
        String p = path;
        while (true) {
            @Nullable Integer line = lines.get(p);
            if (line != null) {
                return line;
            }
            int end = Math.max(p.lastIndexOf('.'), p.lastIndexOf('['));
            p = end < 0 ? "" : p.substring(0, end);
        }
    }

    /** This manifest if its resource is a {@code type}. */
    <T extends HasMetadata> @Nullable Manifest<T> as(Class<T> type) {
        return type.isInstance(resource) ? new Manifest<>(type.cast(resource), file, lines) : null;
    }
}
