package io.efc.cache.internal;

import io.efc.base.Libc;
import io.efc.cache.BlockCache;
import io.efc.cache.CacheConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A thread's checksum, buffer of one sub-range, and view of the segment it reads to or puts from, so that a hit
 * allocates nothing.
 */
final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    /** Checksums of the pieces of a put. */
    final int[] crcs = new int[CacheConfig.BLOCK_BYTES_MAX / Geometry.PIECE];

    private final CRC32C crc = new CRC32C();
    private @Nullable MemorySegment buffer;
    private @Nullable ByteBuffer bufferBytes;
    private @Nullable MemorySegment viewed;
    private @Nullable ByteBuffer view;

    private Scratch() {}

    static Scratch get() {
        return OF_THREAD.get();
    }

    /** One sub-range of memory. */
    MemorySegment buffer() {
        MemorySegment b = buffer;
        if (b == null) {
            b = Arena.ofAuto().allocate(BlockCache.SUB_RANGE, 64);
            buffer = b;
            bufferBytes = b.asByteBuffer();
        }
        return b;
    }

    /** CRC32C of a range of the {@link #buffer}. */
    int bufferCrc(int offset, int length) {
        ByteBuffer bytes = bufferBytes;
        if (bytes == null) {
            throw new IllegalStateException("nothing was read to the buffer");
        }
        return crcOf(bytes, offset, length);
    }

    /** Identity, because an equal segment may be of another arena, whose memory this one's view must not outlive. */
    @SuppressWarnings({"ReferenceEquality", "MemorySegmentReferenceEquality"})
    private boolean isViewed(MemorySegment segment) {
        return viewed == segment;
    }

    /** CRC32C of a range; allocates nothing if the segment is the one of the last call. */
    int crc(MemorySegment segment, long offset, int length) {
        ByteBuffer bytes = view;
        int start = (int) offset;
        if (bytes == null || !isViewed(segment)) {
            if (segment.byteSize() > Integer.MAX_VALUE) {
                bytes = segment.asSlice(offset, length).asByteBuffer();
                start = 0;
            } else {
                bytes = segment.asByteBuffer();
                viewed = segment;
                view = bytes;
            }
        }
        return crcOf(bytes, start, length);
    }

    private int crcOf(ByteBuffer bytes, int start, int length) {
        bytes.limit(start + length).position(start);
        crc.reset();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** Reads exactly {@code length} bytes; false if they are not there or cannot be read. */
    static boolean readFully(int fd, MemorySegment to, long offset, int length, long position) {
        int done = 0;
        while (done < length) {
            long n = Libc.pread(fd, to, offset + done, length - done, position + done);
            if (n <= 0) {
                return false;
            }
            done += (int) n;
        }
        return true;
    }

    /** Writes exactly {@code length} bytes; false if the file system refuses. */
    static boolean writeFully(int fd, MemorySegment from, long offset, int length, long position) {
        int done = 0;
        while (done < length) {
            long n = Libc.pwrite(fd, from, offset + done, length - done, position + done);
            if (n <= 0) {
                return false;
            }
            done += (int) n;
        }
        return true;
    }
}
