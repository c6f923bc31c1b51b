package io.efc.fuse;

import io.efc.base.Check;
import java.nio.ByteBuffer;

/**
 * What INIT settled with the kernel. It travels to a successor that is handed the descriptor and skips INIT.
 *
 * @param minor the protocol's minor version, of major 7
 * @param flags the FUSE_* bits that both sides have, 64 bits wide
 * @param maxWrite the most bytes of one WRITE
 * @param maxReadahead the most bytes the kernel reads ahead
 * @param maxPages the most pages of one request
 * @param maxBackground the most background requests
 */
public record FuseNegotiated(int minor, long flags, int maxWrite, int maxReadahead, int maxPages, int maxBackground) {
    /** The length of {@link #toBytes}. */
    public static final int BYTES = 28;

    /** True if {@code flag}, one of {@link FuseFlags}, is on. */
    public boolean has(long flag) {
        return (flags & flag) != 0;
    }

    /** The same with another readahead. */
    FuseNegotiated withMaxReadahead(int bytes) {
        return new FuseNegotiated(minor, flags, maxWrite, bytes, maxPages, maxBackground);
    }

    /** As bytes, to be sent along with the descriptor: six fields, 28 bytes, big endian. */
    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES)
                .putInt(minor)
                .putLong(flags)
                .putInt(maxWrite)
                .putInt(maxReadahead)
                .putInt(maxPages)
                .putInt(maxBackground)
                .array();
    }

    /** What {@link #toBytes} made. */
    public static FuseNegotiated ofBytes(byte[] bytes) {
        Check.argument(bytes.length == BYTES, "%d bytes instead of %d", bytes.length, BYTES);
        ByteBuffer b = ByteBuffer.wrap(bytes);
        return new FuseNegotiated(b.getInt(), b.getLong(), b.getInt(), b.getInt(), b.getInt(), b.getInt());
    }
}
