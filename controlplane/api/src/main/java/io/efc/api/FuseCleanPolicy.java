package io.efc.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** When the FUSE pod of a node is removed. */
public enum FuseCleanPolicy {
    /** The same as {@code OnRuntimeDeleted}. */
    @JsonProperty("")
    DEFAULT,

    /** When no pod of the node uses the dataset any more. */
    @JsonProperty("OnDemand")
    ON_DEMAND,

    /** With the runtime. */
    @JsonProperty("OnRuntimeDeleted")
    ON_RUNTIME_DELETED,

    /** When the FUSE pod's template changed and no pod of the node uses the dataset. */
    @JsonProperty("OnFuseChanged")
    ON_FUSE_CHANGED
}
