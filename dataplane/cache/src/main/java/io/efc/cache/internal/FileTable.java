package io.efc.cache.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.efc.cache.CacheKey;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One 80-byte record a content. All versions of a file are in one hash chain. A stripe's lock guards its records;
 * {@link Slabs#lock} guards the links of a slab's members.
 *
 * <pre>
 *      0   8   16  24      32   40                48    52    56   60         64         68        72      76
 * large|dataset|hi|lo|version|size|sequence        |check|flags|next|firstBlock|openIndex|complete |blocks |
 * small|dataset|hi|lo|version|size|crc   |offset   |check|flags|next|slab      |slabNext |slabPrev |seconds|
 * </pre>
 *
 * <p>{@code check} proves a record to the next process: it covers key, bytes 40 to 47 and, of a small file, where it is
 * in which generation of which slab. 0 means the record is not to be believed.
 */
final class FileTable extends Records {
    static final int RECORD_BYTES = 80;

    static final int LARGE = 1;
    static final int SMALL = 2;

    /** Out of the index; its memory goes with the last user. */
    static final int DEAD = 4;

    /** All bytes were read and matched since it last changed. */
    static final int VERIFIED = 8;

    /** Kept from eviction by a whole file. */
    static final int HELD = 16;

    /** Shift of two bits that count uses of a small file. */
    static final int USES_SHIFT = 8;

    private static final int DATASET = 0;
    private static final int HI = 8;
    private static final int LO = 16;
    private static final int VERSION = 24;
    private static final int SIZE = 32;
    private static final int SEQUENCE = 40;
    private static final int CRC = 40;
    private static final int OFFSET = 44;
    private static final int CHECK = 48;
    private static final int FLAGS = 52;
    private static final int NEXT = 56;
    private static final int FIRST_BLOCK = 60;
    private static final int SLAB = 60;
    private static final int OPEN_INDEX = 64;
    private static final int SLAB_NEXT = 64;
    private static final int COMPLETE = 68;
    private static final int SLAB_PREV = 68;
    private static final int BLOCKS = 72;
    private static final int TOUCHED_AT = 72;

    FileTable(Region region, int slotsMax, ReentrantLock tierLock) {
        super(region, RECORD_BYTES, NEXT, slotsMax, tierLock);
    }

    /** The content's slot, or 0; {@code hash} is {@link Hash#file(CacheKey)}. */
    int find(CacheKey key, long hash) {
        for (int slot = head(hash); slot != 0; slot = next(slot)) {
            if (isFile(slot, key.dataset(), key.fileHi(), key.fileLo())
                    && version(slot) == key.version()
                    && size(slot) == key.size()) {
                return slot;
            }
        }
        return 0;
    }

    boolean isFile(int slot, long dataset, long fileHi, long fileLo) {
        long at = at(slot);
        return memory.get(JAVA_LONG, at + LO) == fileLo
                && memory.get(JAVA_LONG, at + HI) == fileHi
                && memory.get(JAVA_LONG, at + DATASET) == dataset;
    }

    void key(int slot, CacheKey key) {
        long at = at(slot);
        memory.set(JAVA_LONG, at + DATASET, key.dataset());
        memory.set(JAVA_LONG, at + HI, key.fileHi());
        memory.set(JAVA_LONG, at + LO, key.fileLo());
        memory.set(JAVA_LONG, at + VERSION, key.version());
        memory.set(JAVA_LONG, at + SIZE, key.size());
    }

    CacheKey key(int slot) {
        long at = at(slot);
        return new CacheKey(
                memory.get(JAVA_LONG, at + DATASET),
                memory.get(JAVA_LONG, at + HI),
                memory.get(JAVA_LONG, at + LO),
                memory.get(JAVA_LONG, at + VERSION),
                memory.get(JAVA_LONG, at + SIZE));
    }

    long hash(int slot) {
        long at = at(slot);
        return Hash.file(
                memory.get(JAVA_LONG, at + DATASET), memory.get(JAVA_LONG, at + HI), memory.get(JAVA_LONG, at + LO));
    }

    /** Makes the record one that the next process believes; {@code slabGeneration} is 0 for a large file. */
    void seal(int slot, long slabGeneration) {
        memory.set(JAVA_INT, at(slot) + CHECK, computeCheck(slot, slabGeneration));
    }

    void unseal(int slot) {
        memory.set(JAVA_INT, at(slot) + CHECK, 0);
    }

    boolean isSealed(int slot, long slabGeneration) {
        return memory.get(JAVA_INT, at(slot) + CHECK) == computeCheck(slot, slabGeneration);
    }

    private int computeCheck(int slot, long slabGeneration) {
        long h = slabGeneration;
        for (int offset = 0; offset <= SEQUENCE; offset += Long.BYTES) {
            h = Hash.mix(h ^ memory.get(JAVA_LONG, at(slot) + offset));
        }
        h = Hash.mix(h ^ (flags(slot) & (LARGE | SMALL)));
        if (has(slot, SMALL)) {
            h = Hash.mix(h ^ slab(slot));
        }
        return (int) (h >>> 32) | 1;
    }

    long version(int slot) {
        return memory.get(JAVA_LONG, at(slot) + VERSION);
    }

    long size(int slot) {
        return memory.get(JAVA_LONG, at(slot) + SIZE);
    }

    boolean has(int slot, int flag) {
        return (flags(slot) & flag) != 0;
    }

    int flags(int slot) {
        return memory.get(JAVA_INT, at(slot) + FLAGS);
    }

    void flags(int slot, int flags) {
        memory.set(JAVA_INT, at(slot) + FLAGS, flags);
    }

    void set(int slot, int flag) {
        flags(slot, flags(slot) | flag);
    }

    void unset(int slot, int flag) {
        flags(slot, flags(slot) & ~flag);
    }

    /** Names the tier file. */
    long sequence(int slot) {
        return memory.get(JAVA_LONG, at(slot) + SEQUENCE);
    }

    void sequence(int slot, long sequence) {
        memory.set(JAVA_LONG, at(slot) + SEQUENCE, sequence);
    }

    int firstBlock(int slot) {
        return memory.get(JAVA_INT, at(slot) + FIRST_BLOCK);
    }

    void firstBlock(int slot, int block) {
        memory.set(JAVA_INT, at(slot) + FIRST_BLOCK, block);
    }

    /** Where the tier's open files may have it. */
    int openIndex(int slot) {
        return memory.get(JAVA_INT, at(slot) + OPEN_INDEX);
    }

    void openIndex(int slot, int index) {
        memory.set(JAVA_INT, at(slot) + OPEN_INDEX, index);
    }

    /** Blocks of which every sub-range is present. */
    int complete(int slot) {
        return memory.get(JAVA_INT, at(slot) + COMPLETE);
    }

    void complete(int slot, int blocks) {
        memory.set(JAVA_INT, at(slot) + COMPLETE, blocks);
    }

    /** Block records. */
    int blocks(int slot) {
        return memory.get(JAVA_INT, at(slot) + BLOCKS);
    }

    void blocks(int slot, int blocks) {
        memory.set(JAVA_INT, at(slot) + BLOCKS, blocks);
    }

    int crc(int slot) {
        return memory.get(JAVA_INT, at(slot) + CRC);
    }

    void crc(int slot, int crc) {
        memory.set(JAVA_INT, at(slot) + CRC, crc);
    }

    /** Where in its slab a small file starts. */
    int offset(int slot) {
        return memory.get(JAVA_INT, at(slot) + OFFSET);
    }

    void offset(int slot, int offset) {
        memory.set(JAVA_INT, at(slot) + OFFSET, offset);
    }

    /** The slab's slot in the block table. */
    int slab(int slot) {
        return memory.get(JAVA_INT, at(slot) + SLAB);
    }

    void slab(int slot, int slab) {
        memory.set(JAVA_INT, at(slot) + SLAB, slab);
    }

    int slabNext(int slot) {
        return memory.get(JAVA_INT, at(slot) + SLAB_NEXT);
    }

    void slabNext(int slot, int next) {
        memory.set(JAVA_INT, at(slot) + SLAB_NEXT, next);
    }

    int slabPrev(int slot) {
        return memory.get(JAVA_INT, at(slot) + SLAB_PREV);
    }

    void slabPrev(int slot, int previous) {
        memory.set(JAVA_INT, at(slot) + SLAB_PREV, previous);
    }

    /** When a small file was last used, in {@link EvictionQueues#tick ticks}. */
    int touchedAt(int slot) {
        return memory.get(JAVA_INT, at(slot) + TOUCHED_AT);
    }

    void touchedAt(int slot, int tick) {
        memory.set(JAVA_INT, at(slot) + TOUCHED_AT, tick);
    }
}
