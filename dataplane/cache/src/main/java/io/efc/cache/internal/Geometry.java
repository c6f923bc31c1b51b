package io.efc.cache.internal;

import io.efc.base.Check;
import io.efc.cache.BlockCache;
import io.efc.cache.CacheKey;

/**
 * Blocks, sub-ranges and the bytes they take. Immutable.
 *
 * @param blockBytes a power of two
 */
record Geometry(int blockBytes) {
    static final int SUB_SHIFT = 16;
    static final int PAGE = 4096;

    /** Bytes that have a checksum of their own in the index, so that a small read does not verify a whole sub-range. */
    static final int PIECE = 1 << 14;

    static final int PIECE_SHIFT = 14;
    static final int PIECES = BlockCache.SUB_RANGE / PIECE;

    int blockShift() {
        return Integer.numberOfTrailingZeros(blockBytes);
    }

    int index(long position) {
        return Math.toIntExact(position >> blockShift());
    }

    int subRange(long position) {
        return (int) (position & (blockBytes - 1)) >> SUB_SHIFT;
    }

    /** The sub-ranges of its block that a range, not empty, touches. */
    long mask(long position, int length) {
        int first = subRange(position);
        int last = subRange(position + length - 1);
        return (-1L >>> (63 - (last - first))) << first;
    }

    /** All sub-ranges of a block of a file. */
    long fullMask(long size, long index) {
        long bytes = Math.min(blockBytes, size - (index << blockShift()));
        return bytes <= 0 ? 0 : -1L >>> (63 - ((bytes - 1) >> SUB_SHIFT));
    }

    long blocks(long size) {
        return (size + blockBytes - 1) >> blockShift();
    }

    /** Where in the file a sub-range starts. */
    long start(int index, int subRange) {
        return ((long) index << blockShift()) + ((long) subRange << SUB_SHIFT);
    }

    /** Bytes of a sub-range: fewer at the end of the file. */
    int subRangeBytes(long size, int index, int subRange) {
        return (int) Math.min(BlockCache.SUB_RANGE, size - start(index, subRange));
    }

    /** Pieces of a sub-range: fewer at the end of the file. */
    static int pieces(int subRangeBytes) {
        return (subRangeBytes + PIECE - 1) / PIECE;
    }

    /** Bytes of a sub-range's piece. */
    static int pieceBytes(int subRangeBytes, int piece) {
        return Math.min(PIECE, subRangeBytes - piece * PIECE);
    }

    /** Disk space of sub-ranges. */
    int spaceOf(long mask, long size, int index) {
        if (mask == 0) {
            return 0;
        }
        int last = 63 - Long.numberOfLeadingZeros(mask);
        int space = (Long.bitCount(mask) - 1) << SUB_SHIFT;
        return space + (subRangeBytes(size, index, last) + PAGE - 1) / PAGE * PAGE;
    }

    /** Checks that a range is one that a single call may name; its length, cut at the end of the file. */
    int checked(CacheKey key, long position, int length) {
        Check.argument(position >= 0 && length >= 0, "range [%d, +%d) is negative", position, length);
        int cut = (int) Math.min(length, Math.max(0, key.size() - position));
        Check.argument(
                cut == 0 || position >> blockShift() == (position + cut - 1) >> blockShift(),
                "range [%d, +%d) is not within one block",
                position,
                length);
        return cut;
    }
}
