package io.efc.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which network a component's pods use. */
public enum NetworkMode {
    /** The same as {@code HostNetwork}. */
    @JsonProperty("")
    DEFAULT,

    /** The node's. */
    @JsonProperty("HostNetwork")
    HOST_NETWORK,

    /** The pod's own. */
    @JsonProperty("ContainerNetwork")
    CONTAINER_NETWORK
}
