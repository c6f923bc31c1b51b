package io.efc.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a dataset's volume may be mounted: the access modes of a PersistentVolume. */
public enum AccessMode {
    /** Read by many nodes; the default. */
    @JsonProperty("ReadOnlyMany")
    READ_ONLY_MANY,

    /** Read and written by many nodes. */
    @JsonProperty("ReadWriteMany")
    READ_WRITE_MANY,

    /** Read and written by one node. */
    @JsonProperty("ReadWriteOnce")
    READ_WRITE_ONCE,

    /** Read and written by one pod. */
    @JsonProperty("ReadWriteOncePod")
    READ_WRITE_ONCE_POD
}
