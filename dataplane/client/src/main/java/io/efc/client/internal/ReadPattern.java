package io.efc.client.internal;

/**
 * How one open file is read. A sequential reader earns a window ahead of it, which doubles each time it has read as much as the window
 * holds; a jump halves it, and two jumps in a row take it away. The kernel sends the reads of one reader in parallel and out of order,
 * hence "next" has some slack.
 */
final class ReadPattern {
    /** A single read of this size or more comes from a sequential reader: the kernel's readahead made it. */
    private static final int LARGE = 128 << 10;

    private final long initial;
    private final long max;
    private long next;
    private int sequential;
    private int jumps;
    private long window;
    private long untilGrowth;

    ReadPattern(long initial, long max) {
        this.initial = initial;
        this.max = max;
    }

    /** Notes a read. */
    synchronized void note(long offset, int length) {
        long slack = 2L * length + window;
        long distance = offset - next;
        if (distance > slack || distance < -slack) {
            jumps++;
            sequential = 0;
            window = jumps >= 2 ? 0 : window / 2 < initial ? 0 : window / 2;
            next = offset + length;
            return;
        }
        long progress = Math.max(0, offset + length - next);
        next = Math.max(next, offset + length);
        sequential++;
        if (sequential >= 2) {
            jumps = 0;
        }
        if (window == 0) {
            if (sequential >= 2 || length >= LARGE) {
                window = initial;
                untilGrowth = window;
            }
        } else {
            untilGrowth -= progress;
            if (untilGrowth <= 0) {
                window = Math.min(max, window * 2);
                untilGrowth = window;
            }
        }
    }

    /** How many bytes past the last read are worth fetching now; 0: only what is asked. */
    synchronized long window() {
        return window;
    }

    /** True once it is seen that what lies beside a read is not wanted. */
    synchronized boolean isRandom() {
        return jumps >= 2;
    }

    /** There are no buffers for the whole window. */
    synchronized void shrink() {
        window = Math.max(initial, window / 2);
        untilGrowth = window;
    }
}
