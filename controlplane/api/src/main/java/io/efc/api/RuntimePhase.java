package io.efc.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a component of a runtime stands. */
public enum RuntimePhase {
    /** None of it is wanted. */
    @JsonProperty("")
    DEFAULT,

    /** None of its replicas is ready. */
    @JsonProperty("NotReady")
    NOT_READY,

    /** Some of its replicas are ready. */
    @JsonProperty("PartialReady")
    PARTIAL_READY,

    /** All of its replicas are ready. */
    @JsonProperty("Ready")
    READY
}
