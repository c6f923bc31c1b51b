package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a backup of a dataset's metadata is. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class DataRestoreLocation {
    /** {@code local:///path} or {@code pvc://claim/path}. */
    @Pattern("^(local|pvc)://.+")
    private @Nullable String path;

    /** The node of a {@code local} path. */
    private @Nullable String nodeName;

    public @Nullable String getPath() {
        return path;
    }

    public void setPath(@Nullable String path) {
        this.path = path;
    }

    public @Nullable String getNodeName() {
        return nodeName;
    }

    public void setNodeName(@Nullable String nodeName) {
        this.nodeName = nodeName;
    }
}
