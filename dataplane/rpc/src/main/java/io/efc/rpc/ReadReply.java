package io.efc.rpc;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The body of READ's reply: where the bytes came from and the checksum of every piece. Pieces are the range asked for, cut at the multiples of
 * {@value #PIECE_BYTES} of the file's position; the bytes themselves are the frame's bulk.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |    source     |   reserved    |       number of pieces        |  0
 * +---------------+---------------+-------------------------------+
 * |                   CRC32C of each piece (4)                    |  4
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class ReadReply {
    /** A cache's sub-range. */
    public static final int PIECE_BYTES = 64 << 10;

    /** The bytes were cached. */
    public static final int FROM_CACHE = 0;

    /** They were fetched from the store for this request. */
    public static final int FROM_STORE = 1;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private static final int PIECES_AT = 2;
    private static final int CRC_AT = 4;

    private ReadReply() {}

    /** How many pieces a range has. */
    public static int pieces(long position, int length) {
        return length == 0 ? 0 : (int) ((position + length - 1) / PIECE_BYTES - position / PIECE_BYTES) + 1;
    }

    /** The length of a piece: the first and the last may be short. */
    public static int pieceLength(long position, int length, int piece) {
        return pieceStart(position, length, piece + 1) - pieceStart(position, length, piece);
    }

    /** A piece's start, relative to the range. */
    public static int pieceStart(long position, int length, int piece) {
        long start = piece == 0 ? 0 : (position / PIECE_BYTES + piece) * PIECE_BYTES - position;
        return (int) Math.min(start, length);
    }

    /** The bytes of a body with this many pieces. */
    public static int bodyLength(int pieces) {
        return CRC_AT + 4 * pieces;
    }

    public static void encode(MemorySegment b, int source, int pieces) {
        b.set(ValueLayout.JAVA_BYTE, 0, (byte) source);
        b.set(ValueLayout.JAVA_BYTE, 1, (byte) 0);
        b.set(SHORT, PIECES_AT, (short) pieces);
    }

    public static void setCrc(MemorySegment b, int piece, int crc) {
        b.set(INT, CRC_AT + 4L * piece, crc);
    }

    /** A received body is that of a reply for a range with this many pieces. */
    public static boolean isWellFormed(MemorySegment b, int bodyLength, int pieces) {
        return bodyLength == bodyLength(pieces) && (b.get(SHORT, PIECES_AT) & 0xffff) == pieces;
    }

    public static int source(MemorySegment b) {
        return b.get(ValueLayout.JAVA_BYTE, 0);
    }

    public static int crc(MemorySegment b, int piece) {
        return b.get(INT, CRC_AT + 4L * piece);
    }
}
