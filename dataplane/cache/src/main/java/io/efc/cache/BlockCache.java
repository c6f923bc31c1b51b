package io.efc.cache;

import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.cache.internal.TieredCache;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Contents of files in blocks, each made of 64 KiB sub-ranges with a CRC32C of their own, kept in tiers of memory and
 * disk. A block can be missing, never wrong: what does not match its checksum is dropped and counts as missing. Nothing
 * here throws because a tier is full, a disk fails or a block is bad.
 *
 * <p>All methods are safe for many threads. They may block in reads and writes of the tier's file system, so call them
 * from platform threads where that is a disk. A range given to one call must lie within one block and within the key's
 * size; ends past the size are cut to it. Segments must be native.
 */
public interface BlockCache extends AutoCloseable {
    /** Bytes of a sub-range: what is fetched, checked and known to be present or absent on its own. */
    int SUB_RANGE = 1 << 16;

    /**
     * Opens the cache, locking its directories against other processes. What an earlier process left there is taken
     * over as far as checksums prove it, the rest is removed.
     *
     * @throws CacheException naming the directory and what is wrong: locked by another process, not writable, quota
     *     above what its file system has free
     */
    static BlockCache open(CacheConfig config, Metrics metrics, Ticker ticker) {
        return new TieredCache(config, metrics, ticker);
    }

    /** The size of a block, bytes. */
    int blockBytes();

    /**
     * Copies bytes, verifying the checksum of every sub-range touched.
     *
     * @return bytes copied: {@code length}, cut at the end of the file; -1 if anything touched is absent, or was found
     *     bad
     */
    int read(CacheKey key, long position, MemorySegment to, long toOffset, int length);

    /** Pins a range if every sub-range it touches is present, else returns null. Checksums are not verified. */
    @Nullable
    BlockPin pin(CacheKey key, long position, int length);

    /**
     * Adds whole sub-ranges: {@code position} is a multiple of {@link #SUB_RANGE}, and the end is too or is the file's.
     * What is present already is left as it is.
     *
     * @return false if some of it was not admitted: the tier is full of what cannot be evicted, its file system refused,
     *     or somebody else is just writing or evicting it
     */
    boolean put(CacheKey key, long position, MemorySegment from, long fromOffset, int length);

    /**
     * Which of the sub-ranges that a range touches are absent.
     *
     * @return bit i set: the i-th sub-range of the block is absent
     */
    long missing(CacheKey key, long position, int length);

    /** The bits of the sub-ranges of its block that a range touches. */
    long mask(long position, int length);

    /**
     * Claims the absent ones of some sub-ranges for fetching; {@link Fill} shows the loop.
     *
     * @param blockIndex position divided by the block size
     * @param wanted bit i: the i-th sub-range of the block; bits past the end of the file are ignored
     */
    Fill claim(CacheKey key, long blockIndex, long wanted);

    /**
     * The content's own tier file if all of it is present in one tier and every checksum matches, else null. The first
     * call after a change reads the whole file to verify it. Null also for files packed in slabs, for an interrupted
     * thread, and when more than the configured share of the tier would be held.
     */
    @Nullable
    WholeFile whole(CacheKey key);

    /**
     * Drops all versions of a file, also of what is on its way between tiers: once this returns, nothing is found that was put before.
     * Pins and whole files given out stay readable until closed.
     */
    void invalidateFile(long dataset, long fileHi, long fileLo);

    /** Drops all versions of {@code keep}'s file but {@code keep}, as thoroughly. */
    void invalidateOthers(CacheKey keep);

    /** Figures for people and tests. */
    CacheUsage usage();

    /**
     * Ends the background work and unlocks the directories; the blocks stay for the next process. All pins must have
     * been closed.
     */
    @Override
    void close();
}
