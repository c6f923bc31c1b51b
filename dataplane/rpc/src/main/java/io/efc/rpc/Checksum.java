package io.efc.rpc;

import io.efc.base.Check;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** CRC32C of native memory without allocating, as long as a thread keeps to few segments. One thread: {@link #current}. */
public final class Checksum {
    private static final ThreadLocal<Checksum> CURRENT = ThreadLocal.withInitial(Checksum::new);

    private final CRC32C crc = new CRC32C();
    private @Nullable MemorySegment last;
    private ByteBuffer view = ByteBuffer.allocate(0);

    /** The calling thread's. */
    public static Checksum current() {
        return CURRENT.get();
    }

    /** The CRC32C of a range. */
    public int of(MemorySegment segment, long offset, int length) {
        Check.range(offset, length, segment.byteSize());
        MemorySegment seen = last;
        long from = offset;
        if (segment.byteSize() > Integer.MAX_VALUE) {
            view = segment.asSlice(offset, length).asByteBuffer();
            last = null;
            from = 0;
        } else if (seen == null || !seen.equals(segment) || !seen.scope().equals(segment.scope())) {
            view = segment.asByteBuffer();
            last = segment;
        }
        crc.reset();
        crc.update(view.limit((int) from + length).position((int) from));
        return (int) crc.getValue();
    }
}
