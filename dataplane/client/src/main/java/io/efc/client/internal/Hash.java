package io.efc.client.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A 64-bit hash of bytes, the same in every process and on every machine: cache blocks are named by it. Multiply-and-fold over 8 bytes
 * at a time with a final avalanche; two seeds give two independent halves of 128 bits.
 */
final class Hash {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long P1 = 0x9E3779B97F4A7C15L;
    private static final long P2 = 0xD6E8FEB86659FD93L;

    private Hash() {}

    /** The hash of {@code bytes} under {@code seed}. */
    static long of(byte[] bytes, long seed) {
        long h = mix(seed ^ P1, bytes.length + P2);
        int i = 0;
        for (; i + 8 <= bytes.length; i += 8) {
            h = mix(h ^ (long) LONG.get(bytes, i), P1);
        }
        long tail = 0;
        for (int shift = 0; i < bytes.length; i++, shift += 8) {
            tail |= (bytes[i] & 0xffL) << shift;
        }
        return mix(h ^ tail, P2);
    }

    /** Both halves of the 128-bit product, folded, then spread. */
    private static long mix(long a, long b) {
        long x = a * b ^ Math.unsignedMultiplyHigh(a, b);
        x ^= x >>> 29;
        x *= 0xBF58476D1CE4E5B9L;
        return x ^ x >>> 32;
    }
}
