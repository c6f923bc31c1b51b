package io.efc.nfs.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.efc.base.Check;
import java.lang.foreign.MemorySegment;

/**
 * Decodes XDR (RFC 4506) from a part of a segment. A length that the peer states is compared with the caller's limit and with what is really
 * there before anything is allocated; whatever does not fit ends in {@link XdrException}. Not safe for several threads.
 */
public final class XdrReader {
    private static final byte[] EMPTY = {};

    private MemorySegment buffer = MemorySegment.NULL;
    private int position;
    private int limit;

    /** Reads {@code buffer} from {@code from} up to {@code to} from now on. */
    public XdrReader wrap(MemorySegment buffer, int from, int to) {
        Check.range(from, (long) to - from, buffer.byteSize());
        this.buffer = buffer;
        this.position = from;
        this.limit = to;
        return this;
    }

    /** Where the next item begins. */
    public int position() {
        return position;
    }

    /** Bytes left. */
    public int remaining() {
        return limit - position;
    }

    /** int, unsigned int or enum. */
    public int i32() {
        return buffer.get(XdrWriter.I32, take(4));
    }

    /** unsigned int. */
    public long u32() {
        return i32() & 0xffffffffL;
    }

    /** hyper or unsigned hyper. */
    public long i64() {
        return buffer.get(XdrWriter.I64, take(8));
    }

    /** False for 0, true for 1, refused otherwise (RFC 4506 section 4.4). */
    public boolean bool() {
        int v = i32();
        if ((v & ~1) != 0) {
            throw new XdrException("a boolean is " + v);
        }
        return v != 0;
    }

    /** A count or length, 0 to {@code max}. */
    public int length(int max) {
        int n = i32();
        if (n < 0 || n > max) {
            throw new XdrException("a length is " + (n & 0xffffffffL) + ", more than " + max);
        }
        return n;
    }

    /** Variable-length opaque or string of at most {@code max} bytes. */
    public byte[] opaque(int max) {
        return opaqueFixed(length(max));
    }

    /** Fixed-length opaque. */
    public byte[] opaqueFixed(int n) {
        int at = take(XdrWriter.padded(n));
        if (n == 0) {
            return EMPTY;
        }
        byte[] v = new byte[n];
        MemorySegment.copy(buffer, JAVA_BYTE, at, v, 0, n);
        return v;
    }

    /** Passes over a variable-length opaque of at most {@code max} bytes; its length. */
    public int skipOpaque(int max) {
        int n = length(max);
        take(XdrWriter.padded(n));
        return n;
    }

    /** Passes over {@code n} bytes, a multiple of 4. */
    public void skip(int n) {
        take(n);
    }

    /** The byte at {@code at} of the buffer, for decoders that look into an opaque without copying it. */
    byte at(int at) {
        Check.range(at, 1, limit);
        return buffer.get(JAVA_BYTE, at);
    }

    private int take(int n) {
        int at = position;
        if (n < 0 || n > limit - at) {
            throw new XdrException("an item of " + (n & 0xffffffffL) + " bytes, " + (limit - at) + " are left");
        }
        position = at + n;
        return at;
    }
}
