package io.efc.nfs.internal;

import io.efc.base.Errno;
import io.efc.nfs.NfsException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * What was written to one file but is not known to be on stable storage: a copy of every UNSTABLE write, with the verifier that its reply carried
 * (RFC 8881 section 18.32.3, RFC 1813 section 3.3.7), in the order of the replies. COMMIT answers with the server's verifier; a write that carries
 * another one met a server that has restarted since, and is sent again.
 *
 * <p>Writers hold {@link #ready} together from before the request until its copy is appended; a commit holds it alone. So a write that is sent again can
 * never land over a later one.
 */
final class UnstableWrites {
    /** What a commit sends. */
    interface Wire {
        /** COMMIT of the whole file: the server's verifier. */
        long commit();

        /** A WRITE with FILE_SYNC. */
        void writeSync(long position, MemorySegment from, long offset, int length);
    }

    /** One write, or a part of it that lies in one chunk. */
    private record Piece(long position, MemorySegment chunk, int offset, int length, long verifier) {}

    private final ChunkPool pool;
    private final ReentrantReadWriteLock ready = new ReentrantReadWriteLock();
    private final List<Piece> pieces = new ArrayList<>();
    private final List<MemorySegment> chunks = new ArrayList<>();
    private int lastChunkUsed = ChunkPool.CHUNK_BYTES;

    UnstableWrites(ChunkPool pool) {
        this.pool = pool;
    }

    /** Begins a write; to be ended by {@link #endWrite} in the same thread. EINTR if interrupted. */
    void beginWrite() {
        lock(ready.readLock());
    }

    void endWrite() {
        ready.readLock().unlock();
    }

    /** Sets room aside for a write of {@code length} bytes; false if the pool has none. */
    boolean reserve(int length) {
        return pool.reserve(chunksOf(length));
    }

    /** Gives back what {@link #reserve} set aside for {@code length} bytes, less what {@link #append} took: {@code taken} chunks. */
    void cancel(int length, int taken) {
        pool.cancel(chunksOf(length) - taken);
    }

    private static int chunksOf(int length) {
        return length / ChunkPool.CHUNK_BYTES + 1;
    }

    /** Keeps a copy of a part of the write for which room was set aside; the chunks taken for it. */
    int append(long position, MemorySegment from, long offset, int length, long verifier) {
        synchronized (pieces) {
            int taken = 0;
            int done = 0;
            while (done < length) {
                if (lastChunkUsed == ChunkPool.CHUNK_BYTES) {
                    chunks.add(pool.take());
                    lastChunkUsed = 0;
                    taken++;
                }
                MemorySegment chunk = chunks.getLast();
                int n = Math.min(length - done, ChunkPool.CHUNK_BYTES - lastChunkUsed);
                MemorySegment.copy(from, offset + done, chunk, lastChunkUsed, n);
                pieces.add(new Piece(position + done, chunk, lastChunkUsed, n, verifier));
                lastChunkUsed += n;
                done += n;
            }
            return taken;
        }
    }

    /** Whether there may be something to commit. */
    boolean isDirty() {
        synchronized (pieces) {
            return !pieces.isEmpty();
        }
    }

    /** Has everything that was written so far on stable storage, and runs {@code then} before the next write begins. */
    void commit(Wire wire, Runnable then) {
        lock(ready.writeLock());
        try {
            if (isDirty()) {
                commitAll(wire);
            }
            then.run();
        } finally {
            ready.writeLock().unlock();
        }
    }

    private void commitAll(Wire wire) {
        long verifier = wire.commit();
        int stale = 0;
        while (stale < pieces.size() && pieces.get(stale).verifier == verifier) {
            stale++;
        }
        for (int i = stale; i < pieces.size(); i++) {
            Piece p = pieces.get(i);
            wire.writeSync(p.position, p.chunk, p.offset, p.length);
        }
        forget();
    }

    /** Lets go of everything: it was committed, or never can be. */
    void forget() {
        synchronized (pieces) {
            pieces.clear();
            chunks.forEach(pool::give);
            chunks.clear();
            lastChunkUsed = ChunkPool.CHUNK_BYTES;
        }
    }

    private static void lock(Lock l) {
        try {
            l.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NfsException(Errno.EINTR, "waiting for a commit");
        }
    }
}
