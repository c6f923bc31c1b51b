package io.efc.cache;

import io.efc.base.Check;
import io.efc.base.Ticker;
import io.efc.cache.internal.Hash;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How often blocks were read lately, in fixed memory: a count-min sketch [1] of four rows whose counters are halved
 * once every window, so that a steady rate of n reads a window shows as about 2n. It answers how many replicas a block
 * deserves; {@link Placement#owners} says where they are. A count is never too low, and too high only where a hotter
 * block shares all four counters.
 *
 * <p>Any thread; recording costs four atomic increments, and allocates nothing. Counters stop at a bound far above any
 * threshold.
 *
 * <p>[1] Cormode, Muthukrishnan: An improved data stream summary: the count-min sketch and its applications, Journal of
 * Algorithms 55(1), 2005.
 */
public final class Hotness {
    private static final int ROWS = 4;
    private static final int COUNT_MAX = 1 << 30;

    private final AtomicIntegerArray counters;
    private final int columnMask;
    private final int threshold;
    private final long windowNanos;
    private final Ticker ticker;
    private final AtomicLong windowEnd;

    /**
     * @param columns counters a row, a power of two; about as many as there are blocks read in a window
     * @param threshold reads in about two windows that make a block hot
     * @param windowNanos after how long all counts are halved
     */
    public Hotness(int columns, int threshold, long windowNanos, Ticker ticker) {
        Check.argument(
                columns > 0 && columns <= 1 << 24 && Integer.bitCount(columns) == 1,
                "%d columns: not a power of two up to 16Mi",
                columns);
        Check.argument(threshold > 0, "threshold %d is not positive", threshold);
        Check.argument(windowNanos > 0, "window of %d ns is not positive", windowNanos);
        this.counters = new AtomicIntegerArray(columns * ROWS);
        this.columnMask = columns - 1;
        this.threshold = threshold;
        this.windowNanos = windowNanos;
        this.ticker = ticker;
        this.windowEnd = new AtomicLong(ticker.nanos() + windowNanos);
    }

    /** Counts one read of a block. */
    public void record(CacheKey key, long blockIndex) {
        age();
        long hash = hash(key, blockIndex);
        for (int row = 0; row < ROWS; row++) {
            int at = at(hash, row);
            if (counters.get(at) < COUNT_MAX) {
                counters.incrementAndGet(at);
            }
        }
    }

    /** About how often a block was read in the last two windows. */
    public int count(CacheKey key, long blockIndex) {
        age();
        long hash = hash(key, blockIndex);
        int least = Integer.MAX_VALUE;
        for (int row = 0; row < ROWS; row++) {
            least = Math.min(least, counters.get(at(hash, row)));
        }
        return least;
    }

    /**
     * How many workers should hold a block: {@code base}, and one more each time its count doubles from the threshold
     * on, at most {@code max}.
     */
    public int replicas(CacheKey key, long blockIndex, int base, int max) {
        int times = count(key, blockIndex) / threshold;
        int more = Integer.SIZE - Integer.numberOfLeadingZeros(times);
        return Math.clamp((long) base + more, 1, Math.max(1, max));
    }

    /** Halves all counters for each window that has passed; the thread that moves the window on does it. */
    private void age() {
        long end = windowEnd.get();
        long late = ticker.nanos() - end;
        if (late < 0 || !windowEnd.compareAndSet(end, end + (late / windowNanos + 1) * windowNanos)) {
            return;
        }
        int shift = (int) Math.min(31, late / windowNanos + 1);
        for (int i = 0; i < counters.length(); i++) {
            counters.updateAndGet(i, n -> n >> shift);
        }
    }

    private static long hash(CacheKey key, long blockIndex) {
        return Hash.mix(Placement.name(key, blockIndex) ^ key.version());
    }

    private int at(long hash, int row) {
        int column = (int) (hash >>> 32) * row + (int) hash;
        column ^= column >>> 15;
        return row * (columnMask + 1) + (column & columnMask);
    }
}
