package io.efc.cache.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.efc.base.Check;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Slots of one size in a {@link Region}, found through hash chains: the base of both index tables. Slot 0 is the
 * table's header, so 0 means "none" in every link and fresh memory needs no preparation. Slots in use are a chain per
 * bucket, free ones a list; both go through the slot's {@code next} link.
 *
 * <p>A bucket belongs to one stripe (its low {@link #STRIPE_BITS} bits), whose lock guards the chain; the free list is
 * guarded by the tier's lock.
 */
abstract class Records {
    static final int STRIPE_BITS = 6;
    static final int STRIPES = 1 << STRIPE_BITS;

    final MemorySegment memory;
    final int recordBytes;

    private final Region region;
    private final Region bucketRegion;
    private final MemorySegment buckets;
    private final int nextOffset;
    private final long bucketMask;
    private final int slotsMax;
    private final ReentrantLock tierLock;
    private int limit = 1;
    private int free;
    private int count;

    Records(Region region, int recordBytes, int nextOffset, int slotsMax, ReentrantLock tierLock) {
        this.region = region;
        this.memory = region.segment();
        this.recordBytes = recordBytes;
        this.nextOffset = nextOffset;
        this.slotsMax = slotsMax;
        this.tierLock = tierLock;
        long bucketCount = Math.max(STRIPES, Long.highestOneBit(slotsMax));
        this.bucketRegion = Region.anonymous(bucketCount * Integer.BYTES);
        this.buckets = bucketRegion.segment();
        this.bucketMask = bucketCount - 1;
    }

    static long regionBytes(int recordBytes, int slotsMax) {
        return (slotsMax + 1L) * recordBytes;
    }

    final long at(int slot) {
        return (long) slot * recordBytes;
    }

    final int head(long hash) {
        return buckets.get(JAVA_INT, (hash & bucketMask) << 2);
    }

    final int next(int slot) {
        return memory.get(JAVA_INT, at(slot) + nextOffset);
    }

    /** Puts a slot at the head of its chain; under the stripe's lock. */
    final void link(int slot, long hash) {
        memory.set(JAVA_INT, at(slot) + nextOffset, head(hash));
        buckets.set(JAVA_INT, (hash & bucketMask) << 2, slot);
    }

    /** Takes a slot out of its chain, where it must be; under the stripe's lock. */
    final void unlink(int slot, long hash) {
        int before = 0;
        int s = head(hash);
        while (s != slot) {
            Check.state(s != 0, "slot %d is not in its chain", slot);
            before = s;
            s = next(s);
        }
        if (before == 0) {
            buckets.set(JAVA_INT, (hash & bucketMask) << 2, next(slot));
        } else {
            memory.set(JAVA_INT, at(before) + nextOffset, next(slot));
        }
    }

    /** A zeroed slot, or 0 if the table or its file system is full. */
    final int allocate() {
        tierLock.lock();
        try {
            int slot = free;
            if (slot != 0) {
                free = next(slot);
            } else if (limit > slotsMax || !region.ensure(at(limit + 1))) {
                return 0;
            } else {
                slot = limit++;
            }
            count++;
            memory.asSlice(at(slot), recordBytes).fill((byte) 0);
            return slot;
        } finally {
            tierLock.unlock();
        }
    }

    /** Gives a slot back, which is in no chain any more. */
    final void free(int slot) {
        tierLock.lock();
        try {
            memory.asSlice(at(slot), recordBytes).fill((byte) 0);
            memory.set(JAVA_INT, at(slot) + nextOffset, free);
            free = slot;
            count--;
        } finally {
            tierLock.unlock();
        }
    }

    /** Slots in use. */
    final int count() {
        tierLock.lock();
        try {
            return count;
        } finally {
            tierLock.unlock();
        }
    }

    /** All slots that were ever used are below this. */
    final int limit() {
        tierLock.lock();
        try {
            return limit;
        } finally {
            tierLock.unlock();
        }
    }

    /** Bytes of memory that slots take: what was touched so far, with the buckets. */
    final long indexBytes() {
        tierLock.lock();
        try {
            return at(limit) + Math.min(bucketRegion.segment().byteSize(), 4096L * limit);
        } finally {
            tierLock.unlock();
        }
    }

    /** Slots that an earlier process may have left in the file. */
    final int persistedLimit() {
        return (int) Math.min(slotsMax + 1L, region.ensured() / recordBytes);
    }

    /** While recovering: slots below this are in use or will be freed. */
    final void recoverLimit(int slots) {
        limit = Math.max(1, slots);
        count = limit - 1;
        free = 0;
    }

    /** Forgets all slots. */
    final void reset() {
        region.clear();
        Check.state(region.ensure(recordBytes), "no room for the index's first record");
        limit = 1;
        count = 0;
        free = 0;
    }

    final Region region() {
        return region;
    }

    final void close() {
        region.close();
        bucketRegion.close();
    }
}
