package io.efc.cache;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Bytes that tell which content and position they belong to, so that any byte in a wrong place is found. */
final class Contents {
    private Contents() {}

    static CacheKey key(long file, long version, long size) {
        return new CacheKey(7, file * 31, file, version, size);
    }

    /** The byte at a position of a content: every 8 bytes are a hash of key and position. */
    static byte at(CacheKey key, long position) {
        return (byte) (word(key, position >> 3) >>> ((position & 7) << 3));
    }

    private static long word(CacheKey key, long index) {
        long z = key.fileLo() * 0x9e3779b97f4a7c15L + key.version() * 0xbf58476d1ce4e5b9L + index;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    static void fill(MemorySegment to, long offset, CacheKey key, long position, int length) {
        int i = 0;
        while (i < length) {
            long p = position + i;
            if ((p & 7) == 0 && length - i >= 8) {
                to.set(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, offset + i, word(key, p >> 3));
                i += 8;
            } else {
                to.set(JAVA_BYTE, offset + i, at(key, p));
                i++;
            }
        }
    }

    static MemorySegment of(Arena arena, CacheKey key, long position, int length) {
        MemorySegment bytes = arena.allocate(Math.max(1, length), 64);
        fill(bytes, 0, key, position, length);
        return bytes;
    }

    /** The first offset whose byte is not the content's, or -1. */
    static long mismatch(MemorySegment in, long offset, CacheKey key, long position, int length) {
        int i = 0;
        while (i < length) {
            long p = position + i;
            if ((p & 7) == 0 && length - i >= 8) {
                if (in.get(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, offset + i) != word(key, p >> 3)) {
                    return i;
                }
                i += 8;
            } else {
                if (in.get(JAVA_BYTE, offset + i) != at(key, p)) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }
}
