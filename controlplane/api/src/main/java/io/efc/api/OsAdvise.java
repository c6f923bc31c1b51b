package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import org.jspecify.annotations.Nullable;

/** Tuning of the node's operating system. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class OsAdvise {
    /** The operating system it is for. */
    private @Nullable String osVersion;

    /** Do it. */
    @Default("false")
    private @Nullable Boolean enabled;

    public @Nullable String getOsVersion() {
        return osVersion;
    }

    public void setOsVersion(@Nullable String osVersion) {
        this.osVersion = osVersion;
    }

    public @Nullable Boolean getEnabled() {
        return enabled;
    }

    public void setEnabled(@Nullable Boolean enabled) {
        this.enabled = enabled;
    }
}
