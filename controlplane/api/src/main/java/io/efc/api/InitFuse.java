package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** The container that prepares a node for FUSE. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class InitFuse {
    /** Its image. */
    private @Nullable VersionSpec version;

    public @Nullable VersionSpec getVersion() {
        return version;
    }

    public void setVersion(@Nullable VersionSpec version) {
        this.version = version;
    }
}
