package io.efc.cache.internal;

import io.efc.cache.CacheKey;

/**
 * The 64-bit mixing that placement, hashes, record checks and ghosts are made of: SplitMix64's finalizer after its
 * increment (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
 */
public final class Hash {
    private Hash() {}

    /**
     * A bijection whose every output bit depends on every input bit; part of the cluster's protocol, as placement is
     * made of it.
     */
    public static long mix(long z) {
        z += 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Of a file, whatever its version. */
    static long file(long dataset, long fileHi, long fileLo) {
        return mix(mix(mix(dataset) ^ fileHi) ^ fileLo);
    }

    static long file(CacheKey key) {
        return file(key.dataset(), key.fileHi(), key.fileLo());
    }

    /** Of a block of a content. */
    static long block(CacheKey key, long index) {
        return mix(mix(file(key) ^ key.version()) ^ index);
    }
}
