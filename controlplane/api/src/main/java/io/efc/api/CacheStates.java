package io.efc.api;

/** The keys of {@code status.cacheStates} in datasets and runtimes. Values are for people: {@code 1.50GiB}, {@code 33.3%}. */
public final class CacheStates {
    public static final String CACHED = "cached";
    public static final String CACHE_CAPACITY = "cacheCapacity";
    public static final String CACHED_PERCENTAGE = "cachedPercentage";
    public static final String CACHE_HIT_RATIO = "cacheHitRatio";
    public static final String LOCAL_HIT_RATIO = "localHitRatio";
    public static final String REMOTE_HIT_RATIO = "remoteHitRatio";
    public static final String CACHE_THROUGHPUT_RATIO = "cacheThroughputRatio";
    public static final String LOCAL_THROUGHPUT_RATIO = "localThroughputRatio";
    public static final String REMOTE_THROUGHPUT_RATIO = "remoteThroughputRatio";
    public static final String LOW_WATER_MARK = "lowWaterMark";
    public static final String HIGH_WATER_MARK = "highWaterMark";
    public static final String NON_CACHEABLE = "nonCacheable";

    private CacheStates() {}
}
