package io.efc.cache.internal;

import io.efc.base.Check;
import io.efc.cache.BlockCache;
import io.efc.cache.BlockPin;
import io.efc.cache.CacheConfig;
import io.efc.cache.CacheKey;
import io.efc.cache.Medium;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A pinned range of a block or of a small file. Pooled by the file's stripe; its fields belong to whoever holds it.
 * {@code base} is where in the tier file the file's first byte is, or would be.
 */
final class Pin implements BlockPin {
    /** Of the pieces of all touched sub-ranges. */
    private final int[] crcs = new int[CacheConfig.BLOCK_BYTES_MAX / Geometry.PIECE];

    private @Nullable Tier tier;
    private @Nullable OpenFile open;
    private @Nullable CacheKey key;
    private int file;
    private int block;
    private long base;
    private long position;
    private int length;
    private int index;
    private int first;
    private int subRanges;
    private int pieceShift;

    /** Of a block of a large file, or of a small file, whose {@code block} is its slab. Checksums are set after. */
    void set(Tier owner, OpenFile in, CacheKey of, int fileSlot, int blockSlot) {
        tier = owner;
        open = in;
        key = of;
        file = fileSlot;
        block = blockSlot;
    }

    /** {@code shift}: a piece with a checksum of its own has 2^shift bytes; a small file is one piece. */
    void range(Geometry geometry, long fileStart, long at, int bytes, int shift) {
        pieceShift = shift;
        base = fileStart;
        position = at;
        length = bytes;
        index = geometry.index(at);
        first = geometry.subRange(at);
        subRanges = bytes == 0 ? 0 : geometry.subRange(at + bytes - 1) - first + 1;
    }

    void crc(int i, int value) {
        crcs[i] = value;
    }

    @Override
    public int fd() {
        return open().fd;
    }

    @Override
    public long fileOffset() {
        return base + position;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int firstSubRange() {
        return first;
    }

    @Override
    public int subRanges() {
        return subRanges;
    }

    @Override
    public int crc(int i) {
        Check.range(i, 1, subRanges);
        int piece = i << (Geometry.SUB_SHIFT - pieceShift);
        int bytes = tier().geometry().subRangeBytes(key().size(), index, first + i);
        int crc = crcs[piece];
        for (int done = 1 << pieceShift; done < bytes; done += 1 << pieceShift) {
            crc = Crc.append(crc, crcs[++piece], Math.min(1 << pieceShift, bytes - done));
        }
        return crc;
    }

    @Override
    public @Nullable MemorySegment segment() {
        return tier().medium() == Medium.MEM ? open().mapping() : null;
    }

    @Override
    public long offset() {
        return fileOffset();
    }

    @Override
    public boolean verify() {
        Scratch scratch = Scratch.get();
        MemorySegment buffer = scratch.buffer();
        long bad = 0;
        for (int i = 0; i < subRanges; i++) {
            long start = tier().geometry().start(index, first + i);
            int bytes = tier().geometry().subRangeBytes(key().size(), index, first + i);
            boolean good = Scratch.readFully(open().fd, buffer, 0, bytes, base + start);
            for (int done = 0; good && done < bytes; done += 1 << pieceShift) {
                int part = Math.min(1 << pieceShift, bytes - done);
                good = scratch.bufferCrc(done, part) == crcs[piece(start + done)];
            }
            bad |= good ? 0 : 1L << (first + i);
        }
        return settle(bad);
    }

    /**
     * Copies the range, checked; false if some of it is bad, which is dropped then. Runs of whole pieces are read to
     * where they are wanted, others to the thread's buffer first.
     */
    boolean copy(MemorySegment to, long toOffset) {
        Scratch scratch = Scratch.get();
        long end = position + length;
        long bad = 0;
        for (long p = position; p < end; ) {
            long start = p >> pieceShift << pieceShift;
            long limit = Math.min((start | (BlockCache.SUB_RANGE - 1)) + 1, end);
            long whole = limit == key().size() ? limit : limit >> pieceShift << pieceShift;
            boolean good;
            if (p == start && whole > p) {
                good = copyRun(scratch, p, (int) (whole - p), to, toOffset + (p - position));
                p = whole;
            } else {
                long next = Math.min(start + (1L << pieceShift), end);
                good = copyPart(scratch, start, p, (int) (next - p), to, toOffset + (p - position));
                p = next;
            }
            bad |= good ? 0 : 1L << tier().geometry().subRange(start);
        }
        return settle(bad);
    }

    private boolean copyRun(Scratch scratch, long from, int bytes, MemorySegment to, long at) {
        boolean good = Scratch.readFully(open().fd, to, at, bytes, base + from);
        for (int done = 0; good && done < bytes; done += 1 << pieceShift) {
            int part = Math.min(1 << pieceShift, bytes - done);
            good = scratch.crc(to, at + done, part) == crcs[piece(from + done)];
        }
        return good;
    }

    private boolean copyPart(Scratch scratch, long start, long from, int bytes, MemorySegment to, long at) {
        int whole = (int) Math.min(1L << pieceShift, key().size() - start);
        MemorySegment buffer = scratch.buffer();
        boolean good = Scratch.readFully(open().fd, buffer, 0, whole, base + start)
                && scratch.bufferCrc(0, whole) == crcs[piece(start)];
        MemorySegment.copy(buffer, from - start, to, at, bytes);
        return good;
    }

    /** The index of a position's piece among the checksums. */
    private int piece(long at) {
        return (int) ((at - tier().geometry().start(index, first)) >> pieceShift);
    }

    private boolean settle(long bad) {
        if (bad != 0) {
            tier().removal().dropBad(key(), file, block, bad);
        }
        return bad == 0;
    }

    @Override
    public void close() {
        tier().unpin(this);
    }

    /** Forgets what it was, when it has been unpinned. */
    void clear() {
        tier = null;
        open = null;
        key = null;
    }

    int file() {
        return file;
    }

    int block() {
        return block;
    }

    OpenFile open() {
        OpenFile o = open;
        if (o == null) {
            throw new IllegalStateException("the pin is closed");
        }
        return o;
    }

    CacheKey key() {
        CacheKey k = key;
        if (k == null) {
            throw new IllegalStateException("the pin is closed");
        }
        return k;
    }

    private Tier tier() {
        Tier t = tier;
        if (t == null) {
            throw new IllegalStateException("the pin is closed");
        }
        return t;
    }
}
