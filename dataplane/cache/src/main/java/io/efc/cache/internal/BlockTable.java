package io.efc.cache.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One record a block of a large file, or a slab of small ones: 96 bytes and 16 a sub-range, so 352 for blocks of 1 MiB.
 * The lock of the stripe of its file guards a record, but: queue, queueNext, queuePrev and the weight are the eviction
 * queues'; of a slab, {@link Slabs#lock} guards the members and pins change atomically.
 *
 * <pre>
 *   0    4     8         16      24    28      32        40   48      56   60     64     68     72     76
 *  |file|index|generation|present|check|stripe|allocated|busy|touched|next|fileNx|filePv|queueNx|queuePv|pins|
 *   80    81   82   83   84      88        92     96
 *  |queue|uses|state|intv|clock  |touchedAt|weight|crc of a piece, 4 bytes each ...
 * </pre>
 *
 * <p>present: sub-ranges with valid bytes; allocated: with disk space that counts against the quota; busy: being
 * written. present and busy are disjoint and within allocated. {@code check} proves file, index, generation, present
 * and checksums to the next process.
 */
final class BlockTable extends Records {
    /** {@code file} of a slab. */
    static final int SLAB = -1;

    /** State: an open slab, which is in no queue yet. */
    static final int OPEN = 1;

    /** State: being evicted; nothing in it is found any more. */
    static final int LEAVING = 2;

    private static final int FILE = 0;
    private static final int INDEX = 4;
    private static final int GENERATION = 8;
    private static final int PRESENT = 16;
    private static final int CHECK = 24;
    private static final int STRIPE = 28;
    private static final int ALLOCATED = 32;
    private static final int BUSY = 40;
    private static final int TOUCHED = 48;
    private static final int NEXT = 56;
    private static final int FILE_NEXT = 60;
    private static final int MEMBERS = 60;
    private static final int FILE_PREV = 64;
    private static final int MEMBER_COUNT = 64;
    private static final int QUEUE_NEXT = 68;
    private static final int QUEUE_PREV = 72;
    private static final int PINS = 76;
    private static final int QUEUE = 80;
    private static final int USES = 81;
    private static final int STATE = 82;
    private static final int INTERVAL = 83;
    private static final int CLOCK = 84;
    private static final int TOUCHED_AT = 88;
    private static final int WEIGHT = 92;
    private static final int CRC = 96;

    private static final VarHandle PINS_ATOMIC = JAVA_INT.varHandle();

    private final int pieces;

    BlockTable(Region region, int blockBytes, int slotsMax, ReentrantLock tierLock) {
        super(region, recordBytes(blockBytes), NEXT, slotsMax, tierLock);
        this.pieces = blockBytes / Geometry.PIECE;
    }

    static int recordBytes(int blockBytes) {
        return CRC + blockBytes / Geometry.PIECE * Integer.BYTES;
    }

    static long hash(int file, long index, int stripe) {
        return Hash.mix(((long) file << 32) ^ index) << STRIPE_BITS | stripe;
    }

    /** The block's slot, or 0. */
    int find(int file, long index, int stripe) {
        for (int slot = head(hash(file, index, stripe)); slot != 0; slot = next(slot)) {
            if (index(slot) == index && file(slot) == file) {
                return slot;
            }
        }
        return 0;
    }

    void seal(int slot) {
        memory.set(JAVA_INT, at(slot) + CHECK, computeCheck(slot));
    }

    void unseal(int slot) {
        memory.set(JAVA_INT, at(slot) + CHECK, 0);
    }

    boolean isSealed(int slot) {
        return memory.get(JAVA_INT, at(slot) + CHECK) == computeCheck(slot);
    }

    private int computeCheck(int slot) {
        long h = 0;
        for (int offset = 0; offset <= PRESENT; offset += Long.BYTES) {
            h = Hash.mix(h ^ memory.get(JAVA_LONG, at(slot) + offset));
        }
        if (file(slot) != SLAB) {
            for (int i = 0; i < pieces; i += 2) {
                h = Hash.mix(h ^ memory.get(JAVA_LONG, at(slot) + CRC + (long) i * Integer.BYTES));
            }
        }
        return (int) (h >>> 32) | 1;
    }

    /**
     * What makes the record a block: the file's slot or {@link #SLAB}, the number in it, the file's sequence or slab's
     * generation.
     */
    void identity(int slot, int file, int index, long generation, int stripe) {
        memory.set(JAVA_INT, at(slot) + FILE, file);
        memory.set(JAVA_INT, at(slot) + INDEX, index);
        memory.set(JAVA_LONG, at(slot) + GENERATION, generation);
        memory.set(JAVA_INT, at(slot) + STRIPE, stripe);
    }

    int file(int slot) {
        return memory.get(JAVA_INT, at(slot) + FILE);
    }

    int index(int slot) {
        return memory.get(JAVA_INT, at(slot) + INDEX);
    }

    long generation(int slot) {
        return memory.get(JAVA_LONG, at(slot) + GENERATION);
    }

    int stripe(int slot) {
        return memory.get(JAVA_INT, at(slot) + STRIPE);
    }

    long present(int slot) {
        return memory.get(JAVA_LONG, at(slot) + PRESENT);
    }

