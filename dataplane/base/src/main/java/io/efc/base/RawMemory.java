package io.efc.base;

import java.lang.foreign.MemorySegment;

/**
 * Copies to and from bare addresses: for a thread that fills another thread's buffer while that one waits. A segment of a confined arena refuses the
 * first thread, an address does not; whoever waits vouches that the memory lives.
 */
public final class RawMemory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private RawMemory() {}

    /** The address of {@code length} bytes of {@code segment}, after the check that they are its own and native. */
    public static long address(MemorySegment segment, long offset, long length) {
        Check.range(offset, length, segment.byteSize());
        Check.argument(segment.isNative(), "a heap segment has no address");
        return segment.address() + offset;
    }

    /** Copies from a segment to an address got from {@link #address}. */
    public static void copyTo(MemorySegment from, long fromOffset, long toAddress, long length) {
        MemorySegment.copy(from, fromOffset, ALL, toAddress, length);
    }

    /** Copies from an address got from {@link #address} to a segment. */
    public static void copyFrom(long fromAddress, MemorySegment to, long toOffset, long length) {
        MemorySegment.copy(ALL, fromAddress, to, toOffset, length);
    }
}
