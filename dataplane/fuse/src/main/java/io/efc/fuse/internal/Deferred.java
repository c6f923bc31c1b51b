package io.efc.fuse.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.fuse.internal.wire.OutHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Requests that were read while as many as allowed were being served. They are taken from the kernel all the same because what comes
 * behind them may be an INTERRUPT, without which a process that waits for a dead store cannot even be killed. Bounded: at most
 * {@value #ENTRIES_MAX} requests and {@value #BYTES_MAX} bytes.
 *
 * <p>{@code this} guards the queue; {@code size} can be read without.
 */
final class Deferred {
    static final int ENTRIES_MAX = 1024;
    static final int BYTES_MAX = 16 << 20;

    @SuppressWarnings("ArrayRecordComponent")
    private record Entry(byte[] message, long rawUnique, long receivedNanos) {}

    private final Device device;
    private final ArrayDeque<Entry> queue = new ArrayDeque<>();
    private long bytes;
    private volatile int size;

    Deferred(Device device, Metrics metrics) {
        this.device = device;
        metrics.gauge(
                "efc_fuse_deferred", "Requests that wait because as many as allowed are being served.", () -> size);
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Queues a copy of the message of {@code length} bytes in {@code x}; false if there is no room. */
    synchronized boolean add(Exchange x, long length, long nowNanos) {
        if (queue.size() >= ENTRIES_MAX || bytes + length > BYTES_MAX) {
            return false;
        }
        byte[] message = new byte[(int) length];
        MemorySegment.copy(x.buffers().request(), JAVA_BYTE, x.buffers().requestAt(), message, 0, message.length);
        queue.add(new Entry(message, x.header().unique(), nowNanos));
        bytes += length;
        size = queue.size();
        return true;
    }

    /**
     * Moves the oldest message into {@code x}.
     *
     * @return its length; 0 if there is none
     */
    synchronized int poll(Exchange x) {
        Entry e = queue.poll();
        if (e == null) {
            return 0;
        }
        bytes -= e.message.length;
        size = queue.size();
        MemorySegment.copy(
                e.message, 0, x.buffers().request(), JAVA_BYTE, x.buffers().requestAt(), e.message.length);
        x.receivedAt(e.receivedNanos);
        return e.message.length;
    }

    /** Answers request {@code unique} with EINTR if it waits here. */
    boolean interrupt(long unique) {
        Entry e = remove(unique);
        if (e == null) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment m = arena.allocate(OutHeader.BYTES, 8);
            OutHeader out = new OutHeader();
            out.wrap(m, 0);
            out.length(OutHeader.BYTES).error(-Errno.EINTR.code()).unique(e.rawUnique);
            device.write(m, 0, OutHeader.BYTES);
        }
        return true;
    }

    private synchronized @Nullable Entry remove(long unique) {
        for (Entry e : queue) {
            if ((e.rawUnique & Long.MAX_VALUE) == unique) {
                queue.remove(e);
                bytes -= e.message.length;
                size = queue.size();
                return e;
            }
        }
        return null;
    }
}
