package io.efc.cache.internal;

import io.efc.cache.CacheKey;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Copies blocks that were used again to the next faster tier, in a thread of its own, as far as that has free room: a
 * promotion never evicts. The queue is bounded; a hit that finds it full is not promoted this time.
 */
final class Promoter {
    private static final Logger LOG = System.getLogger(Promoter.class.getName());
    private static final int QUEUE_MAX = 256;

    private record Request(Tier from, Tier to, CacheKey key, int index) {}

    private final Geometry geometry;
    private final Counters counters;
    private final Moves moves;
    private final ArrayBlockingQueue<Request> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
    private final MemorySegment buffer;
    private final AtomicInteger due = new AtomicInteger();
    private @Nullable Thread thread;

    Promoter(Geometry geometry, Counters counters, Moves moves) {
        this.geometry = geometry;
        this.counters = counters;
        this.moves = moves;
        this.buffer = Arena.ofAuto().allocate(geometry.blockBytes(), 64);
    }

    void start() {
        thread = Thread.ofPlatform().daemon().name("efc-cache-promote").start(this::work);
    }

    /** Whether all that was asked for has been dealt with. */
    boolean isIdle() {
        return due.get() == 0;
    }

    void stop() {
        Thread t = thread;
        if (t == null) {
            return;
        }
        t.interrupt();
        boolean interrupted = false;
        while (t.isAlive()) {
            try {
                t.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A block was found in {@code from}; asks for its promotion if it is worth it. */
    void hit(Tier from, Tier to, CacheKey key, int index) {
        if (queue.remainingCapacity() > 0 && from.uses(key, Hash.file(key), index) > 0) {
            due.incrementAndGet();
            if (!queue.offer(new Request(from, to, key, index))) {
                due.decrementAndGet();
            }
        }
    }

    private void work() {
        try {
            while (true) {
                Request request = queue.take();
                try {
                    promote(request);
                } catch (RuntimeException e) {
                    LOG.log(Level.ERROR, "promotion of " + request.key() + " failed", e);
                } finally {
                    due.decrementAndGet();
                }
            }
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "promotion ends");
        }
    }

    private void promote(Request request) {
        long hash = Hash.file(request.key());
        int move = moves.begin(hash);
        try {
            promote(request, hash);
        } finally {
            moves.end(hash, move);
        }
    }

    private void promote(Request request, long hash) {
        CacheKey key = request.key();
        long left = request.from().present(key, hash, request.index())
                & ~request.to().present(key, hash, request.index());
        while (left != 0) {
            int first = Long.numberOfTrailingZeros(left);
            int count = Long.numberOfTrailingZeros(~(left >>> first));
            left &= ~((-1L >>> (64 - count)) << first);
            long start = geometry.start(request.index(), first);
            int last = first + count - 1;
            int bytes = (int) (geometry.start(request.index(), last) - start)
                    + geometry.subRangeBytes(key.size(), request.index(), last);
            Pin pin = request.from().pin(key, hash, start, bytes);
            if (pin == null) {
                return;
            }
            boolean copied;
            try {
                copied = pin.copy(buffer, 0) && request.to().put(key, hash, start, buffer, 0, bytes, false);
            } finally {
                pin.close();
            }
            if (!copied) {
                return;
            }
            counters.promoted.add(bytes);
        }
        request.from().removal().forget(key, hash, request.index());
    }
}
