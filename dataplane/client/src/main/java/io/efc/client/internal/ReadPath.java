package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.cache.BlockCache;
import io.efc.cache.CacheKey;
import io.efc.fuse.DataReply;
import io.efc.fuse.FuseRequest;
import io.efc.store.ReadResult;
import io.efc.store.StoreException;
import io.efc.store.UnderStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * READ. The bytes come from the first of these that has them: a chunk that was read ahead, the node cache, a worker of this node, another
 * worker (which may fetch them from the store for all), the store.
 *
 * <p>A sequential reader is read ahead of, chunk by chunk, and its bytes go to the kernel from where they lie. Any other read fetches what
 * it asks for; while nothing is known of the pattern yet and there is a node cache to keep them, the 64 KiB sub-ranges around it.
 *
 * <p>All bytes of one read are of one version of the file. If the store's has moved on, the attributes are fetched again and the read
 * begins anew. A file with own writes under way has no version: it is read from the store after those that overlap.
 */
final class ReadPath {
    /** How often a read begins anew because the file changes under it, before it takes what the store has. */
    private static final int ATTEMPTS = 4;

    private final Core core;
    private final ThreadLocal<Pins> pins;
    private final ThreadLocal<MemorySegment> scratch =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(2L * BlockCache.SUB_RANGE, 4096));

    /** The chunks that one reply is written from; one a thread, since a reply is written by the thread that read. */
    private static final class Pins implements Runnable {
        private static final int MAX = 64;

        private final ChunkPool pool;
        private final @Nullable Chunk[] held = new @Nullable Chunk[MAX];
        private final long[] readTo = new long[MAX];
        private int count;

        Pins(ChunkPool pool) {
            this.pool = pool;
        }

        void add(Chunk chunk, long to) {
            held[count] = chunk;
            readTo[count] = to;
            count++;
        }

        @Override
        public void run() {
            for (int i = 0; i < count; i++) {
                Chunk c = held[i];
                if (c != null) {
                    pool.unpin(c, readTo[i]);
                    held[i] = null;
                }
            }
            count = 0;
        }
    }

    ReadPath(Core core) {
        this.core = core;
        this.pins = ThreadLocal.withInitial(() -> new Pins(core.chunks));
    }

    Errno read(FuseRequest request, FuseFile file, long offset, int size, DataReply reply, Attributes attributes) {
        long start = core.freshness.now();
        core.metrics.asked.add(size);
        OpenInode inode = file.inode;
        Errno errno = Errno.EIO;
        for (int attempt = 0; ; attempt++) {
            if (inode.writes.isMoving() || attempt == ATTEMPTS || !file.access.reads()) {
                inode.writes.flushRange(request.pid(), offset, offset + size);
                boolean pending = inode.writes.isPending();
                int count = fromStore(file, offset, size, reply);
                if (count < size && pending) {
                    // The end of the file is among the writes under way; the kernel would cut the file at a short read.
                    inode.writes.flush(request.pid());
                    count = fromStore(file, offset, size, reply);
                }
                reply.length(count);
                errno = Errno.OK;
                break;
            }
            if (core.leases != null && !isThere(request, file, attributes)) {
                reply.length(fromStore(file, offset, size, reply));
                errno = Errno.OK;
                break;
            }
            OpenInode.View view = inode.view(core, file.caller);
            if (offset + size > view.size() && attempt == 0) {
                // What is short ends the file for the kernel.
                attributes.revalidate(file.caller, request.pid(), inode.nodeId);
                view = inode.view(core, file.caller);
            }
            int length = (int) Math.min(size, view.size() - offset);
            if (length <= 0) {
                reply.length(0);
                errno = Errno.OK;
                break;
            }
            if (readView(file, view, offset, length, reply)) {
                errno = Errno.OK;
                break;
            }
            core.metrics.staleReads.increment();
            attributes.refresh(file.caller, request.pid(), inode.nodeId);
        }
        core.metrics.stageClient.record(core.freshness.now() - start);
        return errno;
    }

    /** Makes sure that the kept attributes may be believed; false if another client took the file's last name. */
    private static boolean isThere(FuseRequest request, FuseFile file, Attributes attributes) {
        try {
            attributes.revalidate(file.caller, request.pid(), file.inode.nodeId);
            return true;
        } catch (StoreException e) {
            if (e.errno() != Errno.ESTALE) {
                throw e;
            }
            return false;
        }
    }

    private int fromStore(FuseFile file, long offset, int size, DataReply reply) {
        long start = core.freshness.now();
        UnderStore store = file.inode.part.store();
        ReadResult r = file.access.reads()
                ? store.read(file.caller, file.store(), offset, reply.buffer(), reply.bufferOffset(), size)
                : store.read(file.caller, file.inode.handle, offset, reply.buffer(), reply.bufferOffset(), size);
        core.metrics.stageStore.record(core.freshness.now() - start);
        core.metrics.from(Origin.STORE, r.count());
        return r.count();
    }

    /** Reads within the file's size; false if the store's version is another. */
    private boolean readView(FuseFile file, OpenInode.View view, long offset, int length, DataReply reply) {
        file.pattern.note(offset, length);
        long window = file.pattern.window();
        if (window == 0) {
            return direct(file, view, offset, length, reply);
        }
        Pins p = pins.get();
        boolean complete = collect(file, view, offset, length, p);
        ahead(file, view, offset + length, window);
        if (!complete || !ready(p)) {
            p.run();
            return direct(file, view, offset, length, reply);
        }
        long at = offset;
        long end = offset + length;
        for (int i = 0; i < p.count; i++) {
            Chunk c = java.util.Objects.requireNonNull(p.held[i]);
            long to = Math.min(end, c.to);
            reply.add(core.chunks.memory(), c.memoryOffset + (at & ChunkPool.CHUNK_BYTES - 1), (int) (to - at));
            at = to;
        }
        reply.onWritten(p);
        return true;
    }

    /** Pins the chunks of a range; false if one cannot be had. */
    private boolean collect(FuseFile file, OpenInode.View view, long offset, int length, Pins p) {
        long end = offset + length;
        long at = offset;
        while (at < end) {
            Chunk c = p.count < Pins.MAX ? core.chunks.pin(file, view, at, true) : null;
            if (c == null) {
                return false;
            }
            long to = Math.min(end, ((at >>> ChunkPool.CHUNK_SHIFT) + 1) << ChunkPool.CHUNK_SHIFT);
            p.add(c, to);
            at = to;
        }
        return true;
    }

    private boolean ready(Pins p) {
        try {
            for (int i = 0; i < p.count; i++) {
                if (!core.chunks.await(java.util.Objects.requireNonNull(p.held[i]))) {
                    return false;
                }
            }
            return true;
        } catch (StoreException e) {
            p.run();
            throw e;
        }
    }

    /** Begins to fetch what lies within the window after {@code from}. */
    private void ahead(FuseFile file, OpenInode.View view, long from, long window) {
        long end = Math.min(view.size(), from + window);
        long at = (from + ChunkPool.CHUNK_BYTES - 1) & -(long) ChunkPool.CHUNK_BYTES;
        for (; at < end; at += ChunkPool.CHUNK_BYTES) {
            if (!core.chunks.ahead(file, view, at)) {
                core.metrics.readaheadShrunk.increment();
                file.pattern.shrink();
                return;
            }
        }
    }

    /** Fetches what is asked for, or the sub-ranges around it, straight into the reply. */
    private boolean direct(FuseFile file, OpenInode.View view, long offset, int length, DataReply reply) {
        MemorySegment to = reply.buffer();
        ClusterCache.Pattern pattern =
                file.pattern.isRandom() ? ClusterCache.Pattern.RANDOM : ClusterCache.Pattern.UNKNOWN;
        if (core.nodeCache != null && length < BlockCache.SUB_RANGE && pattern == ClusterCache.Pattern.UNKNOWN) {
            long from = offset & -(long) BlockCache.SUB_RANGE;
            long end =
                    Math.min(view.size(), (offset + length + BlockCache.SUB_RANGE - 1) & -(long) BlockCache.SUB_RANGE);
            MemorySegment s = scratch.get();
            if (!fetch(file, view, from, end, s, 0, pattern)) {
                return false;
            }
            MemorySegment.copy(s, offset - from, to, reply.bufferOffset(), length);
        } else if (!fetch(file, view, offset, offset + length, to, reply.bufferOffset(), pattern)) {
            return false;
        }
        reply.length(length);
        return true;
    }

    /** Fills a chunk. Runs in a fetching thread. */
    boolean fetchChunk(
            FuseFile file, OpenInode.View view, long from, long to, MemorySegment memory, long memoryOffset) {
        return fetch(file, view, from, to, memory, memoryOffset, ClusterCache.Pattern.SEQUENTIAL);
    }

    private boolean fetch(
            FuseFile file,
            OpenInode.View view,
            long from,
            long to,
            MemorySegment memory,
            long at,
            ClusterCache.Pattern pattern) {
        long block = core.blockBytes;
        long position = from;
        while (position < to) {
            long end = block == Long.MAX_VALUE ? to : Math.min(to, (position & -block) + block);
            if (!fetchPiece(file, view, position, (int) (end - position), memory, at + position - from, pattern)) {
                return false;
            }
            position = end;
        }
        return true;
    }

    /** Brings a range within one block; false if the file's version is another now. */
    private boolean fetchPiece(
            FuseFile file,
            OpenInode.View view,
            long position,
            int length,
            MemorySegment to,
            long at,
            ClusterCache.Pattern pattern) {
        if (fromNodeCache(view.key(), position, length, to, at)) {
            return true;
        }
        ClusterCache cluster = core.cluster;
        if (cluster != null) {
            long start = core.freshness.now();
            ClusterCache.Source source = cluster.read(view.file(), position, to, at, length, pattern);
            core.metrics.stageWorker.record(core.freshness.now() - start);
            switch (source) {
                case LOCAL_WORKER -> {
                    core.metrics.from(Origin.LOCAL_WORKER, length);
                    return true;
                }
                case REMOTE_WORKER -> {
                    core.metrics.from(Origin.REMOTE_WORKER, length);
                    keep(view.key(), position, length, to, at);
                    return true;
                }
                case STORE_VIA_WORKER -> {
                    core.metrics.from(Origin.STORE, length);
                    keep(view.key(), position, length, to, at);
                    return true;
                }
                case STALE -> {
                    return false;
                }
                case UNAVAILABLE -> {}
            }
        }
        return storePiece(file, view, position, length, to, at);
    }

    private boolean fromNodeCache(CacheKey key, long position, int length, MemorySegment to, long at) {
        BlockCache cache = core.nodeCache;
        if (cache == null) {
            return false;
        }
        long start = core.freshness.now();
        if (cache.read(key, position, to, at, length) != length) {
            return false;
        }
        core.metrics.stageNodeCache.record(core.freshness.now() - start);
        core.metrics.from(Origin.NODE_CACHE, length);
        return true;
    }

    private boolean storePiece(
            FuseFile file, OpenInode.View view, long position, int length, MemorySegment to, long at) {
        long start = core.freshness.now();
        UnderStore store = file.inode.part.store();
        ReadResult r = store.read(file.caller, file.store(), position, to, at, length);
        core.metrics.stageStore.record(core.freshness.now() - start);
        core.metrics.from(Origin.STORE, r.count());
        if (r.count() != length || (r.attr() != null && r.attr().version() != view.version())) {
            return false;
        }
        if (core.nodeCache != null && (r.attr() != null || isCurrent(file, view))) {
            keep(view.key(), position, length, to, at);
        }
        return true;
    }

    /** Asks the store whether the file still has the version that was read: the read did not say. */
    private static boolean isCurrent(FuseFile file, OpenInode.View view) {
        return file.inode.part.store().getattr(file.caller, file.inode.handle).version() == view.version();
    }

    /** Keeps the whole sub-ranges of a piece in the node cache. */
    private void keep(CacheKey key, long position, int length, MemorySegment from, long at) {
        BlockCache cache = core.nodeCache;
        if (cache == null) {
            return;
        }
        long first = (position + BlockCache.SUB_RANGE - 1) & -(long) BlockCache.SUB_RANGE;
        long end = position + length;
        long last = end == key.size() ? end : end & -(long) BlockCache.SUB_RANGE;
        if (first < last) {
            cache.put(key, first, from, at + first - position, (int) (last - first));
        }
    }
}
