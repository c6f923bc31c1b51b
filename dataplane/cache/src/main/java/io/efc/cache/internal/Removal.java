package io.efc.cache.internal;

import io.efc.base.Check;
import io.efc.cache.CacheKey;
import org.jspecify.annotations.Nullable;

/**
 * How files and blocks leave a tier's index, other than by eviction: because they are bad, invalid, or of no use any
 * more.
 *
 * <p>A large file is marked dead and unlinked from its chain, so that nobody finds it any more; its blocks and its tier
 * file go when its last user leaves. A block that an evicting thread has taken is that thread's to free.
 */
final class Removal {
    private final Tier tier;
    private final Geometry geometry;
    private final FileTable files;
    private final BlockTable blocks;
    private final EvictionQueues queues;
    private final OpenFiles openFiles;
    private final Evictor evictor;
    private final Slabs slabs;

    Removal(Tier tier) {
        this.tier = tier;
        this.geometry = tier.geometry();
        this.files = tier.files();
        this.blocks = tier.blocks();
        this.queues = tier.queues();
        this.openFiles = tier.openFiles();
        this.evictor = tier.evictor();
        this.slabs = tier.slabs();
    }

    /** Drops bad sub-ranges of a pinned block, or a bad small file. */
    void dropBad(CacheKey key, int file, int block, long bad) {
        tier.counters().corrupted.add(Long.bitCount(bad));
        long hash = Hash.file(key);
        Stripe stripe = tier.stripe(hash);
        int emptySlab = 0;
        stripe.lock.lock();
        try {
            if (tier.isClosed()) {
                return;
            }
            if (tier.isSmall(key)) {
                int now = files.find(key, hash);
                if (now != 0 && files.has(now, FileTable.SMALL) && files.slab(now) == block) {
                    emptySlab = slabs.remove(now, hash);
                }
            } else if ((blocks.present(block) & bad) != 0) {
                Check.state(blocks.file(block) == file, "pinned block %d is not file %d's", block, file);
                tier.present(block, blocks.present(block) & ~bad);
            }
        } finally {
            stripe.lock.unlock();
        }
        slabs.free(emptySlab);
    }

    /** Drops all versions of a file but one: {@code keep} is null to drop all. */
    void invalidate(long dataset, long fileHi, long fileLo, @Nullable CacheKey keep) {
        long hash = Hash.file(dataset, fileHi, fileLo);
        Stripe stripe = tier.stripe(hash);
        while (true) {
            Garbage garbage = null;
            int emptySlab = 0;
            stripe.lock.lock();
            try {
                int file = tier.isClosed() ? 0 : files.head(hash);
                while (file != 0 && (!files.isFile(file, dataset, fileHi, fileLo) || isKept(file, keep))) {
                    file = files.next(file);
                }
                if (file == 0) {
                    return;
                }
                if (files.has(file, FileTable.SMALL)) {
                    emptySlab = slabs.remove(file, hash);
                } else {
                    garbage = kill(file, hash);
                }
            } finally {
                stripe.lock.unlock();
            }
            dispose(garbage);
            slabs.free(emptySlab);
        }
    }

    private boolean isKept(int file, @Nullable CacheKey keep) {
        return keep != null && files.version(file) == keep.version() && files.size(file) == keep.size();
    }

    /** Drops a block, or a small file, that a faster tier has now, unless it is in use. */
    void forget(CacheKey key, long hash, int index) {
        Stripe stripe = tier.stripe(hash);
        int emptySlab = 0;
        int taken = 0;
        stripe.lock.lock();
        try {
            int file = tier.isClosed() ? 0 : files.find(key, hash);
            if (file == 0) {
                return;
            }
            if (files.has(file, FileTable.SMALL)) {
                emptySlab = slabs.remove(file, hash);
            } else {
                int block = blocks.find(file, index, Tier.stripeIndex(hash));
                taken = block != 0 && queues.take(block) ? block : 0;
            }
        } finally {
            stripe.lock.unlock();
        }
        slabs.free(emptySlab);
        if (taken != 0) {
            evictor.drop(taken);
        }
    }

    /** Takes a large file out of the index; its blocks go at once or with its last user. Under the stripe's lock. */
    @Nullable
    Garbage kill(int file, long hash) {
        files.unseal(file);
        files.unlink(file, hash);
        files.set(file, FileTable.DEAD);
        OpenFile open = openFiles.peek(file, files.sequence(file));
        return open != null && open.isUsed() ? null : reap(file);
    }

    /** A user of a file leaves. Under the stripe's lock. */
    @Nullable
    Garbage leave(int file, OpenFile open) {
        return open.leave() == 0 && files.has(file, FileTable.DEAD) ? reap(file) : null;
    }

    /** Frees a dead file that has no users, except blocks that evicting threads have taken. Under the stripe's lock. */
    private @Nullable Garbage reap(int file) {
        long bytes = 0;
        for (int block = files.firstBlock(file); block != 0; ) {
            int next = blocks.fileNext(block);
            if (queues.leave(block)) {
                bytes += removeBlock(block);
            }
            block = next;
        }
        if (files.blocks(file) != 0) {
            return new Garbage(null, 0, bytes);
        }
        long sequence = files.sequence(file);
        OpenFile open = openFiles.peek(file, sequence);
        OpenFile retired = open != null && open.retire() ? open : null;
        if (retired != null) {
            openFiles.forget(file, retired);
        }
        files.free(file);
        return new Garbage(retired, sequence, bytes);
    }

    /** Without locks. */
    void dispose(@Nullable Garbage garbage) {
        if (garbage == null) {
            return;
        }
        if (garbage.sequence() != 0) {
            tier.directory().unlink(TierDirectory.name(garbage.sequence()));
        }
        OpenFile open = garbage.open();
        if (open != null) {
            open.close();
        }
        evictor.release(garbage.bytes());
    }

    /** Takes a block, which is in no queue and has no users, out of the index; its space. Under the stripe's lock. */
    int removeBlock(int block) {
        int file = blocks.file(block);
        int index = blocks.index(block);
        int space = geometry.spaceOf(blocks.allocated(block), files.size(file), index);
        blocks.unseal(block);
        blocks.unlink(block, BlockTable.hash(file, index, blocks.stripe(block)));
        int next = blocks.fileNext(block);
        int previous = blocks.filePrev(block);
        if (previous == 0) {
            files.firstBlock(file, next);
        } else {
            blocks.fileNext(previous, next);
        }
        if (next != 0) {
            blocks.filePrev(next, previous);
        }
        files.blocks(file, files.blocks(file) - 1);
        blocks.free(block);
        return space;
    }
}
