package io.efc.cache.internal;

import io.efc.base.Check;
import io.efc.cache.BlockPin;
import io.efc.cache.CacheKey;
import io.efc.cache.Medium;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A pinned range of a block or of a small file. Pooled by the file's stripe; its fields belong to whoever holds it. {@code base} is where in the
 * tier file the file's first byte is, or would be.
 */
final class Pin implements BlockPin {
    private final int[] crcs = new int[64];
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

    /** Of a block of a large file, or of a small file, whose {@code block} is its slab. Checksums are set after. */
    void set(Tier owner, OpenFile in, CacheKey of, int fileSlot, int blockSlot) {
        tier = owner;
        open = in;
        key = of;
        file = fileSlot;
        block = blockSlot;
    }

    void range(Geometry geometry, long fileStart, long at, int bytes) {
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
        return crcs[i];
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
        long bad = 0;
        for (int i = 0; i < subRanges; i++) {
            if (!load(scratch, i)) {
                bad |= 1L << (first + i);
            }
        }
        return settle(bad);
    }

    /** Copies the range, checked; false if some of it is bad, which is dropped then. */
    boolean copy(MemorySegment to, long toOffset) {
        Scratch scratch = Scratch.get();
        long bad = 0;
        for (int i = 0; i < subRanges; i++) {
            long start = start(i);
            int bytes = bytes(i);
            long from = Math.max(start, position);
            int part = (int) (Math.min(start + bytes, position + length) - from);
            long at = toOffset + (from - position);
            boolean good;
            if (part == bytes) {
                good = Scratch.readFully(open().fd, to, at, bytes, base + start)
                        && scratch.crc(to, at, bytes) == crcs[i];
            } else {
                good = load(scratch, i);
                MemorySegment.copy(scratch.buffer(), from - start, to, at, part);
            }
            if (!good) {
                bad |= 1L << (first + i);
            }
        }
        return settle(bad);
    }

    /** Reads a touched sub-range to the thread's buffer and compares its checksum. */
    private boolean load(Scratch scratch, int i) {
        return Scratch.readFully(open().fd, scratch.buffer(), 0, bytes(i), base + start(i))
                && scratch.bufferCrc(bytes(i)) == crcs[i];
    }

    private boolean settle(long bad) {
        if (bad != 0) {
            tier().dropBad(key(), file, block, bad);
        }
        return bad == 0;
    }

    private long start(int i) {
        return tier().geometry().start(index, first + i);
    }

    private int bytes(int i) {
        return tier().geometry().subRangeBytes(key().size(), index, first + i);
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
