package io.efc.cache.internal;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.cache.BlockCache;
import io.efc.cache.CacheException;
import io.efc.cache.CacheKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Small files, one after the other in slabs of one block's size, all in the one file {@code slabs}: a million of them
 * take a thousandth of the inodes and no space between them. A slab is filled once, in the order of arrival, and leaves
 * as a whole, as in Segcache [1]: so there are no size classes, nothing to compact, and a slab's space, reserved when
 * it is opened, is all the account needs. What was used again when its slab leaves is written to another slab, whose
 * members are all of that kind and which enters the main queue; the rest is dropped, or demoted. A member that is
 * invalidated leaves its bytes unused until then; a slab without members goes at once.
 *
 * <p>A slab is a record of the block table. {@code lock} guards which slabs are open, their fill, and the lists of
 * members. A slab's bytes never change while anybody has a pin on it, and it is freed by whoever takes the last pin off
 * a leaving slab.
 *
 * <p>[1] Yang, Yue, Vinayak: Segcache, NSDI 2021.
 */
final class Slabs {
    private static final int ALIGNMENT = 8;

    /** Slabs being filled: of new files, and of those that proved to be used again. */
    private static final int FRESH = 0;

    private static final int KEPT = 1;

    private final Tier tier;
    private final Geometry geometry;
    private final FileTable files;
    private final BlockTable blocks;
    private final EvictionQueues queues;
    private final OpenFile file;

    /** One file on its way to the next tier; of the evictor's thread. */
    private final MemorySegment demotion;

    private final ReentrantLock lock = new ReentrantLock();
    private final BitSet numbers = new BitSet();
    private final int[] open = new int[2];
    private final int[] fill = new int[2];

    /**
     * Space for one slab that is reserved as long as there are slabs: eviction in a full tier could not rewrite what is
     * worth keeping otherwise. The first slab freed after it was used replaces it.
     */
    private boolean spare;

    private long generation;
    private int members;
    private boolean closed;

    Slabs(Tier tier, int slabsMax) {
        this.tier = tier;
        this.geometry = tier.geometry();
        this.files = tier.files();
        this.blocks = tier.blocks();
        this.queues = tier.queues();
        this.demotion = Arena.ofAuto().allocate(BlockCache.SUB_RANGE, 64);
        long bytes = (long) slabsMax * geometry.blockBytes();
        int fd = tier.directory().openFile(TierDirectory.SLABS, true);
        int result = fd < 0 ? fd : Libc.ftruncate(fd, bytes);
        if (result < 0) {
            throw new CacheException("cannot open " + TierDirectory.SLABS + " in tier "
                    + tier.directory().path() + ": " + Errno.ofResult(result).text());
        }
        this.file = new OpenFile(0, fd, bytes);
    }

    boolean isFile(OpenFile open) {
        return open == file;
    }

    int fd() {
        return file.fd;
    }

    /** A pin on a small file; under its stripe's lock. */
    Pin pin(Stripe stripe, int member, CacheKey key, long position, int length) {
        int slab = files.slab(member);
        file.enter();
        blocks.addPins(slab, 1);
        queues.touchSlab(slab);
        touch(member);
        Pin pin = stripe.takePin();
        pin.set(tier, file, key, member, slab);
        pin.range(geometry, start(slab) + files.offset(member), position, length, Geometry.SUB_SHIFT);
        pin.crc(0, files.crc(member));
        return pin;
    }

    private void touch(int member) {
        int now = queues.tick();
        if (now - files.touchedAt(member) > 0) {
            setUses(member, Math.min(EvictionQueues.USES_MAX, uses(member) + 1));
        }
        files.touchedAt(member, now);
    }

    int uses(int member) {
        return files.flags(member) >> FileTable.USES_SHIFT;
    }

    private void setUses(int member, int uses) {
        int rest = files.flags(member) & ((1 << FileTable.USES_SHIFT) - 1);
        files.flags(member, rest | uses << FileTable.USES_SHIFT);
    }

