package io.efc.nfs.internal;

import io.efc.base.Check;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/** A bounded amount of off-heap memory in chunks of {@value #CHUNK_BYTES} bytes: where all files of a mount keep what is written but not committed. */
final class ChunkPool {
    static final int CHUNK_BYTES = 64 << 10;

    /** Of the garbage collector, since a writer may still copy when its client is closed. */
    private final Arena arena = Arena.ofAuto();

    private final int chunksMax;
    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
    private int made;
    private int used;

    ChunkPool(long bytesMax) {
        chunksMax = (int) Math.min(Integer.MAX_VALUE, bytesMax / CHUNK_BYTES);
        Check.argument(chunksMax > 0, "a pool of %d bytes", bytesMax);
    }

    /** Sets {@code chunks} aside for {@link #take}; false if so many are not free. */
    synchronized boolean reserve(int chunks) {
        if (chunks > chunksMax - used) {
            return false;
        }
        used += chunks;
        return true;
    }

    /** A chunk of those reserved. */
    synchronized MemorySegment take() {
        MemorySegment chunk = free.poll();
        if (chunk == null) {
            Check.state(made < chunksMax, "more than %d chunks taken", chunksMax);
            made++;
            chunk = arena.allocate(CHUNK_BYTES, 64);
        }
        return chunk;
    }

    /** Gives back a chunk that was taken. */
    synchronized void give(MemorySegment chunk) {
        free.push(chunk);
        used--;
    }

    /** Gives back reservations that were not taken. */
    synchronized void cancel(int chunks) {
        used -= chunks;
    }

    /** Chunks reserved or taken. */
    synchronized int used() {
        return used;
    }
}
