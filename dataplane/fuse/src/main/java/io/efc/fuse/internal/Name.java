package io.efc.fuse.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.efc.base.Check;
import io.efc.fuse.FuseName;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A name inside a request's body. */
final class Name implements FuseName {
    private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** An odd constant with well-mixed bits (the golden ratio's fraction), so that a multiplication spreads every input bit upwards. */
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private MemorySegment memory = MemorySegment.NULL;
    private long at;
    private int length;

    /** Moves the view; {@code length} excludes the NUL. */
    void wrap(MemorySegment segment, long offset, int bytes) {
        memory = segment;
        at = offset;
        length = bytes;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public byte byteAt(int index) {
        Check.range(index, 1, length);
        return memory.get(JAVA_BYTE, at + index);
    }

    @Override
    public byte[] toBytes() {
        byte[] bytes = new byte[length];
        MemorySegment.copy(memory, JAVA_BYTE, at, bytes, 0, length);
        return bytes;
    }

    @Override
    public void copyTo(MemorySegment to, long offset) {
        MemorySegment.copy(memory, at, to, offset, length);
    }

    @Override
    public boolean contentEquals(byte[] bytes) {
        if (bytes.length != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (memory.get(JAVA_BYTE, at + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean contentEquals(MemorySegment segment, long offset) {
        Check.range(offset, length, segment.byteSize());
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            if (memory.get(JAVA_LONG_UNALIGNED, at + i) != segment.get(JAVA_LONG_UNALIGNED, offset + i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (memory.get(JAVA_BYTE, at + i) != segment.get(JAVA_BYTE, offset + i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public long hash64() {
        long h = length * MULTIPLIER;
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            h = mix(h ^ memory.get(LITTLE_ENDIAN_LONG, at + i));
        }
        long tail = 0;
        for (int shift = 0; i < length; i++, shift += 8) {
            tail |= (memory.get(JAVA_BYTE, at + i) & 0xffL) << shift;
        }
        return mix(mix(h ^ tail));
    }

    private static long mix(long h) {
        long m = h * MULTIPLIER;
        return m ^ m >>> 32;
    }

    @Override
    public String toString() {
        return new String(toBytes(), StandardCharsets.UTF_8);
    }
}
