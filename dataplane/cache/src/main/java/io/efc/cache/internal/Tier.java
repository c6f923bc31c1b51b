package io.efc.cache.internal;

import io.efc.base.Ticker;
import io.efc.cache.BlockCache;
import io.efc.cache.CacheConfig;
import io.efc.cache.CacheKey;
import io.efc.cache.CacheUsage;
import io.efc.cache.Medium;
import io.efc.cache.TierConfig;
import io.efc.cache.WholeFile;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The blocks in one directory: large files each in a sparse tier file, small ones in {@link Slabs}, indexed off-heap,
 * evicted by {@link Evictor}.
 *
 * <p>Lock order: a stripe, then the slabs' lock, then the tier's lock, then the open files' lock; never two stripes.
 * File data is read, written and punched under none of them: what is being read has a pin, what is being written or
 * evicted is marked busy. A stripe's lock is held for an open(2) and close(2) when a file is used for the first time in
 * a while, otherwise for lookups only.
 */
final class Tier {
    private static final long CLOSE_POLL_NANOS = 100_000;

    private final Medium medium;
    private final Geometry geometry;
    private final TierDirectory directory;
    private final FileTable files;
    private final BlockTable blocks;
    private final EvictionQueues queues;
    private final OpenFiles openFiles;
    private final Evictor evictor;
    private final Slabs slabs;
    private final Counters counters;
    private final Moves moves;
    private final Stripe[] stripes = new Stripe[Records.STRIPES];
    private final AtomicLong sequences = new AtomicLong();
    private final AtomicLong held = new AtomicLong();

    /** Puts under way; far below 0 once the tier closes. */
    private final AtomicLong active = new AtomicLong();

    private final long heldMax;
    private final int smallFileBytes;
    private final Removal removal;
    private volatile boolean closed;

