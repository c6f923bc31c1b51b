package io.efc.cache;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A range of one block that stays where it is until {@link #close}. The bytes lie in a tier file, so they can be sent
 * with sendfile, passed as a descriptor, or written from {@link #segment} without a copy.
 *
 * <p>Pins are pooled: close one exactly once, from any thread, and do not touch it afterwards. A pin keeps a block from
 * eviction, so hold it only as long as a reply takes.
 */
public interface BlockPin extends AutoCloseable {
    /**
     * The tier file, of the cache: valid until {@link #close}, not to be closed or changed. Its file position means
     * nothing.
     */
    int fd();

    /** Where in the tier file the asked position is. */
    long fileOffset();

    /** Bytes pinned: what was asked for, cut at the end of the file. */
    int length();

    /** The asked position is within this sub-range of the block. */
    int firstSubRange();

    /** How many sub-ranges the range touches; their checksums are {@code crc(0 .. subRanges() - 1)}. */
    int subRanges();

    /**
     * CRC32C of all bytes of the {@code i}-th touched sub-range (64 KiB; fewer at the end of the file), as it was put:
     * a peer who gets whole sub-ranges checks them against this.
     */
    int crc(int i);

    /**
     * Reads every touched sub-range from the tier and compares checksums. False: the bad ones are dropped from the
     * cache and counted.
     */
    boolean verify();

    /**
     * A mapping with the pinned bytes at {@link #offset}, read-only, valid until {@link #close}; null where the tier is
     * not memory. Meant for handing to the kernel (writev), which answers EFAULT should the tier file have been cut:
     * code in this process that touches it would be ended by a signal then, and is safe only with {@link
     * BlockCache#read}.
     */
    @Nullable
    MemorySegment segment();

    /** Where in {@link #segment} the pinned bytes start. */
    long offset();

    @Override
    void close();
}
