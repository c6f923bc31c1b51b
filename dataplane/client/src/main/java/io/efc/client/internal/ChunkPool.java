package io.efc.client.internal;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of reading ahead: a fixed number of 1 MiB chunks off-heap for the whole mount. A chunk that is being fetched is waited for,
 * never fetched twice. A reader pins it while the kernel copies from it. What was read to its end is the first to be given up; fetching
 * ahead of one reader never takes what another has not read yet.
 *
 * <p>One lock for all chunks: a few operations for each MiB read.
 */
final class ChunkPool implements AutoCloseable {
    /** Bytes of a chunk. */
    static final int CHUNK_BYTES = 1 << 20;

    /** log2 of {@link #CHUNK_BYTES}. */
    static final int CHUNK_SHIFT = 20;

    /** A chunk that nobody has touched for so long is up for grabs, nanoseconds. */
    private static final long IDLE_NANOS = 2_000_000_000L;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final Chunk[] chunks;
    private final Executor fetchers;
    private final Fetcher fetcher;
    private final Freshness clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Fills a chunk. */
    interface Fetcher {
        /** Brings positions {@code from} to {@code to} of the file; false if they cannot be had so. */
        boolean fetch(FuseFile file, OpenInode.View view, long from, long to, MemorySegment memory, long memoryOffset);
    }

    ChunkPool(long bytes, Executor fetchers, Freshness clock, Fetcher fetcher) {
        int count = (int) Math.min(1 << 14, bytes / CHUNK_BYTES);
        Check.argument(count >= 4, "a pool cannot have %d chunks", count);
        memory = arena.allocate((long) count * CHUNK_BYTES, 4096);
        chunks = new Chunk[count];
        for (int i = 0; i < count; i++) {
            chunks[i] = new Chunk((long) i * CHUNK_BYTES);
        }
        this.fetchers = fetchers;
        this.clock = clock;
        this.fetcher = fetcher;
    }

    MemorySegment memory() {
        return memory;
    }

    /**
     * Pins the chunk that has, or will have, {@code position}; null if there is none. With {@code start} its fetch begins if need be and
     * a buffer can be had.
     */
    @Nullable
    Chunk pin(FuseFile file, OpenInode.View view, long position, boolean start) {
        lock.lock();
        try {
            Chunk c = find(file.inode, view, position >>> CHUNK_SHIFT);
            if (c == null && start) {
                c = begin(file, view, position, true);
            }
            if (c == null || position < c.from || c.state == Chunk.State.FAILED) {
                return null;
            }
            c.pins++;
            c.lastUse = clock.now();
            return c;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Begins to fetch the chunk that has {@code position} unless it is there.
     *
     * @return false if no buffer can be had for it
     */
    boolean ahead(FuseFile file, OpenInode.View view, long position) {
        lock.lock();
        try {
            return find(file.inode, view, position >>> CHUNK_SHIFT) != null
                    || begin(file, view, position, false) != null;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private @Nullable Chunk find(OpenInode owner, OpenInode.View view, long index) {
        for (Chunk c : chunks) {
            if (c.index == index && c.owner == owner && c.view == view && c.state != Chunk.State.FREE) {
                return c;
            }
        }
        return null;
    }

    private @Nullable Chunk begin(FuseFile file, OpenInode.View view, long position, boolean demanded) {
        Chunk c = vacate(demanded);
        if (c == null) {
            return null;
        }
        c.index = position >>> CHUNK_SHIFT;
        c.owner = file.inode;
        c.view = view;
        c.file = file;
        c.from = demanded ? position & -65536L : position & -(long) CHUNK_BYTES;
        c.to = Math.min(view.size(), (c.index + 1) << CHUNK_SHIFT);
        c.readTo = c.from;
        c.state = Chunk.State.FETCHING;
        c.lastUse = clock.now();
        fetchers.execute(() -> run(c, file, view));
        return c;
    }

    /** A free chunk, or one that may be given up. */
    private @Nullable Chunk vacate(boolean demanded) {
        long now = clock.now();
        Chunk best = null;
        boolean bestDone = false;
        for (Chunk c : chunks) {
            if (c.state == Chunk.State.FREE) {
                return c;
            }
            if (c.state == Chunk.State.FETCHING || c.pins > 0) {
                continue;
            }
            boolean done = c.owner == null
                    || c.state == Chunk.State.FAILED
                    || c.readTo >= c.to
                    || now - c.lastUse > IDLE_NANOS;
            if (!done && !demanded) {
                continue;
            }
            if (best == null || (done && !bestDone) || (done == bestDone && c.lastUse - best.lastUse < 0)) {
                best = c;
                bestDone = done;
            }
        }
        return best;
    }

    private void run(Chunk c, FuseFile file, OpenInode.View view) {
        boolean ok = false;
        try {
            ok = fetcher.fetch(file, view, c.from, c.to, memory, c.memoryOffset + (c.from & CHUNK_BYTES - 1));
        } catch (StoreException e) {
            ok = false;
        } finally {
            lock.lock();
            try {
                c.state = ok ? Chunk.State.READY : Chunk.State.FAILED;
                c.file = null;
                freeIfUnwanted(c);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Waits until a pinned chunk is fetched.
     *
     * @return false if that failed
     */
    boolean await(Chunk c) {
        lock.lock();
        try {
            while (c.state == Chunk.State.FETCHING) {
                changed.await();
            }
            return c.state == Chunk.State.READY;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Errno.EINTR, "read");
        } finally {
            lock.unlock();
        }
    }

    /** Ends a pin; {@code readTo} is how far the reader has come. */
    void unpin(Chunk c, long readTo) {
        lock.lock();
        try {
            c.pins--;
            c.readTo = Math.max(c.readTo, readTo);
            freeIfUnwanted(c);
        } finally {
            lock.unlock();
        }
    }

    private void freeIfUnwanted(Chunk c) {
        if (c.owner == null && c.pins == 0 && c.state != Chunk.State.FETCHING) {
            c.state = Chunk.State.FREE;
            c.view = null;
        }
    }

    /** Nothing of {@code owner} is wanted any more. */
    void drop(OpenInode owner) {
        lock.lock();
        try {
            for (Chunk c : chunks) {
                if (c.owner == owner) {
                    c.owner = null;
                    freeIfUnwanted(c);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns when nothing is being fetched through {@code file}: it may be closed then. */
    void awaitIdle(FuseFile file) {
        lock.lock();
        try {
            while (isFetching(file)) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isFetching(FuseFile file) {
        for (Chunk c : chunks) {
            if (c.file == file) {
                return true;
            }
        }
        return false;
    }

    /** How many chunks hold something. */
    int inUse() {
        lock.lock();
        try {
            int n = 0;
            for (Chunk c : chunks) {
                n += c.state == Chunk.State.FREE ? 0 : 1;
            }
            return n;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
