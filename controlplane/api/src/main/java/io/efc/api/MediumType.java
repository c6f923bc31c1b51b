package io.efc.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a tier is made of. */
public enum MediumType {
    /** Memory: tmpfs. */
    @JsonProperty("MEM")
    MEM,

    /** Flash. */
    @JsonProperty("SSD")
    SSD,

    /** Disks. */
    @JsonProperty("HDD")
    HDD
}
