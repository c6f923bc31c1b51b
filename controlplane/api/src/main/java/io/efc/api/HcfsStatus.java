package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** How a Hadoop-compatible client reaches a dataset. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class HcfsStatus {
    /** Its address. */
    private @Nullable String endpoint;

    /** The version of the file system below. */
    private @Nullable String underlayerFileSystemVersion;

    public @Nullable String getEndpoint() {
        return endpoint;
    }

    public void setEndpoint(@Nullable String endpoint) {
        this.endpoint = endpoint;
    }

    public @Nullable String getUnderlayerFileSystemVersion() {
        return underlayerFileSystemVersion;
    }

    public void setUnderlayerFileSystemVersion(@Nullable String underlayerFileSystemVersion) {
        this.underlayerFileSystemVersion = underlayerFileSystemVersion;
    }
}
