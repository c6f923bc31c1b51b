package io.efc.cache.internal;

import io.efc.base.Check;
import io.efc.base.Ticker;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decides which block leaves a tier: S3-FIFO [1] in bytes, with three changes.
 *
 * <p>A new block enters the <em>small</em> queue, a tenth of the quota. At its end, a block that was used again moves
 * to the <em>main</em> queue, another is evicted and its name kept among the {@link Ghosts}. At main's end a block with
 * uses left goes round again for one of them. So a scan passes through the small queue and leaves main as it was. The
 * queues' clock is the bytes that entered the tier.
 *
 * <p>First change: a sequential read touches one block many times, which is one use. A touch counts as a use only if it
 * hits a sub-range touched before and comes after a pause, the <em>correlated reference period</em> of [2], here {@link
 * #TICK_SHIFT one tick}. So a second pass counts, once a block.
 *
 * <p>Second change, from [3]: a block whose ghost is found on its return enters main if that has room, or if it was
 * last used more recently than the block at main's end; else it is no better than what it would displace, and enters
 * small. In a loop over more than the quota this keeps a part of the loop in main, where it is hit in each round;
 * S3-FIFO and LRU would miss always.
 *
 * <p>Third change: nothing is protected for much longer than LRU would keep it. A block at main's end that nobody used
 * while a whole quota entered, nor for a quarter longer than the interval between its last two uses, is evicted first
 * of all. Without this, a new working set would have to squeeze through the small queue until main has been worn down.
 *
 * <p>All state is guarded by the tier's lock, which is taken here. {@link #touch} is not: it runs under the stripe's
 * lock, and the race of its writes with the readers here costs a count at most.
 *
 * <p>[1] Yang, Zhang, Qiu, Yue, Rashmi: FIFO queues are all you need for cache eviction, SOSP 2023. [2] O'Neil, O'Neil,
 * Weikum: The LRU-K page replacement algorithm, SIGMOD 1993. [3] Jiang, Zhang: LIRS: an efficient low inter-reference
 * recency set replacement policy, SIGMETRICS 2002.
 */
final class EvictionQueues {
    static final int NONE = 0;
    static final int SMALL = 1;
    static final int MAIN = 2;

    /** Taken by an evicting thread, which frees it or brings it back. */
    static final int TAKEN = 3;

    static final int USES_MAX = 3;

    /** 2^27 ns, 134 ms. */
    static final int TICK_SHIFT = 27;

    /** The clock counts 64 KiB, so that it wraps after 256 TiB. */
    private static final int CLOCK_SHIFT = 16;

    /** A quota is so many units of the intervals that a byte holds. */
    private static final int INTERVAL_UNITS = 64;

    private static final int SMALL_SHARE = 10;

    private final BlockTable blocks;
    private final ReentrantLock lock;
    private final Ticker ticker;
    private final Ghosts ghosts;
    private final long smallTarget;
    private final long mainTarget;
    private final int staleness;
    private final int intervalUnit;

    /** Head: where blocks enter. Index by queue. */
    private final int[] head = new int[3];

    private final int[] tail = new int[3];
    private final long[] bytes = new long[3];
    private int length;
    private long entered;
    private volatile int clock;

    EvictionQueues(BlockTable blocks, long quotaBytes, double low, ReentrantLock tierLock, Ticker ticker) {
        this.blocks = blocks;
        this.lock = tierLock;
        this.ticker = ticker;
        this.smallTarget = quotaBytes / SMALL_SHARE;
        this.mainTarget = (long) (quotaBytes * low) - smallTarget;
        this.staleness = (int) Math.min(Integer.MAX_VALUE >> 1, quotaBytes >> CLOCK_SHIFT);
        this.intervalUnit = Math.max(1, staleness / INTERVAL_UNITS);
        this.ghosts = new Ghosts(quotaBytes >> CLOCK_SHIFT, 2 * staleness);
    }

    /** The coarse time that tells uses apart. */
    int tick() {
        return (int) (ticker.nanos() >> TICK_SHIFT);
    }

    /** Notes that sub-ranges of a block are used; under the stripe's lock. */
    void touch(int block, long mask) {
        int now = tick();
        long seen = blocks.touched(block);
        if ((seen & mask) != 0 && now - blocks.touchedAt(block) > 0) {
            blocks.uses(block, Math.min(USES_MAX, blocks.uses(block) + 1));
            blocks.interval(block, (clock - blocks.clock(block)) / intervalUnit);
            seen = 0;
        }
        blocks.touched(block, seen | mask);
        blocks.touchedAt(block, now);
        blocks.clock(block, clock);
    }

    /** Notes that something of a slab is used; its members count their uses themselves. */
    void touchSlab(int slab) {
        blocks.clock(slab, clock);
    }

    /** Puts a new block into a queue; {@code ghost} is its name's hash. */
    void enter(int block, long ghost, int weight) {
        lock.lock();
        try {
            advance(weight);
            blocks.touchedAt(block, tick());
            blocks.clock(block, clock);
            blocks.weight(block, weight);
            int age = ghosts.remove(ghost, clock);
            blocks.interval(block, Math.max(0, age) / intervalUnit);
            push(block, returnsTo(age));
        } finally {
            lock.unlock();
        }
    }

    /** Puts a full slab into a queue. */
    void enterSlab(int slab, int queue, int weight) {
        lock.lock();
        try {
            advance(weight);
            blocks.clock(slab, clock);
            blocks.weight(slab, weight);
            push(slab, queue);
        } finally {
            lock.unlock();
        }
    }

    /** A block has grown. */
    void grow(int block, int weight) {
        lock.lock();
        try {
            advance(weight);
            blocks.weight(block, blocks.weight(block) + weight);
            int queue = blocks.queue(block);
            if (queue == SMALL || queue == MAIN) {
                bytes[queue] += weight;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The next block to evict, which is then {@link #TAKEN}; 0 if there is none. */
    int take() {
        lock.lock();
        try {
            while (true) {
                int oldest = tail[MAIN];
                boolean stale = oldest != 0 && isStale(oldest);
                boolean fromMain = stale || tail[SMALL] == 0 || (oldest != 0 && bytes[SMALL] <= smallTarget);
                int block = fromMain ? oldest : tail[SMALL];
                if (block == 0) {
                    return 0;
                }
                remove(block);
                int uses = blocks.uses(block);
                if (!fromMain && uses > 0) {
                    blocks.uses(block, 0);
                    push(block, MAIN);
                } else if (fromMain && uses > 0 && !stale) {
                    blocks.uses(block, uses - 1);
                    push(block, MAIN);
                } else {
                    blocks.queue(block, TAKEN);
                    return block;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isStale(int block) {
        int idle = clock - blocks.clock(block);
        int interval = blocks.interval(block) * intervalUnit;
        return idle > staleness && idle > interval + interval / 4;
    }

    /** Takes this block to evict it; false if it is in no queue. */
    boolean take(int block) {
        lock.lock();
        try {
            int queue = blocks.queue(block);
            if (queue != SMALL && queue != MAIN) {
                return false;
            }
            remove(block);
            blocks.queue(block, TAKEN);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Brings back a taken block that could not be evicted. */
    void putBack(int block) {
        lock.lock();
        try {
            Check.state(blocks.queue(block) == TAKEN, "block %d was not taken", block);
            push(block, MAIN);
        } finally {
            lock.unlock();
        }
    }

    /** Takes a block out for good. False if an evicting thread has taken it. */
    boolean leave(int block) {
        lock.lock();
        try {
            int queue = blocks.queue(block);
            if (queue == TAKEN) {
                return false;
            }
            if (queue != NONE) {
                remove(block);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Notes the name of what is evicted, and when it was last used. */
    void remember(long ghost, int lastUse) {
        lock.lock();
        try {
            ghosts.add(ghost, lastUse);
        } finally {
            lock.unlock();
        }
    }

    /** The queue that something enters, by its name's hash; its ghost is forgotten. */
    int recall(long ghost) {
        lock.lock();
        try {
            return returnsTo(ghosts.remove(ghost, clock));
        } finally {
            lock.unlock();
        }
    }

    /** {@code age}: since it was last used, or -1 if it was not here lately. */
    private int returnsTo(int age) {
        int oldest = tail[MAIN];
        boolean better = oldest == 0 || bytes[MAIN] < mainTarget || age < clock - blocks.clock(oldest);
        return age >= 0 && better ? MAIN : SMALL;
    }

    /** Blocks and slabs in the queues. */
    int length() {
        lock.lock();
        try {
            return length;
        } finally {
            lock.unlock();
        }
    }

    private void advance(int weight) {
        entered += weight;
        clock = (int) (entered >> CLOCK_SHIFT);
    }

    private void push(int block, int queue) {
        blocks.queue(block, queue);
        blocks.queuePrev(block, 0);
        blocks.queueNext(block, head[queue]);
        if (head[queue] == 0) {
            tail[queue] = block;
        } else {
            blocks.queuePrev(head[queue], block);
        }
        head[queue] = block;
        bytes[queue] += blocks.weight(block);
        length++;
    }

    private void remove(int block) {
        int queue = blocks.queue(block);
        int next = blocks.queueNext(block);
        int previous = blocks.queuePrev(block);
        if (previous == 0) {
            head[queue] = next;
        } else {
            blocks.queueNext(previous, next);
        }
        if (next == 0) {
            tail[queue] = previous;
        } else {
            blocks.queuePrev(next, previous);
        }
        blocks.queue(block, NONE);
        bytes[queue] -= blocks.weight(block);
        length--;
    }

    /** Checks links and sums; for tests, while nothing else runs. */
    void audit() {
        lock.lock();
        try {
            int seen = 0;
            for (int queue = SMALL; queue <= MAIN; queue++) {
                long sum = 0;
                int previous = 0;
                for (int b = head[queue]; b != 0; b = blocks.queueNext(b)) {
                    Check.state(blocks.queue(b) == queue, "block %d is in a queue it does not know", b);
                    Check.state(blocks.queuePrev(b) == previous, "block %d has a wrong previous block", b);
                    sum += blocks.weight(b);
                    previous = b;
                    Check.state(++seen <= length, "a queue is longer than %d", length);
                }
                Check.state(tail[queue] == previous, "queue %d has a wrong tail", queue);
                Check.state(bytes[queue] == sum, "queue's bytes are %d, its blocks' %d", bytes[queue], sum);
            }
            Check.state(seen == length, "queues hold %d of %d", seen, length);
        } finally {
            lock.unlock();
        }
    }

    void close() {
        ghosts.close();
    }
}