    private long start(int slab) {
        return (long) blocks.index(slab) * geometry.blockBytes();
    }

    /** A pin leaves; the slab to {@link #free} when no lock is held, or 0. */
    int unpin(int slab) {
        file.leave();
        return unpinSlab(slab);
    }

    private int unpinSlab(int slab) {
        return blocks.addPins(slab, -1) == 0 && blocks.state(slab) == BlockTable.LEAVING ? slab : 0;
    }

    /** Adds a whole small file. False if there was no room. */
    boolean put(CacheKey key, long hash, MemorySegment from, long fromOffset, boolean mayEvict) {
        if (tier.present(key, hash, 0) != 0) {
            return true;
        }
        boolean known = queues.recall(Hash.block(key, 0)) == EvictionQueues.MAIN;
        int crc = Scratch.get().crc(from, fromOffset, (int) key.size());
        return write(key, hash, from, fromOffset, crc, known ? KEPT : FRESH, known ? 1 : 0, mayEvict);
    }

    private boolean write(
            CacheKey key, long hash, MemorySegment from, long fromOffset, int crc, int kind, int uses, boolean evict) {
        int size = (int) key.size();
        long place = append(kind, size, evict);
        if (place < 0) {
            return false;
        }
        int slab = (int) (place >>> 32);
        int offset = (int) place;
        boolean written = Scratch.writeFully(file.fd, from, fromOffset, size, start(slab) + offset);
        boolean added = written && insert(key, hash, slab, offset, crc, uses);
        free(unpinSlab(slab));
        if (written && !added && evict) {
            tier.evictor().relieveIndex();
        }
        return added;
    }

    /** Room for a file in an open slab, which is pinned: slab and offset; -1 if there is none. */
    private long append(int kind, int size, boolean mayEvict) {
        int bytes = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        long place = append(kind, bytes, 0);
        if (place < 0 && takeSpace(kind, mayEvict)) {
            place = append(kind, bytes, geometry.blockBytes());
        }
        return place;
    }

    /** Room in the open slab or, with the space reserved for it, in a new one; the space is released if not needed. */
    private long append(int kind, int bytes, int reserved) {
        int space = reserved;
        int empty = 0;
        lock.lock();
        try {
            if (space != 0 && !fits(kind, bytes)) {
                empty = replace(kind);
                space = 0;
            }
            if (!fits(kind, bytes)) {
                return -1;
            }
            int offset = fill[kind];
            fill[kind] += bytes;
            blocks.addPins(open[kind], 1);
            return (long) open[kind] << 32 | offset;
        } finally {
            lock.unlock();
            free(empty);
            tier.evictor().release(space);
        }
    }

    private boolean fits(int kind, int bytes) {
        return open[kind] != 0 && fill[kind] + bytes <= geometry.blockBytes();
    }

    /** Reserves the space of a slab; what must be kept while slabs are evicted may use the spare one. */
    private boolean takeSpace(int kind, boolean mayEvict) {
        if (tier.evictor().reserve(geometry.blockBytes(), mayEvict)) {
            if (kind == FRESH && !hasSpare() && tier.evictor().reserve(geometry.blockBytes(), false)) {
                tier.evictor().release(keepSpare() ? 0 : geometry.blockBytes());
            }
            return true;
        }
        lock.lock();
        try {
            boolean had = kind == KEPT && spare;
            spare &= !had;
            return had;
        } finally {
            lock.unlock();
        }
    }

