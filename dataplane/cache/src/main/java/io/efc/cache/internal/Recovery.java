package io.efc.cache.internal;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.efc.base.Libc;
import io.efc.cache.BlockCache;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Set;

/**
 * Takes over what an earlier process left in a tier's directory, whether it was closed or killed. A record is believed
 * if its check proves it, and then as much as it says: contents, blocks of contents that were believed, slabs and their
 * members. All links, queues and counts are rebuilt. Space that no believed record names is given back: files are
 * removed, holes punched. What is in the blocks is proved by their checksums when it is read.
 *
 * <p>Run once, before the tier is used, by the thread that opens it.
 */
final class Recovery {
    private static final Logger LOG = System.getLogger(Recovery.class.getName());

    /** The header in slot 0 of both tables: "EFCcache", the format's number and the block size. */
    private static final long MAGIC = 0x4546436361636865L;

    private static final long FORMAT = 2;

    /** LOCK_EX | LOCK_NB, released by closing the descriptor. */
    private static final int LOCK_EX_NB = 6;

    private final Tier tier;
    private final Geometry geometry;
    private final FileTable files;
    private final BlockTable blocks;
    private final Slabs slabs;
    private final Set<Long> known = new HashSet<>();
    private long sequenceMax;

    Recovery(Tier tier) {
        this.tier = tier;
        this.geometry = tier.geometry();
        this.files = tier.files();
        this.blocks = tier.blocks();
        this.slabs = tier.slabs();
    }

    /** The largest name of a tier file so far. */
    long sequenceMax() {
        return sequenceMax;
    }

    void run() {
        if (!hasHeader(files) || !hasHeader(blocks)) {
            startEmpty();
        } else {
            int fileSlots = files.persistedLimit();
            int blockSlots = blocks.persistedLimit();
            files.recoverLimit(fileSlots);
            blocks.recoverLimit(blockSlots);
            boolean[] kept = recoverFiles(fileSlots);
            boolean[] keptBlocks = recoverBlocks(blockSlots, kept);
            recoverMembers(fileSlots, kept, keptBlocks);
            sweep(fileSlots, blockSlots, kept, keptBlocks);
        }
        removeUnknownFiles();
        punchUnknownSlabs();
        tier.evictor().shrink();
        LOG.log(
                Level.DEBUG,
                "tier {0} starts with {1} bytes",
                tier.directory().path(),
                tier.evictor().used());
    }

    private boolean hasHeader(Records table) {
        return table.region().ensured() >= table.recordBytes
                && table.memory.get(JAVA_LONG, 0) == MAGIC
                && table.memory.get(JAVA_LONG, 8) == FORMAT
                && table.memory.get(JAVA_LONG, 16) == geometry.blockBytes();
    }

    private void startEmpty() {
        for (Records table : new Records[] {files, blocks}) {
            table.reset();
            table.memory.set(JAVA_LONG, 0, MAGIC);
            table.memory.set(JAVA_LONG, 8, FORMAT);
            table.memory.set(JAVA_LONG, 16, geometry.blockBytes());
        }
    }

    /** Believes large files; their tier files must be there with the right size. */
    private boolean[] recoverFiles(int slots) {
        boolean[] kept = new boolean[slots];
        for (int file = 1; file < slots; file++) {
            files.flags(file, files.flags(file) & (FileTable.LARGE | FileTable.SMALL));
            if (files.flags(file) != FileTable.LARGE || !files.isSealed(file, 0)) {
                continue;
            }
            long sequence = files.sequence(file);
            long hash = files.hash(file);
            sequenceMax = Math.max(sequenceMax, sequence);
            if (files.find(files.key(file), hash) == 0 && sizeOf(sequence) == files.size(file) && known.add(sequence)) {
                files.firstBlock(file, 0);
                files.openIndex(file, 0);
                files.complete(file, 0);
                files.blocks(file, 0);
                files.link(file, hash);
                kept[file] = true;
            }
        }
        return kept;
    }

    /**
     * -1 if the file cannot be had, or somebody holds a lock (flock(2)) on it: a process that was given its descriptor by the cache's earlier life
     * still reads it, so none of its blocks may be evicted. Such a file is left to that process and forgotten here.
     */
    private long sizeOf(long sequence) {
        int fd = tier.directory().openFile(TierDirectory.name(sequence), false);
        if (fd < 0) {
            return -1;
        }
        boolean free = Libc.flock(fd, LOCK_EX_NB) == 0;
        long size = free ? Libc.lseek(fd, 0, Libc.SEEK_END) : -1;
        Libc.close(fd);
        return size;
    }

    private boolean[] recoverBlocks(int slots, boolean[] keptFiles) {
        boolean[] kept = new boolean[slots];
        for (int block = 1; block < slots; block++) {
            if (!blocks.isSealed(block)) {
                continue;
            }
            if (blocks.file(block) == BlockTable.SLAB) {
                kept[block] = slabs.recover(block);
                if (kept[block]) {
                    forget(block);
                    blocks.members(block, 0);
                    blocks.memberCount(block, 0);
                }
            } else if (isBelieved(block, keptFiles)) {
                int stripe = Tier.stripeIndex(files.hash(blocks.file(block)));
                long present = blocks.present(block);
                forget(block);
                blocks.identity(block, blocks.file(block), blocks.index(block), blocks.generation(block), stripe);
                blocks.fileNext(block, 0);
                blocks.filePrev(block, 0);
                blocks.allocated(block, present);
                tier.linkBlock(block);
                blocks.present(block, 0);
                tier.present(block, present);
                kept[block] = true;
            }
        }
        return kept;
    }

