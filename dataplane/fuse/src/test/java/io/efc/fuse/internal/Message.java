package io.efc.fuse.internal;

import io.efc.fuse.FuseOpcode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Builds a request as bytes: the header, then fields in order. */
final class Message {
    private static final int HEADER = 40;

    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 21).order(ByteOrder.nativeOrder());
    private int extensionBytes;

    private Message(int opcode, long unique, long nodeId) {
        buffer.putInt(0).putInt(opcode).putLong(unique).putLong(nodeId);
        buffer.putInt(1000).putInt(1001).putInt(4242).putInt(0);
    }

    static Message of(FuseOpcode opcode, long unique, long nodeId) {
        return new Message(opcode.code(), unique, nodeId);
    }

    static Message of(int opcode, long unique, long nodeId) {
        return new Message(opcode, unique, nodeId);
    }

    Message u16(int value) {
        buffer.putShort((short) value);
        return this;
    }

    Message u32(int value) {
        buffer.putInt(value);
        return this;
    }

    Message u64(long value) {
        buffer.putLong(value);
        return this;
    }

    Message name(String name) {
        buffer.put(name.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
        return this;
    }

    Message bytes(byte[] bytes) {
        buffer.put(bytes);
        return this;
    }

    /** Appends an extension of 8 + 8 n bytes. */
    Message extension(int size, int type, int payloadLongs) {
        u32(size).u32(type);
        for (int i = 0; i < payloadLongs; i++) {
            u64(0x1111111111111111L);
        }
        extensionBytes += 8 + 8 * payloadLongs;
        return this;
    }

    byte[] build() {
        int length = buffer.position();
        byte[] bytes = new byte[length];
        buffer.putInt(0, length).putShort(HEADER - 4, (short) (extensionBytes / 8));
        buffer.get(0, bytes);
        return bytes;
    }

    /** A reply's fields by offset. */
    record Reply(ByteBuffer bytes) {
        static final int BODY = 16;

        static Reply of(byte[] raw) {
            return new Reply(ByteBuffer.wrap(raw).order(ByteOrder.nativeOrder()));
        }

        int length() {
            return bytes.getInt(0);
        }

        /** Positive errno; 0 for success. */
        int errno() {
            return -bytes.getInt(4);
        }

        long unique() {
            return bytes.getLong(8);
        }

        int u32(int offset) {
            return bytes.getInt(BODY + offset);
        }

        long u64(int offset) {
            return bytes.getLong(BODY + offset);
        }

        String text(int offset, int length) {
            byte[] b = new byte[length];
            bytes.get(BODY + offset, b);
            return new String(b, StandardCharsets.UTF_8);
        }
    }
}