    /** Whether space for a slab lies ready. */
    boolean hasSpare() {
        lock.lock();
        try {
            return spare;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps reserved space as the spare; false if there is one already. */
    private boolean keepSpare() {
        lock.lock();
        try {
            boolean kept = !spare;
            spare = true;
            return kept;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Closes the open slab and opens a new one, whose space is reserved; releases the space if the index is full. An
     * empty slab to free, or 0.
     */
    private int replace(int kind) {
        int empty = retire(kind);
        int slab = blocks.allocate();
        open[kind] = slab;
        fill[kind] = 0;
        if (slab == 0) {
            tier.evictor().release(geometry.blockBytes());
        } else {
            int number = numbers.nextClearBit(0);
            numbers.set(number);
            blocks.identity(slab, BlockTable.SLAB, number, ++generation, 0);
            blocks.state(slab, BlockTable.OPEN);
            blocks.seal(slab);
        }
        return empty;
    }

    /** Closes an open slab, so that it can be evicted; an empty one to free, or 0. */
    private int retire(int kind) {
        int full = open[kind];
        open[kind] = 0;
        if (full == 0) {
            return 0;
        }
        blocks.state(full, 0);
        if (blocks.memberCount(full) == 0) {
            blocks.state(full, BlockTable.LEAVING);
            return full;
        }
        queues.enterSlab(full, kind == FRESH ? EvictionQueues.SMALL : EvictionQueues.MAIN, geometry.blockBytes());
        return 0;
    }

    /** Closes the open slabs, full or not: the index needs records more than they need files. */
    void retireOpen() {
        int fresh;
        int kept;
        lock.lock();
        try {
            fresh = retire(FRESH);
            kept = retire(KEPT);
        } finally {
            lock.unlock();
        }
        free(fresh);
        free(kept);
    }

    private boolean insert(CacheKey key, long hash, int slab, int offset, int crc, int uses) {
        Stripe stripe = tier.stripe(hash);
        stripe.lock.lock();
        try {
            if (files.find(key, hash) != 0) {
                return true;
            }
            int member = files.allocate();
            if (member == 0) {
                return false;
            }
            files.key(member, key);
            files.flags(member, FileTable.SMALL);
            files.crc(member, crc);
            files.offset(member, offset);
            files.slab(member, slab);
            files.touchedAt(member, queues.tick());
            setUses(member, uses);
            if (!join(member, slab)) {
                files.free(member);
                return false;
            }
            files.seal(member, blocks.generation(slab));
            files.link(member, hash);
            return true;
        } finally {
            stripe.lock.unlock();
        }
    }

    /** Makes a file a member of its slab; false if the slab is leaving. Under the file's stripe. */
    boolean join(int member, int slab) {
        lock.lock();
        try {
            if (blocks.state(slab) == BlockTable.LEAVING) {
                return false;
            }
            int first = blocks.members(slab);
            files.slabNext(member, first);
            files.slabPrev(member, 0);
            if (first != 0) {
                files.slabPrev(first, member);
            }
            blocks.members(slab, member);
            blocks.memberCount(slab, blocks.memberCount(slab) + 1);
            members++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a small file out of the index; its slab, if that is to be {@linkplain #free freed} now, or 0. Under the
     * stripe's lock.
     */
    int remove(int member, long hash) {
        int slab = files.slab(member);
        files.unseal(member);
        files.unlink(member, hash);
        lock.lock();
        try {
            int next = files.slabNext(member);
            int previous = files.slabPrev(member);
            if (previous == 0) {
                blocks.members(slab, next);
            } else {
                files.slabNext(previous, next);
            }
            if (next != 0) {
                files.slabPrev(next, previous);
            }
            int left = blocks.memberCount(slab) - 1;
            blocks.memberCount(slab, left);
            members--;
            files.free(member);
            if (left == 0 && blocks.state(slab) == 0 && queues.leave(slab)) {
                blocks.state(slab, BlockTable.LEAVING);
                return slab;
            }
            return 0;
        } finally {
            lock.unlock();
        }
    }

    /** Frees a leaving slab unless it is pinned: then its last pin frees it. Without locks; 0 is nothing to free. */
    boolean free(int slab) {
        if (slab == 0) {
            return false;
        }
        int number;
        lock.lock();
        try {
            if (closed || !isLeaving(slab) || !blocks.casPins(slab, 0, Integer.MIN_VALUE)) {
                return false;
            }
            number = blocks.index(slab);
            blocks.unseal(slab);
        } finally {
            lock.unlock();
        }
        TierDirectory.punch(file.fd, (long) number * geometry.blockBytes(), geometry.blockBytes());
        int space = geometry.blockBytes();
        lock.lock();
        try {
            numbers.clear(number);
            blocks.free(slab);
            if (numbers.isEmpty()) {
                space += spare ? geometry.blockBytes() : 0;
                spare = false;
            } else if (!spare) {
                spare = true;
                space = 0;
            }
        } finally {
            lock.unlock();
        }
        tier.evictor().release(space);
        return true;
    }

    /** The record may have been freed and used again since the caller saw it leaving. */
    private boolean isLeaving(int slab) {
        return blocks.addPins(slab, 0) == 0
                && blocks.file(slab) == BlockTable.SLAB
                && blocks.state(slab) == BlockTable.LEAVING;
    }

    /** Evicts a taken slab. False if somebody still reads it: its space comes with the last pin. */
    boolean evict(int slab, @Nullable Tier demoteTo) {
        while (true) {
            CacheKey key = firstMember(slab);
            if (key == null) {
                return free(slab);
            }
            evictMember(slab, key, demoteTo);
        }
    }

    /** A member's key; if there is none the slab is leaving. */
    private @Nullable CacheKey firstMember(int slab) {
        lock.lock();
        try {
            int member = blocks.members(slab);
            if (member != 0) {
                return files.key(member);
            }
            blocks.state(slab, BlockTable.LEAVING);
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void evictMember(int slab, CacheKey key, @Nullable Tier demoteTo) {
        long hash = Hash.file(key);
        int move = tier.moves().begin(hash);
        try {
            evictMember(slab, key, hash, demoteTo);
        } finally {
            tier.moves().end(hash, move);
        }
    }

    private void evictMember(int slab, CacheKey key, long hash, @Nullable Tier demoteTo) {
        Stripe stripe = tier.stripe(hash);
        int offset;
        int crc;
        int uses;
        stripe.lock.lock();
        try {
            int member = files.find(key, hash);
            if (member == 0 || !files.has(member, FileTable.SMALL) || files.slab(member) != slab) {
                return;
            }
            offset = files.offset(member);
            crc = files.crc(member);
            uses = uses(member);
            remove(member, hash);
        } finally {
            stripe.lock.unlock();
        }
        int size = (int) key.size();
        if (uses == 0) {
            queues.remember(Hash.block(key, 0), blocks.clock(slab));
        }
        if (uses == 0 && demoteTo == null) {
            return;
        }
        Scratch scratch = Scratch.get();
        MemorySegment bytes = demoteTo == null ? scratch.buffer() : demotion;
        if (!Scratch.readFully(file.fd, bytes, 0, size, start(slab) + offset) || scratch.crc(bytes, 0, size) != crc) {
            return;
        }
        if (uses > 0 && write(key, hash, bytes, 0, crc, KEPT, uses - 1, false)) {
            return;
        }
        if (demoteTo != null && demoteTo.put(key, hash, 0, bytes, 0, size, true)) {
            tier.counters().demoted.add(size);
        }
    }

    // Recovery and figures.

    /** A slab that an earlier process filled. Its number must not be taken yet. */
    boolean recover(int slab) {
        int number = blocks.index(slab);
        if (numbers.get(number)) {
            return false;
        }
        numbers.set(number);
        generation = Math.max(generation, blocks.generation(slab));
        return true;
    }

    /** The first number from this on that no slab has. */
    int freeNumber(int from) {
        lock.lock();
        try {
            return numbers.nextClearBit(from);
        } finally {
            lock.unlock();
        }
    }

    int count() {
        lock.lock();
        try {
            return numbers.cardinality();
        } finally {
            lock.unlock();
        }
    }

    int smallFiles() {
        lock.lock();
        try {
            return members;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            file.leave();
            if (file.retire()) {
                file.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
