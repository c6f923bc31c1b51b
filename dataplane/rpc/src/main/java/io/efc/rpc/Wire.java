package io.efc.rpc;

import io.efc.base.Check;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Cursors over the variable messages of the control plane: little-endian numbers, strings as a two-byte length and UTF-8, lists as a
 * two-byte count. The messages of the data path are flyweights instead ({@link ReadRequest}).
 */
public final class Wire {
    /** The longest string: a path, a mount option. */
    public static final int STRING_BYTES_MAX = 4096;

    /** The most elements of a list: members, sessions, mounts. */
    public static final int COUNT_MAX = 10_000;

    private Wire() {}

    /** Appends. */
    public static final class Writer {
        private ByteBuffer out = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);

        private ByteBuffer room(int bytes) {
            if (out.remaining() < bytes) {
                int size = Math.max(out.capacity() * 2, out.position() + bytes);
                out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(out.flip());
            }
            return out;
        }

        public Writer u8(int v) {
            room(1).put((byte) v);
            return this;
        }

        public Writer u16(int v) {
            Check.argument(v >= 0 && v <= 0xffff, "%d does not fit 16 bits", v);
            room(2).putShort((short) v);
            return this;
        }

        public Writer i32(int v) {
            room(4).putInt(v);
            return this;
        }

        public Writer i64(long v) {
            room(8).putLong(v);
            return this;
        }

        /** Bytes of a length that both sides know. */
        public Writer raw(byte[] v) {
            room(v.length).put(v);
            return this;
        }

        /** A string of at most {@link #STRING_BYTES_MAX} bytes. */
        public Writer string(String v) {
            byte[] raw = v.getBytes(StandardCharsets.UTF_8);
            Check.argument(raw.length <= STRING_BYTES_MAX, "a string has %d bytes, more than 4096", raw.length);
            return u16(raw.length).raw(raw);
        }

        /** The count in front of a list. */
        public Writer count(int v) {
            Check.argument(v <= COUNT_MAX, "a list has %d elements, more than 10000", v);
            return u16(v);
        }

        /** A map, by its keys' order. */
        public Writer map(Map<String, String> v) {
            count(v.size());
            new TreeMap<>(v).forEach((k, value) -> string(k).string(value));
            return this;
        }

        public byte[] bytes() {
            return Arrays.copyOf(out.array(), out.position());
        }
    }

    /** Reads; every method throws {@link RpcException} with BAD_REQUEST if the bytes are not what is asked for. */
    public static final class Reader {
        private final ByteBuffer in;

        public Reader(byte[] bytes) {
            this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        public int u8() {
            return require(1).get() & 0xff;
        }

        public int u16() {
            return require(2).getShort() & 0xffff;
        }

        public int i32() {
            return require(4).getInt();
        }

        public long i64() {
            return require(8).getLong();
        }

        public byte[] raw(int length) {
            require(length);
            byte[] v = new byte[length];
            in.get(v);
            return v;
        }

        public String string() {
            int length = u16();
            if (length > STRING_BYTES_MAX) {
                throw malformed("a string of " + length + " bytes");
            }
            return new String(raw(length), StandardCharsets.UTF_8);
        }

        public int count() {
            int count = u16();
            if (count > COUNT_MAX) {
                throw malformed("a list of " + count + " elements");
            }
            return count;
        }

        public Map<String, String> map() {
            Map<String, String> v = new TreeMap<>();
            for (int i = count(); i > 0; i--) {
                v.put(string(), string());
            }
            return v;
        }

        public boolean isAtEnd() {
            return !in.hasRemaining();
        }

        /** Requires that nothing follows. */
        public void end() {
            if (in.hasRemaining()) {
                throw malformed(in.remaining() + " bytes too many");
            }
        }

        private ByteBuffer require(int bytes) {
            if (in.remaining() < bytes) {
                throw malformed("ends " + (bytes - in.remaining()) + " bytes too early");
            }
            return in;
        }
    }

    /** A message that is not what it should be. */
    public static RpcException malformed(String what) {
        return new RpcException(Status.BAD_REQUEST, "malformed message: " + what);
    }
}