    void present(int slot, long mask) {
        memory.set(JAVA_LONG, at(slot) + PRESENT, mask);
    }

    long allocated(int slot) {
        return memory.get(JAVA_LONG, at(slot) + ALLOCATED);
    }

    void allocated(int slot, long mask) {
        memory.set(JAVA_LONG, at(slot) + ALLOCATED, mask);
    }

    long busy(int slot) {
        return memory.get(JAVA_LONG, at(slot) + BUSY);
    }

    void busy(int slot, long mask) {
        memory.set(JAVA_LONG, at(slot) + BUSY, mask);
    }

    int fileNext(int slot) {
        return memory.get(JAVA_INT, at(slot) + FILE_NEXT);
    }

    void fileNext(int slot, int next) {
        memory.set(JAVA_INT, at(slot) + FILE_NEXT, next);
    }

    int filePrev(int slot) {
        return memory.get(JAVA_INT, at(slot) + FILE_PREV);
    }

    void filePrev(int slot, int previous) {
        memory.set(JAVA_INT, at(slot) + FILE_PREV, previous);
    }

    /** A slab's first small file. */
    int members(int slot) {
        return memory.get(JAVA_INT, at(slot) + MEMBERS);
    }

    void members(int slot, int first) {
        memory.set(JAVA_INT, at(slot) + MEMBERS, first);
    }

    int memberCount(int slot) {
        return memory.get(JAVA_INT, at(slot) + MEMBER_COUNT);
    }

    void memberCount(int slot, int count) {
        memory.set(JAVA_INT, at(slot) + MEMBER_COUNT, count);
    }

    int queueNext(int slot) {
        return memory.get(JAVA_INT, at(slot) + QUEUE_NEXT);
    }

    void queueNext(int slot, int next) {
        memory.set(JAVA_INT, at(slot) + QUEUE_NEXT, next);
    }

    int queuePrev(int slot) {
        return memory.get(JAVA_INT, at(slot) + QUEUE_PREV);
    }

    void queuePrev(int slot, int previous) {
        memory.set(JAVA_INT, at(slot) + QUEUE_PREV, previous);
    }

    int pins(int slot) {
        return (int) PINS_ATOMIC.getVolatile(memory, at(slot) + PINS);
    }

    /** Adds to the pins; the new number. */
    int addPins(int slot, int n) {
        return (int) PINS_ATOMIC.getAndAdd(memory, at(slot) + PINS, n) + n;
    }

    boolean casPins(int slot, int expected, int pins) {
        return PINS_ATOMIC.compareAndSet(memory, at(slot) + PINS, expected, pins);
    }

    int queue(int slot) {
        return memory.get(JAVA_BYTE, at(slot) + QUEUE);
    }

    void queue(int slot, int queue) {
        memory.set(JAVA_BYTE, at(slot) + QUEUE, (byte) queue);
    }

    /** How often it was used again, 0 to 3. */
    int uses(int slot) {
        return memory.get(JAVA_BYTE, at(slot) + USES);
    }

    void uses(int slot, int uses) {
        memory.set(JAVA_BYTE, at(slot) + USES, (byte) uses);
    }

    int state(int slot) {
        return memory.get(JAVA_BYTE, at(slot) + STATE);
    }

    void state(int slot, int state) {
        memory.set(JAVA_BYTE, at(slot) + STATE, (byte) state);
    }

    /** Between its last two uses, in units of the queues, 0 to 255. */
    int interval(int slot) {
        return memory.get(JAVA_BYTE, at(slot) + INTERVAL) & 0xff;
    }

    void interval(int slot, int interval) {
        memory.set(JAVA_BYTE, at(slot) + INTERVAL, (byte) Math.min(255, interval));
    }

    /** The queues' clock when it was last used. */
    int clock(int slot) {
        return memory.get(JAVA_INT, at(slot) + CLOCK);
    }

    void clock(int slot, int clock) {
        memory.set(JAVA_INT, at(slot) + CLOCK, clock);
    }

    /** Sub-ranges used since a use was last counted. */
    long touched(int slot) {
        return memory.get(JAVA_LONG, at(slot) + TOUCHED);
    }

    void touched(int slot, long mask) {
        memory.set(JAVA_LONG, at(slot) + TOUCHED, mask);
    }

    int touchedAt(int slot) {
        return memory.get(JAVA_INT, at(slot) + TOUCHED_AT);
    }

    void touchedAt(int slot, int tick) {
        memory.set(JAVA_INT, at(slot) + TOUCHED_AT, tick);
    }

    /** Bytes it counts for in its queue. */
    int weight(int slot) {
        return memory.get(JAVA_INT, at(slot) + WEIGHT);
    }

    void weight(int slot, int bytes) {
        memory.set(JAVA_INT, at(slot) + WEIGHT, bytes);
    }

    int crc(int slot, int piece) {
        return memory.get(JAVA_INT, at(slot) + CRC + (long) piece * Integer.BYTES);
    }

    void crc(int slot, int piece, int crc) {
        memory.set(JAVA_INT, at(slot) + CRC + (long) piece * Integer.BYTES, crc);
    }
}
