package io.efc.rpc.internal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.efc.base.Check;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Room for one frame's header and body, and the header's flyweight. Bulk bytes never pass through it. One owner at a time.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                   magic 'E' 'F' 'C' 'R'                       |  0
 * +---------------+---------------+-------------------------------+
 * |    version    |     type      |            flags              |  4
 * +---------------+---------------+-------------------------------+
 * |                                                               |  8
 * +                          request id                           +
 * |                                                               | 12
 * +---------------------------------------------------------------+
 * |       microseconds until the deadline, 0: none (requests)     | 16
 * +---------------------------------------------------------------+
 * |                       status (replies)                        | 20
 * +---------------------------------------------------------------+
 * |                        body length                            | 24
 * +---------------------------------------------------------------+
 * |                        bulk length                            | 28
 * +---------------------------------------------------------------+
 * |                     CRC32C of the body                        | 32
 * +---------------------------------------------------------------+
 * |                CRC32C of the 36 bytes above                   | 36
 * +---------------------------------------------------------------+
 * </pre>
 *
 * All numbers are little-endian.
 */
public final class FrameBuffer {
    public static final int HEADER_BYTES = 40;
    public static final int MAGIC = 0x52434645;
    public static final int VERSION = 1;

    /** The frame answers a request. */
    public static final int FLAG_REPLY = 1;

    /** Sent without a request. */
    public static final int FLAG_PUSH = 2;

    /** A descriptor comes with the header's first byte. */
    public static final int FLAG_DESCRIPTOR = 4;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private static final int VERSION_AT = 4;
    private static final int TYPE_AT = 5;
    private static final int FLAGS_AT = 6;
    private static final int ID_AT = 8;
    private static final int DEADLINE_AT = 16;
    private static final int STATUS_AT = 20;
    private static final int BODY_LENGTH_AT = 24;
    private static final int BULK_LENGTH_AT = 28;
    private static final int BODY_CRC_AT = 32;
    private static final int HEADER_CRC_AT = 36;

    private final MemorySegment segment;
    private final MemorySegment body;
    private final ByteBuffer view;
    private final CRC32C crc = new CRC32C();

    /** Memory that lives as long as this object. */
    public FrameBuffer(int bodyBytesMax) {
        this.segment = Arena.ofAuto().allocate(HEADER_BYTES + (long) bodyBytesMax, 64);
        this.body = segment.asSlice(HEADER_BYTES);
        this.view = segment.asByteBuffer();
    }

    /** Header and body. */
    public MemorySegment segment() {
        return segment;
    }

    /** Room for the body. */
    public MemorySegment body() {
        return body;
    }

    public int bodyCapacity() {
        return (int) body.byteSize();
    }

    /** Fills in the header of a frame whose body is in place. */
    public void seal(int type, int flags, long id, int deadlineMicros, int status, int bodyLength, int bulkLength) {
        Check.range(0, bodyLength, body.byteSize());
        segment.set(INT, 0, MAGIC);
        segment.set(ValueLayout.JAVA_BYTE, VERSION_AT, (byte) VERSION);
        segment.set(ValueLayout.JAVA_BYTE, TYPE_AT, (byte) type);
        segment.set(SHORT, FLAGS_AT, (short) flags);
        segment.set(LONG, ID_AT, id);
        segment.set(INT, DEADLINE_AT, deadlineMicros);
        segment.set(INT, STATUS_AT, status);
        segment.set(INT, BODY_LENGTH_AT, bodyLength);
        segment.set(INT, BULK_LENGTH_AT, bulkLength);
        segment.set(INT, BODY_CRC_AT, crc(HEADER_BYTES, bodyLength));
        segment.set(INT, HEADER_CRC_AT, crc(0, HEADER_CRC_AT));
    }

    /** Magic, version and header CRC are right: the other fields may be trusted to be what the peer sent. */
    public boolean headerIntact() {
        return segment.get(INT, 0) == MAGIC
                && segment.get(ValueLayout.JAVA_BYTE, VERSION_AT) == VERSION
                && segment.get(INT, HEADER_CRC_AT) == crc(0, HEADER_CRC_AT);
    }

    /** The body's CRC is right. */
    public boolean bodyIntact() {
        return segment.get(INT, BODY_CRC_AT) == crc(HEADER_BYTES, bodyLength());
    }

    private int crc(int from, int length) {
        crc.reset();
        crc.update(view.limit(from + length).position(from));
        return (int) crc.getValue();
    }

    public int type() {
        return segment.get(ValueLayout.JAVA_BYTE, TYPE_AT) & 0xff;
    }

    public boolean has(int flag) {
        return (segment.get(SHORT, FLAGS_AT) & flag) != 0;
    }

    public long id() {
        return segment.get(LONG, ID_AT);
    }

    /** Microseconds, at most 2^32 - 1; 0 if there is no deadline. */
    public long deadlineMicros() {
        return segment.get(INT, DEADLINE_AT) & 0xffff_ffffL;
    }

    public int status() {
        return segment.get(INT, STATUS_AT);
    }

    /** As the peer sent it: negative means more than 2 GiB. */
    public int bodyLength() {
        return segment.get(INT, BODY_LENGTH_AT);
    }

    /** As the peer sent it: negative means more than 2 GiB. */
    public int bulkLength() {
        return segment.get(INT, BULK_LENGTH_AT);
    }

    /** Takes over the header of another buffer, before the body is received here. */
    public void copyHeader(FrameBuffer other) {
        MemorySegment.copy(other.segment, 0, segment, 0, HEADER_BYTES);
    }
}
