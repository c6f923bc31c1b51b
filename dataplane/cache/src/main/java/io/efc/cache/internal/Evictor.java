package io.efc.cache.internal;

import io.efc.base.Check;
import io.efc.cache.CacheKey;
import io.efc.cache.TierConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A tier's account of space, and what makes room. Space is reserved before anything is written and released after it
 * was given back to the file system, so the quota holds at every moment.
 *
 * <p>A thread of its own starts when the high water mark is passed and works down to the low one; it demotes what it
 * evicts to the next tier. Where it does not keep up, the thread that needs room evicts just enough itself, without
 * demoting, so that a put never waits for a slower disk.
 */
final class Evictor {
    private static final Logger LOG = System.getLogger(Evictor.class.getName());

    /**
     * Blocks that may be found in use before a put is declined: bounds what a put costs in a tier full of pinned
     * blocks.
     */
    private static final int ATTEMPTS_MAX = 256;

    private static final long RETRY_NANOS = 10_000_000;

    private final Tier tier;
    private final Geometry geometry;
    private final BlockTable blocks;
    private final FileTable files;
    private final EvictionQueues queues;
    private final long quota;
    private final long high;
    private final long low;
    private final AtomicLong used = new AtomicLong();
    private final LongAdder evictedBytes = new LongAdder();
    private final Thread thread;
    private final MemorySegment buffer;
    private volatile @Nullable Tier next;
    private volatile boolean stopping;
    private volatile boolean working;

    Evictor(Tier tier, TierConfig config) {
        this.tier = tier;
        this.geometry = tier.geometry();
        this.blocks = tier.blocks();
        this.files = tier.files();
        this.queues = tier.queues();
        this.quota = config.quota().bytes();
        this.high = (long) (quota * config.high());
        this.low = (long) (quota * config.low());
        this.buffer = Arena.ofAuto().allocate(geometry.blockBytes(), 64);
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("efc-cache-evict-" + config.medium())
                .unstarted(this::work);
    }

    /** {@code slower} gets what is evicted; without one it is dropped. */
    void start(@Nullable Tier slower) {
        next = slower;
        thread.start();
    }

    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    long quota() {
        return quota;
    }

    long used() {
        return used.get();
    }

    long evictedBytes() {
        return evictedBytes.sum();
    }

    /** Takes space; false if there is none, and, with {@code mayEvict}, none could be made. Without locks. */
    boolean reserve(long bytes, boolean mayEvict) {
        while (true) {
            long now = used.get();
            if (now + bytes <= quota) {
                if (used.compareAndSet(now, now + bytes)) {
                    if (now <= high && now + bytes > high) {
                        LockSupport.unpark(thread);
                    }
                    return true;
                }
            } else if (!mayEvict || bytes > quota || !evictOne(null)) {
                LockSupport.unpark(thread);
                return false;
            }
        }
    }

    void release(long bytes) {
        if (bytes != 0) {
            long now = used.addAndGet(-bytes);
            Check.state(now >= 0, "%d bytes more were released than reserved", -now);
        }
    }

    /** Evicts something because the index has no room, though there may be space. */
    void relieveIndex() {
        if (!evictOne(null)) {
            tier.slabs().retireOpen();
            boolean _ = evictOne(null);
        }
    }

    /** Whether the thread has nothing to do. */
    boolean isIdle() {
        return !working && used.get() <= high;
    }

    /** While recovering: space that an earlier process left in use. */
    void recovered(long bytes) {
        used.addAndGet(bytes);
    }

    /** While recovering: evicts what a smaller quota has no room for. */
    void shrink() {
        while (used.get() > quota && evictOne(null)) {
            LOG.log(Level.DEBUG, "evicting what the quota has no room for");
        }
    }

