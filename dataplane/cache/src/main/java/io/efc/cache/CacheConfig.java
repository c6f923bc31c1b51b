package io.efc.cache;

import io.efc.base.Check;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How a cache is built.
 *
 * @param tiers fastest first, at least one, each with a directory of its own
 * @param blockBytes unit of placement and eviction: a power of two, 1 to 4 MiB
 * @param smallFileBytes files up to this size are packed into slabs; 0 to {@link BlockCache#SUB_RANGE}
 * @param openFilesMax most descriptors of tier files that a tier keeps open
 * @param heldShare the most of a tier's quota that {@link BlockCache#whole} may keep from eviction, 0 to 1
 */
public record CacheConfig(
        List<TierConfig> tiers, int blockBytes, int smallFileBytes, int openFilesMax, double heldShare) {
    /** Smallest block. */
    public static final int BLOCK_BYTES_MIN = 1 << 20;

    /** Largest block: 64 sub-ranges, the bits of a long. */
    public static final int BLOCK_BYTES_MAX = 4 << 20;

    public CacheConfig {
        tiers = List.copyOf(tiers);
        Check.argument(!tiers.isEmpty(), "a cache needs at least one tier");
        Check.argument(
                blockBytes >= BLOCK_BYTES_MIN && blockBytes <= BLOCK_BYTES_MAX && Integer.bitCount(blockBytes) == 1,
                "block size %d is not a power of two from 1Mi to 4Mi",
                blockBytes);
        Check.argument(
                smallFileBytes >= 0 && smallFileBytes <= BlockCache.SUB_RANGE,
                "small file size %d is not within 0 to %d",
                smallFileBytes,
                BlockCache.SUB_RANGE);
        Check.argument(openFilesMax >= 16, "openFilesMax %d is less than 16", openFilesMax);
        Check.argument(heldShare >= 0 && heldShare <= 1, "heldShare " + heldShare + " is not within 0 to 1");
        Set<Object> directories = new HashSet<>();
        for (TierConfig tier : tiers) {
            Check.argument(
                    directories.add(tier.directory().normalize()),
                    "two tiers have the same directory " + tier.directory());
        }
        for (int i = 1; i < tiers.size(); i++) {
            Check.argument(
                    tiers.get(i - 1).medium().compareTo(tiers.get(i).medium()) <= 0,
                    "tier " + tiers.get(i).directory() + " (" + tiers.get(i).medium() + ") must not follow the slower "
                            + tiers.get(i - 1).medium() + " tier "
                            + tiers.get(i - 1).directory());
        }
    }

    /** Blocks of 1 MiB, files of up to 64 KiB in slabs, 2048 descriptors a tier, half of a tier may be held. */
    public CacheConfig(List<TierConfig> tiers) {
        this(tiers, BLOCK_BYTES_MIN, BlockCache.SUB_RANGE, 2048, 0.5);
    }
}
