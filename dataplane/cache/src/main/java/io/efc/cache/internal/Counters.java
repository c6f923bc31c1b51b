package io.efc.cache.internal;

import io.efc.base.Metrics;

/** What a cache counts. */
final class Counters {
    final Metrics.Counter hits;
    final Metrics.Counter misses;
    final Metrics.Counter corrupted;
    final Metrics.Counter declined;
    final Metrics.Counter putBytes;
    final Metrics.Counter promoted;
    final Metrics.Counter demoted;

    Counters(Metrics metrics) {
        hits = metrics.counter("efc_cache_hits_total", "Reads and pins that found all they asked for.");
        misses = metrics.counter("efc_cache_misses_total", "Reads and pins that found something absent.");
        corrupted = metrics.counter(
                "efc_cache_corrupted_total", "Sub-ranges dropped because their checksum did not match.");
        declined = metrics.counter("efc_cache_declined_total", "Puts that were not admitted.");
        putBytes = metrics.counter("efc_cache_put_bytes_total", "Bytes put and admitted.");
        promoted = metrics.counter("efc_cache_promoted_bytes_total", "Bytes copied to a faster tier after hits.");
        demoted = metrics.counter("efc_cache_demoted_bytes_total", "Bytes moved to a slower tier by eviction.");
    }
}
