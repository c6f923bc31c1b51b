package io.efc.fuse.internal.wire;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** A view over one kernel struct. Reused by its owner, a single thread at a time; allocates nothing. */
public abstract class Struct {
    static final int NANOS_PER_SECOND = 1_000_000_000;

    private MemorySegment memory = MemorySegment.NULL;
    private long at;

    /** Moves the view to the struct at {@code offset} of {@code segment}. */
    public final void wrap(MemorySegment segment, long offset) {
        memory = segment;
        at = offset;
    }

    /** Moves the view to {@code offset} and zeroes {@code size} bytes, a multiple of 8, there. */
    public final void wrapZeroed(MemorySegment segment, long offset, int size) {
        wrap(segment, offset);
        for (int i = 0; i < size; i += 8) {
            putLong(i, 0);
        }
    }

    final MemorySegment memory() {
        return memory;
    }

    final long at() {
        return at;
    }

    final int getShort(int offset) {
        return memory.get(JAVA_SHORT_UNALIGNED, at + offset) & 0xffff;
    }

    final int getInt(int offset) {
        return memory.get(JAVA_INT_UNALIGNED, at + offset);
    }

    final long getLong(int offset) {
        return memory.get(JAVA_LONG_UNALIGNED, at + offset);
    }

    final void putShort(int offset, int value) {
        memory.set(JAVA_SHORT_UNALIGNED, at + offset, (short) value);
    }

    final void putInt(int offset, int value) {
        memory.set(JAVA_INT_UNALIGNED, at + offset, value);
    }

    final void putLong(int offset, long value) {
        memory.set(JAVA_LONG_UNALIGNED, at + offset, value);
    }

    /** Writes a time as seconds and nanoseconds; before 1970 the seconds are negative and the nanoseconds are not. */
    final void putTime(int secondsOffset, int nanosOffset, long nanos) {
        putLong(secondsOffset, Math.floorDiv(nanos, NANOS_PER_SECOND));
        putInt(nanosOffset, (int) Math.floorMod(nanos, (long) NANOS_PER_SECOND));
    }

    /** Reads a time; one beyond the years 1677 to 2262 becomes the nearest that fits into 64-bit nanoseconds. */
    final long getTime(int secondsOffset, int nanosOffset) {
        long seconds = getLong(secondsOffset);
        if (seconds > Long.MAX_VALUE / NANOS_PER_SECOND - 1) {
            return Long.MAX_VALUE;
        }
        if (seconds < Long.MIN_VALUE / NANOS_PER_SECOND + 1) {
            return Long.MIN_VALUE;
        }
        return seconds * NANOS_PER_SECOND + (getInt(nanosOffset) & 0xffff_ffffL);
    }
}