    private boolean isBelieved(int block, boolean[] keptFiles) {
        int file = blocks.file(block);
        if (file <= 0 || file >= keptFiles.length || !keptFiles[file]) {
            return false;
        }
        long full = geometry.fullMask(files.size(file), blocks.index(block));
        long present = blocks.present(block);
        return blocks.generation(block) == files.sequence(file)
                && present != 0
                && (present & ~full) == 0
                && blocks.find(file, blocks.index(block), Tier.stripeIndex(files.hash(file))) == 0;
    }

    /** Clears what only a running process knows of a block. */
    private void forget(int block) {
        blocks.busy(block, 0);
        blocks.touched(block, 0);
        blocks.queue(block, EvictionQueues.NONE);
        blocks.uses(block, 0);
        blocks.state(block, 0);
        blocks.addPins(block, -blocks.pins(block));
    }

    private void recoverMembers(int slots, boolean[] kept, boolean[] keptBlocks) {
        for (int file = 1; file < slots; file++) {
            if (files.flags(file) != FileTable.SMALL) {
                continue;
            }
            int slab = files.slab(file);
            boolean believed = slab > 0
                    && slab < keptBlocks.length
                    && keptBlocks[slab]
                    && blocks.file(slab) == BlockTable.SLAB
                    && files.isSealed(file, blocks.generation(slab))
                    && files.size(file) <= BlockCache.SUB_RANGE
                    && files.offset(file) >= 0
                    && files.offset(file) + files.size(file) <= geometry.blockBytes();
            long hash = files.hash(file);
            if (believed && files.find(files.key(file), hash) == 0) {
                files.touchedAt(file, tier.queues().tick());
                files.link(file, hash);
                slabs.join(file, slab);
                kept[file] = true;
            }
        }
    }

    /** Frees the records that were not kept, queues what was, and gives back the space that nothing names. */
    private void sweep(int fileSlots, int blockSlots, boolean[] kept, boolean[] keptBlocks) {
        for (int block = 1; block < blockSlots; block++) {
            if (keptBlocks[block] && blocks.file(block) == BlockTable.SLAB) {
                tier.evictor().recovered(geometry.blockBytes());
                if (blocks.memberCount(block) == 0) {
                    blocks.state(block, BlockTable.LEAVING);
                    slabs.free(block);
                } else {
                    tier.queues().enterSlab(block, EvictionQueues.SMALL, geometry.blockBytes());
                }
            } else if (keptBlocks[block]) {
                int file = blocks.file(block);
                int space = geometry.spaceOf(blocks.present(block), files.size(file), blocks.index(block));
                tier.evictor().recovered(space);
                tier.queues().enter(block, Hash.block(files.key(file), blocks.index(block)), space);
            } else {
                blocks.free(block);
            }
        }
        for (int file = 1; file < fileSlots; file++) {
            if (!kept[file]) {
                files.free(file);
            } else if (files.has(file, FileTable.LARGE)) {
                if (files.blocks(file) == 0) {
                    tier.removal().dispose(tier.removal().kill(file, files.hash(file)));
                } else {
                    punchUnknownBlocks(file);
                }
            }
        }
    }

    /** Punches every stretch of data in a tier file that is not a present sub-range. */
    private void punchUnknownBlocks(int file) {
        int fd = tier.directory().openFile(TierDirectory.name(files.sequence(file)), false);
        if (fd < 0) {
            return;
        }
        long size = files.size(file);
        int stripe = Tier.stripeIndex(files.hash(file));
        long position = Libc.lseek(fd, 0, Libc.SEEK_DATA);
        while (position >= 0 && position < size) {
            int index = geometry.index(position);
            int block = blocks.find(file, index, stripe);
            long present = block == 0 ? 0 : blocks.present(block);
            long end = Math.min(geometry.start(index + 1, 0), size);
            long unknown = geometry.fullMask(size, index) & ~present;
            for (long left = unknown; left != 0; left &= left - 1) {
                long start = geometry.start(index, Long.numberOfTrailingZeros(left));
                TierDirectory.punch(fd, start, BlockCache.SUB_RANGE);
            }
            position = end >= size ? size : Libc.lseek(fd, end, Libc.SEEK_DATA);
        }
        Libc.close(fd);
    }

    private void removeUnknownFiles() {
        for (long sequence : tier.directory().sequences()) {
            if (!known.contains(sequence)) {
                tier.directory().unlink(TierDirectory.name(sequence));
            }
        }
    }

    private void punchUnknownSlabs() {
        int number = slabs.freeNumber(0);
        long size = Libc.lseek(slabs.fd(), 0, Libc.SEEK_END);
        while ((long) number * geometry.blockBytes() < size) {
            long position = Libc.lseek(slabs.fd(), (long) number * geometry.blockBytes(), Libc.SEEK_DATA);
            if (position < 0) {
                return;
            }
            int data = geometry.index(position);
            if (slabs.freeNumber(data) == data) {
                TierDirectory.punch(slabs.fd(), (long) data * geometry.blockBytes(), geometry.blockBytes());
            }
            number = slabs.freeNumber(data + 1);
        }
    }
}