    /** {@code directory} is the caller's to close should this throw, the tier's otherwise. */
    Tier(TierDirectory directory, CacheConfig config, TierConfig tier, Counters counters, Moves moves, Ticker ticker) {
        this.medium = tier.medium();
        this.geometry = new Geometry(config.blockBytes());
        this.counters = counters;
        this.moves = moves;
        this.smallFileBytes = config.smallFileBytes();
        this.directory = directory;
        long quota = tier.quota().bytes();
        this.heldMax = (long) (quota * config.heldShare());
        ReentrantLock tierLock = new ReentrantLock();
        int blocksMax = (int) Math.min(1 << 28, quota / BlockCache.SUB_RANGE);
        int filesMax = (int) Math.min(1 << 28, quota / 512);
        this.files = new FileTable(
                Region.file(
                        directory.fd(),
                        TierDirectory.FILES_INDEX,
                        Records.regionBytes(FileTable.RECORD_BYTES, filesMax)),
                filesMax,
                tierLock);
        this.blocks = new BlockTable(
                Region.file(
                        directory.fd(),
                        TierDirectory.BLOCKS_INDEX,
                        Records.regionBytes(BlockTable.recordBytes(config.blockBytes()), blocksMax)),
                config.blockBytes(),
                blocksMax,
                tierLock);
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = new Stripe();
        }
        this.queues = new EvictionQueues(blocks, quota, tier.low(), tierLock, ticker);
        this.openFiles = new OpenFiles(directory, files, config.openFilesMax());
        this.evictor = new Evictor(this, tier);
        this.slabs = new Slabs(this, (int) (quota / config.blockBytes()));
        this.removal = new Removal(this);
        Recovery recovery = new Recovery(this);
        recovery.run();
        sequences.set(recovery.sequenceMax());
    }

    /** Starts the background work; what is evicted goes to {@code slower}, or nowhere. */
    void start(@Nullable Tier slower) {
        evictor.start(slower);
    }

    // Parts, for the classes that share the work.

    Medium medium() {
        return medium;
    }

    Geometry geometry() {
        return geometry;
    }

    TierDirectory directory() {
        return directory;
    }

    FileTable files() {
        return files;
    }

    BlockTable blocks() {
        return blocks;
    }

    EvictionQueues queues() {
        return queues;
    }

    OpenFiles openFiles() {
        return openFiles;
    }

    Evictor evictor() {
        return evictor;
    }

    Slabs slabs() {
        return slabs;
    }

    Removal removal() {
        return removal;
    }

    Counters counters() {
        return counters;
    }

    Moves moves() {
        return moves;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isSmall(CacheKey key) {
        return key.size() <= smallFileBytes;
    }

    Stripe stripe(long hash) {
        return stripes[stripeIndex(hash)];
    }

    Stripe stripeAt(int index) {
        return stripes[index];
    }

    static int stripeIndex(long hash) {
        return (int) hash & (Records.STRIPES - 1);
    }

    // Lookups.

    /** A pin if all of the range, not empty, is here. */
    @Nullable
    Pin pin(CacheKey key, long hash, long position, int length) {
        Stripe stripe = stripe(hash);
        stripe.lock.lock();
        try {
            int file = closed ? 0 : files.find(key, hash);
            if (file == 0) {
                return null;
            }
            return files.has(file, FileTable.SMALL)
                    ? slabs.pin(stripe, file, key, position, length)
                    : pinBlock(stripe, file, key, hash, position, length);
        } finally {
            stripe.lock.unlock();
        }
    }

    private @Nullable Pin pinBlock(Stripe stripe, int file, CacheKey key, long hash, long position, int length) {
        long mask = geometry.mask(position, length);
        int block = blocks.find(file, geometry.index(position), stripeIndex(hash));
        if (block == 0 || (blocks.present(block) & mask) != mask) {
            return null;
        }
        OpenFile open = openFiles.enter(file);
        if (open == null) {
            return null;
        }
        blocks.addPins(block, 1);
        queues.touch(block, mask);
        Pin pin = stripe.takePin();
        pin.set(this, open, key, file, block);
        pin.range(geometry, 0, position, length, Geometry.PIECE_SHIFT);
        int first = pin.firstSubRange() * Geometry.PIECES;
        for (int i = 0; i < pin.subRanges() * Geometry.PIECES; i++) {
            pin.crc(i, blocks.crc(block, first + i));
        }
        return pin;
    }

    void unpin(Pin pin) {
        OpenFile open = pin.open();
        long hash = Hash.file(pin.key());
        Stripe stripe = stripe(hash);
        Garbage garbage = null;
        int emptySlab = 0;
        stripe.lock.lock();
        try {
            if (closed) {
                leaveClosed(open);
            } else if (slabs.isFile(open)) {
                emptySlab = slabs.unpin(pin.block());
            } else {
                blocks.addPins(pin.block(), -1);
                garbage = removal.leave(pin.file(), open);
            }
            pin.clear();
            stripe.recycle(pin);
        } finally {
            stripe.lock.unlock();
        }
        removal.dispose(garbage);
        slabs.free(emptySlab);
    }

    /** Sub-ranges of a block that are present. */
    long present(CacheKey key, long hash, int index) {
        Stripe stripe = stripe(hash);
        stripe.lock.lock();
        try {
            int file = closed ? 0 : files.find(key, hash);
            if (file == 0) {
                return 0;
            }
            if (files.has(file, FileTable.SMALL)) {
                return index == 0 ? 1 : 0;
            }
            int block = blocks.find(file, index, stripeIndex(hash));
            return block == 0 ? 0 : blocks.present(block);
        } finally {
            stripe.lock.unlock();
        }
    }

    /** How often a block was used again; 0 if it is not here. */
    int uses(CacheKey key, long hash, int index) {
        Stripe stripe = stripe(hash);
        stripe.lock.lock();
        try {
            int file = closed ? 0 : files.find(key, hash);
            if (file == 0) {
                return 0;
            }
            if (files.has(file, FileTable.SMALL)) {
                return slabs.uses(file);
            }
            int block = blocks.find(file, index, stripeIndex(hash));
            return block == 0 ? 0 : blocks.uses(block);
        } finally {
            stripe.lock.unlock();
        }
    }

    // Filling.

    /**
     * Adds whole sub-ranges of one block. {@code mayEvict}: room may be made by evicting, else only free room is taken.
     *
     * @return whether all of it is here now
     */
    boolean put(
            CacheKey key, long hash, long position, MemorySegment from, long fromOffset, int length, boolean mayEvict) {
        if (active.incrementAndGet() <= 0) {
            active.decrementAndGet();
            return false;
        }
        try {
            return isSmall(key)
                    ? slabs.put(key, hash, from, fromOffset, mayEvict)
                    : putBlock(key, hash, position, from, fromOffset, length, mayEvict);
        } finally {
            active.decrementAndGet();
        }
    }

    private boolean putBlock(
            CacheKey key, long hash, long position, MemorySegment from, long fromOffset, int length, boolean mayEvict) {
        long mask = geometry.mask(position, length);
        int index = geometry.index(position);
        int space = geometry.spaceOf(mask, key.size(), index);
        if ((present(key, hash, index) & mask) == mask) {
            return true;
        }
        return evictor.reserve(space, mayEvict)
                && new Filling(this, key, hash, index, mask).run(space, from, fromOffset - position);
    }

    /** A new record for a large file, linked and sealed; 0 if the index is full. Under the stripe's lock. */
    int createFile(CacheKey key, long hash) {
        int file = files.allocate();
        if (file != 0) {
            files.key(file, key);
            files.flags(file, FileTable.LARGE);
            files.sequence(file, sequences.incrementAndGet());
            files.seal(file, 0);
            files.link(file, hash);
        }
        return file;
    }

    /** A new record for a block, linked; 0 if the index is full. Under the stripe's lock. */
    int createBlock(int file, int index, int stripe) {
        int block = blocks.allocate();
        if (block != 0) {
            blocks.identity(block, file, index, files.sequence(file), stripe);
            linkBlock(block);
        }
        return block;
    }

    /** Puts a block into its chain and its file's list. */
    void linkBlock(int block) {
        int file = blocks.file(block);
        blocks.link(block, BlockTable.hash(file, blocks.index(block), blocks.stripe(block)));
        int first = files.firstBlock(file);
        blocks.fileNext(block, first);
        if (first != 0) {
            blocks.filePrev(first, block);
        }
        files.firstBlock(file, block);
        files.blocks(file, files.blocks(file) + 1);
    }

    /** Changes which sub-ranges are valid, and what follows from it. Under the stripe's lock. */
    void present(int block, long mask) {
        int file = blocks.file(block);
        long full = geometry.fullMask(files.size(file), blocks.index(block));
        boolean was = blocks.present(block) == full;
        blocks.present(block, mask);
        if (was != (mask == full)) {
            files.complete(file, files.complete(file) + (was ? -1 : 1));
        }
        if (was) {
            files.unset(file, FileTable.VERIFIED);
        }
        blocks.seal(block);
    }

    // Whole files.

    /** The content's tier file, verified and kept from eviction; null if it is not all here or may not be held. */
    @Nullable
    WholeFile whole(CacheKey key, long hash) {
        Stripe stripe = stripe(hash);
        int file;
        OpenFile open;
        stripe.lock.lock();
        try {
            file = closed ? 0 : files.find(key, hash);
            if (file == 0 || files.has(file, FileTable.SMALL) || files.complete(file) != geometry.blocks(key.size())) {
                return null;
            }
            open = openFiles.enter(file);
            if (open == null) {
                return null;
            }
            if (open.holds == 0 && held.addAndGet(key.size()) > heldMax) {
                held.addAndGet(-key.size());
                open.leave();
                return null;
            }
            open.holds++;
            files.set(file, FileTable.HELD);
        } finally {
            stripe.lock.unlock();
        }
        Hold hold = new Hold(this, key, file, open);
        if (hold.open()) {
            return hold;
        }
        hold.close();
        return null;
    }

    void release(CacheKey key, int file, OpenFile open) {
        Stripe stripe = stripe(Hash.file(key));
        Garbage garbage = null;
        stripe.lock.lock();
        try {
            if (--open.holds == 0) {
                held.addAndGet(-key.size());
                if (!closed) {
                    files.unset(file, FileTable.HELD);
                }
            }
            if (closed) {
                leaveClosed(open);
            } else {
                garbage = removal.leave(file, open);
            }
        } finally {
            stripe.lock.unlock();
        }
        removal.dispose(garbage);
    }

    // The end.

    private static void leaveClosed(OpenFile open) {
        if (open.leave() == 0 && open.retire()) {
            open.close();
        }
    }

    CacheUsage.Tier usage() {
        int slabCount = slabs.count();
        int small = slabs.smallFiles();
        return new CacheUsage.Tier(
                medium,
                evictor.used(),
                evictor.quota(),
                held.get(),
                files.indexBytes() + blocks.indexBytes(),
                blocks.count() - slabCount,
                slabCount,
                files.count() - small,
                small,
                evictor.evictedBytes());
    }

    /** What is pinned keeps its descriptor until it is unpinned; everything else goes. */
    void close() {
        evictor.stop();
        active.addAndGet(Long.MIN_VALUE / 2);
        while (active.get() != Long.MIN_VALUE / 2) {
            LockSupport.parkNanos(CLOSE_POLL_NANOS);
        }
        closed = true;
        for (Stripe stripe : stripes) {
            stripe.lock.lock();
        }
        try {
            openFiles.close();
            slabs.close();
            queues.close();
            files.close();
            blocks.close();
            directory.close();
        } finally {
            for (Stripe stripe : stripes) {
                stripe.lock.unlock();
            }
        }
    }
}
