package io.efc.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether workers of several datasets may share a node. */
public enum Placement {
    /** The same as {@code Exclusive}. */
    @JsonProperty("")
    DEFAULT,

    /** No other dataset's workers on the node. */
    @JsonProperty("Exclusive")
    EXCLUSIVE,

    /** Any datasets' workers on the node. */
    @JsonProperty("Shared")
    SHARED
}
