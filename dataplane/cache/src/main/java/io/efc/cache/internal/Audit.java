package io.efc.cache.internal;

import io.efc.base.Check;

/**
 * Recomputes everything a tier keeps count of and compares: the oracle of the tests. Nothing else may run meanwhile,
 * and nothing may be pinned or held.
 */
final class Audit {
    private final Tier tier;
    private final FileTable files;
    private final BlockTable blocks;
    private final Geometry geometry;
    private long space;
    private int queued;
    private int blockCount;
    private int largeFiles;

    Audit(Tier tier) {
        this.tier = tier;
        this.files = tier.files();
        this.blocks = tier.blocks();
        this.geometry = tier.geometry();
    }

    void run() {
        tier.queues().audit();
        int smallFiles = 0;
        for (int file = 1; file < files.limit(); file++) {
            int kind = files.flags(file) & (FileTable.LARGE | FileTable.SMALL);
            if (kind == 0) {
                continue;
            }
            Check.state(!files.has(file, FileTable.DEAD), "file %d is dead without users", file);
            Check.state(!files.has(file, FileTable.HELD), "file %d is held by nobody", file);
            Check.state(files.find(files.key(file), files.hash(file)) == file, "file %d is not found", file);
            if (kind == FileTable.LARGE) {
                auditLarge(file);
            } else {
                smallFiles++;
            }
        }
        auditSlabs(smallFiles);
        Check.state(
                tier.queues().length() == queued,
                "%d are queued, %d should be",
                tier.queues().length(),
                queued);
        Check.state(
                tier.evictor().used() == space,
                "used is %d, blocks take %d",
                tier.evictor().used(),
                space);
        Check.state(blocks.count() == blockCount, "%d blocks, %d found", blocks.count(), blockCount);
        Check.state(
                files.count() == largeFiles + smallFiles, "%d files, %d found", files.count(), largeFiles + smallFiles);
    }

    private void auditLarge(int file) {
        largeFiles++;
        int stripe = Tier.stripeIndex(files.hash(file));
        int seen = 0;
        int complete = 0;
        int previous = 0;
        for (int block = files.firstBlock(file); block != 0; block = blocks.fileNext(block)) {
            int index = blocks.index(block);
            long full = geometry.fullMask(files.size(file), index);
            Check.state(blocks.file(block) == file, "block %d is in the list of file %d", block, file);
            Check.state(blocks.filePrev(block) == previous, "block %d has a wrong previous one", block);
            Check.state(blocks.find(file, index, stripe) == block, "block %d of file %d is not found", index, file);
            Check.state(blocks.pins(block) == 0, "block %d has %d pins", block, blocks.pins(block));
            Check.state(blocks.busy(block) == 0, "block %d is busy", block);
            Check.state((blocks.present(block) & ~blocks.allocated(block)) == 0, "block %d has no space", block);
            Check.state((blocks.allocated(block) & ~full) == 0, "block %d reaches past the end", block);
            Check.state(blocks.isSealed(block), "block %d is not sealed", block);
            int queue = blocks.queue(block);
            Check.state(
                    queue == EvictionQueues.SMALL || queue == EvictionQueues.MAIN, "block %d is in no queue", block);
            complete += blocks.present(block) == full ? 1 : 0;
            space += geometry.spaceOf(blocks.allocated(block), files.size(file), index);
            queued++;
            seen++;
            previous = block;
        }
        blockCount += seen;
        Check.state(seen > 0, "file %d has no blocks", file);
        Check.state(files.blocks(file) == seen, "file counts %d blocks, has %d", files.blocks(file), seen);
        Check.state(
                files.complete(file) == complete, "file counts %d complete, has %d", files.complete(file), complete);
        Check.state(files.isSealed(file, 0), "file %d is not sealed", file);
    }

    private void auditSlabs(int smallFiles) {
        int members = 0;
        for (int slab = 1; slab < blocks.limit(); slab++) {
            if (blocks.file(slab) != BlockTable.SLAB) {
                continue;
            }
            blockCount++;
            space += geometry.blockBytes();
            Check.state(blocks.pins(slab) == 0, "slab %d has %d pins", slab, blocks.pins(slab));
            Check.state(blocks.state(slab) != BlockTable.LEAVING, "slab %d is leaving and still here", slab);
            queued += blocks.state(slab) == 0 ? 1 : 0;
            int seen = 0;
            for (int member = blocks.members(slab); member != 0; member = files.slabNext(member)) {
                Check.state(files.slab(member) == slab, "file %d is in the list of slab %d", member, slab);
                Check.state(files.isSealed(member, blocks.generation(slab)), "small file %d is not sealed", member);
                seen++;
            }
            Check.state(
                    blocks.memberCount(slab) == seen, "slab counts %d members, has %d", blocks.memberCount(slab), seen);
            members += seen;
        }
        space += tier.slabs().hasSpare() ? geometry.blockBytes() : 0;
        Check.state(members == smallFiles, "slabs have %d members, %d small files are indexed", members, smallFiles);
    }
}