    private void work() {
        while (!stopping) {
            if (used.get() <= high) {
                LockSupport.park(this);
                continue;
            }
            working = true;
            try {
                while (!stopping && used.get() > low && evictOne(next)) {
                    Thread.onSpinWait();
                }
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "eviction in " + tier.directory().path() + " failed", e);
            }
            working = false;
            if (!stopping && used.get() > low) {
                LockSupport.parkNanos(this, RETRY_NANOS);
            }
        }
    }

    /** Evicts one block or slab; false if nothing can be. */
    private boolean evictOne(@Nullable Tier demoteTo) {
        for (int i = 0; i < ATTEMPTS_MAX; i++) {
            int block = queues.take();
            if (block == 0) {
                return false;
            }
            boolean evicted = blocks.file(block) == BlockTable.SLAB
                    ? tier.slabs().evict(block, demoteTo)
                    : evictBlock(block, demoteTo);
            if (evicted) {
                return true;
            }
        }
        return false;
    }

    /** Drops a taken block that another tier has, unless it is in use. */
    void drop(int block) {
        boolean _ = evictBlock(block, null);
    }

    /** Evicts a taken block, or puts it back if it is in use. */
    private boolean evictBlock(int block, @Nullable Tier demoteTo) {
        Stripe stripe = tier.stripeAt(blocks.stripe(block));
        OpenFile open = demoteTo == null ? begin(block, stripe, false) : demote(block, stripe, demoteTo);
        if (open == null) {
            return false;
        }
        TierDirectory.punch(open.fd, geometry.start(blocks.index(block), 0), geometry.blockBytes());
        return end(block, open, stripe);
    }

    /**
     * The file's descriptor if the block can be evicted, else null: it is then hidden from readers, or, if it is {@code toMove} and not
     * invalidated, pinned.
     */
    private @Nullable OpenFile begin(int block, Stripe stripe, boolean toMove) {
        stripe.lock.lock();
        try {
            int file = blocks.file(block);
            OpenFile open = isFree(block) ? tier.openFiles().enter(file) : null;
            if (open == null) {
                queues.putBack(block);
            } else if (toMove && !files.has(file, FileTable.DEAD)) {
                blocks.addPins(block, 1);
            } else {
                hide(block);
            }
            return open;
        } finally {
            stripe.lock.unlock();
        }
    }

    /** The file's descriptor, with the block hidden, once a slower tier has what it takes of it; null if it came into use. */
    private @Nullable OpenFile demote(int block, Stripe stripe, Tier slower) {
        // The block is this thread's, so its file has a record, if only a dead one.
        long hash = files.hash(blocks.file(block));
        int move = tier.moves().begin(hash);
        try {
            OpenFile open = begin(block, stripe, true);
            if (open == null || blocks.state(block) == BlockTable.LEAVING) {
                return open;
            }
            copy(block, open, slower);
            stripe.lock.lock();
            try {
                blocks.addPins(block, -1);
                if (isFree(block)) {
                    hide(block);
                    return open;
                }
                queues.putBack(block);
                Garbage garbage = tier.removal().leave(blocks.file(block), open);
                Check.state(garbage == null, "a file died while a block of it was in a queue");
                return null;
            } finally {
                stripe.lock.unlock();
            }
        } finally {
            tier.moves().end(hash, move);
        }
    }

    private boolean isFree(int block) {
        return blocks.pins(block) == 0 && blocks.busy(block) == 0 && !files.has(blocks.file(block), FileTable.HELD);
    }

    /** From here on nobody finds anything in the block or writes to it. */
    private void hide(int block) {
        queues.remember(Hash.block(files.key(blocks.file(block)), blocks.index(block)), blocks.clock(block));
        tier.present(block, 0);
        blocks.state(block, BlockTable.LEAVING);
    }

    /** The hidden block's space is free: forget it, and its file if it was the last. */
    private boolean end(int block, OpenFile open, Stripe stripe) {
        Garbage garbage = null;
        int space;
        stripe.lock.lock();
        try {
            int file = blocks.file(block);
            space = tier.removal().removeBlock(block);
            if (files.blocks(file) == 0 && !files.has(file, FileTable.DEAD)) {
                garbage = tier.removal().kill(file, files.hash(file));
            }
            Garbage more = tier.removal().leave(file, open);
            garbage = garbage == null ? more : garbage;
        } finally {
            stripe.lock.unlock();
        }
        release(space);
        tier.removal().dispose(garbage);
        evictedBytes.add(space);
        return true;
    }

    /** Copies a pinned block's good sub-ranges to a slower tier, as far as it admits them. */
    private void copy(int block, OpenFile open, Tier slower) {
        Content content = content(block);
        Scratch scratch = Scratch.get();
        int index = blocks.index(block);
        long size = content.key().size();
        for (long left = content.present(); left != 0; ) {
            int first = Long.numberOfTrailingZeros(left);
            int count = Long.numberOfTrailingZeros(~(left >>> first));
            left &= ~((-1L >>> (64 - count)) << first);
            long start = geometry.start(index, first);
            int last = first + count - 1;
            int bytes = (int) (geometry.start(index, last) - start) + geometry.subRangeBytes(size, index, last);
            boolean good = Scratch.readFully(open.fd, buffer, 0, bytes, start);
            for (int i = 0; good && i < Geometry.pieces(bytes); i++) {
                int crc = scratch.crc(buffer, (long) i * Geometry.PIECE, Geometry.pieceBytes(bytes, i));
                good = crc == blocks.crc(block, first * Geometry.PIECES + i);
            }
            if (good && slower.put(content.key(), Hash.file(content.key()), start, buffer, 0, bytes, true)) {
                tier.counters().demoted.add(bytes);
            }
        }
    }

    /** What is demoted. */
    private record Content(CacheKey key, long present) {}

    private Content content(int block) {
        Stripe stripe = tier.stripeAt(blocks.stripe(block));
        stripe.lock.lock();
        try {
            return new Content(files.key(blocks.file(block)), blocks.present(block));
        } finally {
            stripe.lock.unlock();
        }
    }
}
