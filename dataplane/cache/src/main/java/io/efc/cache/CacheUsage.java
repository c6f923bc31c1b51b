package io.efc.cache;

import java.util.List;

/**
 * A cache's figures at about one moment; counts are since it was opened.
 *
 * @param tiers in configured order
 * @param hits sub-ranges served
 * @param misses reads and pins that found something absent
 * @param corrupted sub-ranges whose checksum did not match, dropped
 * @param declined puts that were not admitted
 */
public record CacheUsage(List<Tier> tiers, long hits, long misses, long corrupted, long declined) {
    public CacheUsage {
        tiers = List.copyOf(tiers);
    }

    /** Bytes of blocks in all tiers. */
    public long usedBytes() {
        return tiers.stream().mapToLong(Tier::usedBytes).sum();
    }

    /** The quotas' sum. */
    public long quotaBytes() {
        return tiers.stream().mapToLong(Tier::quotaBytes).sum();
    }

    /**
     * One tier.
     *
     * @param usedBytes disk space of blocks and slabs, in the file system's pages
     * @param heldBytes of which {@link WholeFile}s keep from eviction
     * @param indexBytes memory of the index, off-heap
     * @param blocks blocks of large files, at least partly present
     * @param slabs blocks that hold small files
     * @param largeFiles contents with a tier file of their own
     * @param smallFiles contents in slabs
     * @param evictedBytes dropped, or demoted to the next tier, to make room
     */
    public record Tier(
            Medium medium,
            long usedBytes,
            long quotaBytes,
            long heldBytes,
            long indexBytes,
            long blocks,
            long slabs,
            long largeFiles,
            long smallFiles,
            long evictedBytes) {}
}
