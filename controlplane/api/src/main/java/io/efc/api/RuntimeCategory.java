package io.efc.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a runtime does for its dataset. */
public enum RuntimeCategory {
    /** Caches it. */
    @JsonProperty("Accelerate")
    ACCELERATE
}
