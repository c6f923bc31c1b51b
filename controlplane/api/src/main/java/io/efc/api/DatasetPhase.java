package io.efc.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a dataset stands. */
public enum DatasetPhase {
    /** Just made. */
    @JsonProperty("")
    DEFAULT,

    /** Waits for its runtime. */
    @JsonProperty("Pending")
    PENDING,

    /** Has no runtime. */
    @JsonProperty("NotBound")
    NOT_BOUND,

    /** Can be used. */
    @JsonProperty("Bound")
    BOUND,

    /** Its runtime could not be set up. */
    @JsonProperty("Failed")
    FAILED,

    /** Its mounts are being changed. */
    @JsonProperty("Updating")
    UPDATING,

    /** Data is being moved. */
    @JsonProperty("DataMigrating")
    DATA_MIGRATING
}
