package io.efc.cli.internal;

/** Durations counted in buckets of a sixteenth of a power of two, so that a million cost no more memory than ten. Single-threaded. */
final class Latencies {
    /**
     * What is shown of them.
     *
     * @param p50 microseconds, as the others
     */
    record Micros(double p50, double p99, double max) {}

    private static final int STEPS = 16;
    private static final int STEP_BITS = 4;

    private final long[] buckets = new long[STEPS * Long.SIZE];
    private long count;
    private long maxNanos;

    void record(long nanos) {
        long n = Math.max(nanos, 1);
        buckets[bucket(n)]++;
        count++;
        maxNanos = Math.max(maxNanos, n);
    }

    /** Adds all of {@code other}. */
    void add(Latencies other) {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] += other.buckets[i];
        }
        count += other.count;
        maxNanos = Math.max(maxNanos, other.maxNanos);
    }

    long count() {
        return count;
    }

    long maxNanos() {
        return maxNanos;
    }

    Micros micros() {
        return new Micros(tenths(quantile(0.50)), tenths(quantile(0.99)), tenths(maxNanos));
    }

    private static double tenths(long nanos) {
        return Math.round(nanos / 100.0) / 10.0;
    }

    /** An upper bound of the {@code q}-quantile in nanoseconds, at most 7 % above it; 0 if nothing was recorded. */
    long quantile(double q) {
        long rank = (long) Math.ceil(q * count);
        long seen = 0;
        for (int i = 0; i < buckets.length; i++) {
            seen += buckets[i];
            if (seen >= rank && seen > 0) {
                return Math.min(maxNanos, bound(i));
            }
        }
        return 0;
    }

    private static int bucket(long nanos) {
        if (nanos < STEPS) {
            return (int) nanos;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos) - STEP_BITS;
        return STEPS * shift + (int) (nanos >>> shift);
    }

    private static long bound(int bucket) {
        if (bucket < 2 * STEPS) {
            return bucket;
        }
        int shift = bucket / STEPS - 1;
        return ((long) (bucket - STEPS * shift + 1) << shift) - 1;
    }
}
