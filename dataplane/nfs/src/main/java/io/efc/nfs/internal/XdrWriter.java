package io.efc.nfs.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.efc.base.Check;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Encodes XDR (RFC 4506) into an off-heap buffer of its own, which doubles up to a limit. Every item takes a multiple of 4 bytes, big-endian.
 * Not safe for several threads.
 */
public final class XdrWriter {
    static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Arena arena;
    private final int bytesMax;
    private MemorySegment buffer;
    private int position;

    /** Buffers come from {@code arena}: at first {@code bytes}, at most {@code bytesMax}. */
    public XdrWriter(Arena arena, int bytes, int bytesMax) {
        Check.argument(bytes >= 64 && bytes <= bytesMax, "a buffer of %d bytes, at most %d", bytes, bytesMax);
        this.arena = arena;
        this.bytesMax = bytesMax;
        this.buffer = arena.allocate(bytes, 8);
    }

    /** Forgets all that was written and goes on at {@code at}. */
    public void reset(int at) {
        Check.range(0, at, buffer.byteSize());
        position = at;
    }

    /** The bytes written so far, from the buffer's start. */
    public int position() {
        return position;
    }

    /** The memory written to; changes when it grows. */
    public MemorySegment buffer() {
        return buffer;
    }

    /** int, unsigned int or enum. */
    public void i32(int v) {
        int at = reserve(4);
        buffer.set(I32, at, v);
    }

    /** hyper or unsigned hyper. */
    public void i64(long v) {
        int at = reserve(8);
        buffer.set(I64, at, v);
    }

    public void bool(boolean v) {
        i32(v ? 1 : 0);
    }

    /** Variable-length opaque or string: the length, the bytes, zeroes up to a multiple of 4. */
    public void opaque(byte[] v) {
        i32(v.length);
        opaqueFixed(v);
    }

    /** Fixed-length opaque. */
    public void opaqueFixed(byte[] v) {
        int padded = padded(v.length);
        int at = reserve(padded);
        MemorySegment.copy(v, 0, buffer, JAVA_BYTE, at, v.length);
        for (int i = v.length; i < padded; i++) {
            buffer.set(JAVA_BYTE, at + i, (byte) 0);
        }
    }

    /** {@code n} zero bytes: the padding of an opaque that is sent from elsewhere. */
    void zeroes(int n) {
        int at = reserve(n);
        for (int i = 0; i < n; i++) {
            buffer.set(JAVA_BYTE, at + i, (byte) 0);
        }
    }

    /** Overwrites an int written before. */
    public void patch(int at, int v) {
        Check.range(at, 4, position);
        buffer.set(I32, at, v);
    }

    /** {@code n} rounded up to a multiple of 4. */
    static int padded(int n) {
        return n + 3 & ~3;
    }

    private int reserve(int n) {
        int at = position;
        if (n > buffer.byteSize() - at) {
            grow(at + (long) n);
        }
        position = at + n;
        return at;
    }

    private void grow(long needed) {
        if (needed > bytesMax) {
            throw new XdrException("arguments of more than " + bytesMax + " bytes");
        }
        long size = Math.min(bytesMax, Math.max(needed, 2 * buffer.byteSize()));
        MemorySegment larger = arena.allocate(size, 8);
        MemorySegment.copy(buffer, 0, larger, 0, position);
        buffer = larger;
    }
}
