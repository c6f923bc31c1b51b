package io.efc.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a tier's directory comes from in a pod. */
public enum VolumeType {
    /** A directory of the node; the default. */
    @JsonProperty("hostPath")
    HOST_PATH,

    /** A directory that goes with the pod. */
    @JsonProperty("emptyDir")
    EMPTY_DIR
}
