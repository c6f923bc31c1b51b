package io.efc.cache.internal;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * Remembers the names of what was evicted lately and when it was last used, 8 bytes each: a direct-mapped table of a
 * 32-bit fingerprint and a clock. An entry counts for so long; a newer one in the same place replaces it. A wrong
 * answer costs a block a wrong queue, no more. Guarded by the tier's lock.
 */
final class Ghosts {
    private static final int ENTRIES_MIN = 1 << 12;
    private static final int ENTRIES_MAX = 1 << 22;

    private final Region region;
    private final MemorySegment table;
    private final int mask;
    private final int lifetime;

    /** @param lifetime in units of the clock */
    Ghosts(long expected, int lifetime) {
        int entries = (int) Long.highestOneBit(Math.clamp(expected * 4, ENTRIES_MIN, ENTRIES_MAX));
        this.region = Region.anonymous((long) entries * Long.BYTES);
        this.table = region.segment();
        this.mask = entries - 1;
        this.lifetime = lifetime;
    }

    void add(long hash, int lastUse) {
        table.set(JAVA_LONG, at(hash), fingerprint(hash) << 32 | Integer.toUnsignedLong(lastUse));
    }

    /** How long ago, by the clock, it was last used; -1 if it is not known. It is not afterwards. */
    int remove(long hash, int clock) {
        long entry = table.get(JAVA_LONG, at(hash));
        if (entry == 0 || entry >>> 32 != fingerprint(hash)) {
            return -1;
        }
        table.set(JAVA_LONG, at(hash), 0);
        int age = clock - (int) entry;
        return age <= lifetime ? Math.max(0, age) : -1;
    }

    private long at(long hash) {
        return (long) ((int) hash & mask) * Long.BYTES;
    }

    private static long fingerprint(long hash) {
        return hash >>> 32 | 1;
    }

    void close() {
        region.close();
    }
}
