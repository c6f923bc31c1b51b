package io.efc.cache.internal;

import io.efc.cache.BlockCache;
import io.efc.cache.CacheKey;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One put into a block of a large file: marks what is absent busy, writes it without locks, then makes it present. Of
 * one thread.
 */
final class Filling {
    private final Tier tier;
    private final Geometry geometry;
    private final FileTable files;
    private final BlockTable blocks;
    private final CacheKey key;
    private final long hash;
    private final int index;
    private final long wanted;
    private int file;
    private int block;
    private long todo;
    private long fresh;
    private boolean skipped;
    private boolean indexFull;

    Filling(Tier tier, CacheKey key, long hash, int index, long wanted) {
        this.tier = tier;
        this.geometry = tier.geometry();
        this.files = tier.files();
        this.blocks = tier.blocks();
        this.key = key;
        this.hash = hash;
        this.index = index;
        this.wanted = wanted;
    }

    /**
     * Writes what is absent.
     *
     * @param reserved space reserved for all of it; what is not needed is released
     * @param origin where in {@code from} the file's first byte would be
     * @return whether all that was wanted is present now
     */
    boolean run(int reserved, MemorySegment from, long origin) {
        OpenFile open = begin();
        int need = geometry.spaceOf(fresh, key.size(), index);
        tier.evictor().release(reserved - need);
        if (open == null) {
            if (indexFull) {
                tier.evictor().relieveIndex();
            }
            return !skipped && todo == 0 && block != 0;
        }
        Scratch scratch = Scratch.get();
        long good = write(scratch, open.fd, from, origin);
        long bad = fresh & ~good;
        if (bad != 0) {
            discard(open.fd, bad);
        }
        finish(scratch, open, good, bad, need);
        return !skipped && good == todo;
    }

    /**
     * Finds or makes the records and marks the absent sub-ranges busy. Null if there is nothing to write, or no way to.
     */
    private @Nullable OpenFile begin() {
        Stripe stripe = tier.stripe(hash);
        Garbage garbage = null;
        stripe.lock.lock();
        try {
            if (tier.isClosed()) {
                return null;
            }
            file = files.find(key, hash);
            if (file == 0) {
                file = tier.createFile(key, hash);
            }
            indexFull = file == 0;
            if (indexFull) {
                return null;
            }
            OpenFile open = tier.openFiles().enter(file);
            int stripeIndex = Tier.stripeIndex(hash);
            if (open != null) {
                block = blocks.find(file, index, stripeIndex);
                block = block != 0 ? block : tier.createBlock(file, index, stripeIndex);
                indexFull = block == 0;
            }
            if (open != null && block != 0) {
                long busy = blocks.state(block) == BlockTable.LEAVING ? -1 : blocks.busy(block);
                skipped = (wanted & busy) != 0;
                todo = wanted & ~blocks.present(block) & ~busy;
                if (todo != 0) {
                    fresh = todo & ~blocks.allocated(block);
                    blocks.allocated(block, blocks.allocated(block) | fresh);
                    blocks.busy(block, blocks.busy(block) | todo);
                    blocks.addPins(block, 1);
                    return open;
                }
            }
            if (files.blocks(file) == 0) {
                garbage = tier.removal().kill(file, hash);
            }
            if (open != null) {
                Garbage more = tier.removal().leave(file, open);
                garbage = garbage == null ? more : garbage;
            }
            return null;
        } finally {
            stripe.lock.unlock();
            tier.removal().dispose(garbage);
        }
    }

    /** Writes runs of sub-ranges; those that were written. Their checksums are in the scratch. */
    private long write(Scratch scratch, int fd, MemorySegment from, long origin) {
        long good = 0;
        for (long left = todo; left != 0; ) {
            int first = Long.numberOfTrailingZeros(left);
            int count = Long.numberOfTrailingZeros(~(left >>> first));
            int last = first + count - 1;
            long start = geometry.start(index, first);
            long end = geometry.start(index, last) + geometry.subRangeBytes(key.size(), index, last);
            long run = (-1L >>> (64 - count)) << first;
            for (int i = first; i <= last; i++) {
                checksum(scratch, from, origin + geometry.start(index, i), i);
            }
            if (Scratch.writeFully(fd, from, origin + start, (int) (end - start), start)) {
                good |= run;
            }
            left &= ~run;
        }
        return good;
    }

    private void checksum(Scratch scratch, MemorySegment from, long at, int subRange) {
        int bytes = geometry.subRangeBytes(key.size(), index, subRange);
        for (int i = 0; i < Geometry.pieces(bytes); i++) {
            scratch.crcs[subRange * Geometry.PIECES + i] =
                    scratch.crc(from, at + (long) i * Geometry.PIECE, Geometry.pieceBytes(bytes, i));
        }
    }

    /** Gives back the space of what could not be written: a part of it may have been. */
    private void discard(int fd, long bad) {
        for (long left = bad; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            TierDirectory.punch(fd, geometry.start(index, i), BlockCache.SUB_RANGE);
        }
    }

    private void finish(Scratch scratch, OpenFile open, long good, long bad, int need) {
        Stripe stripe = tier.stripe(hash);
        Garbage garbage = null;
        int lost = geometry.spaceOf(bad, key.size(), index);
        stripe.lock.lock();
        try {
            for (long left = good; left != 0; left &= left - 1) {
                int first = Long.numberOfTrailingZeros(left) * Geometry.PIECES;
                int pieces =
                        Geometry.pieces(geometry.subRangeBytes(key.size(), index, Long.numberOfTrailingZeros(left)));
                for (int i = first; i < first + pieces; i++) {
                    blocks.crc(block, i, scratch.crcs[i]);
                }
            }
            blocks.busy(block, blocks.busy(block) & ~todo);
            blocks.allocated(block, blocks.allocated(block) & ~bad);
            if (good != 0) {
                tier.present(block, blocks.present(block) | good);
            }
            int pins = blocks.addPins(block, -1);
            if (!files.has(file, FileTable.DEAD)) {
                garbage = enqueue(pins, need - lost);
            }
            Garbage more = tier.removal().leave(file, open);
            garbage = garbage == null ? more : garbage;
        } finally {
            stripe.lock.unlock();
        }
        tier.evictor().release(lost);
        tier.removal().dispose(garbage);
    }

    /** Tells the queues of a new or grown block; a block that came to nothing goes, and with the last one its file. */
    private @Nullable Garbage enqueue(int pins, int weight) {
        if (blocks.queue(block) != EvictionQueues.NONE) {
            tier.queues().grow(block, weight);
        } else if (blocks.present(block) != 0) {
            tier.queues().enter(block, Hash.block(key, index), weight);
        } else if (pins == 0 && blocks.allocated(block) == 0) {
            tier.removal().removeBlock(block);
            return files.blocks(file) == 0 ? tier.removal().kill(file, hash) : null;
        }
        return null;
    }
}
