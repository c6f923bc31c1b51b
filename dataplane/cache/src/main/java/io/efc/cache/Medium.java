package io.efc.cache;

/**
 * What a tier is made of, as Fluid's {@code mediumtype} spells it. The order is that of speed: hits promote upwards,
 * eviction demotes.
 */
public enum Medium {
    /** tmpfs. */
    MEM,
    /** A file system on flash. */
    SSD,
    /** A file system on rotating disks. */
    HDD
}
