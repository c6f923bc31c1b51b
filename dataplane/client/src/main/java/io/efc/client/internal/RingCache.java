package io.efc.client.internal;

import io.efc.base.Check;
import io.efc.base.Libc;
import io.efc.base.Metrics;
import io.efc.cache.CacheKey;
import io.efc.rpc.Call;
import io.efc.rpc.Checksum;
import io.efc.rpc.DatasetView;
import io.efc.rpc.FrameType;
import io.efc.rpc.MasterStub;
import io.efc.rpc.Member;
import io.efc.rpc.MountSpec;
import io.efc.rpc.ReadReply;
import io.efc.rpc.ReadRequest;
import io.efc.rpc.RingView;
import io.efc.rpc.Role;
import io.efc.rpc.RpcException;
import io.efc.rpc.SessionFigures;
import io.efc.rpc.Status;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The distributed cache over real workers. A read asks the block's owner, one of this node first where a block has several; the bytes come
 * straight from the socket into the caller's memory, where their checksums are verified. Whatever goes wrong on the way is no error but {@link
 * Source#UNAVAILABLE}: the caller reads the store.
 *
 * <p>One thread, the heart, talks to the master: heartbeats with figures, rings that pushes missed, and ends connections to workers that have
 * left. Without a master the last ring stays.
 */
public final class RingCache implements ClusterCache {
    private static final Logger LOG = System.getLogger(RingCache.class.getName());

    /** A first read should meet connected workers. */
    private static final Duration FIRST_CONNECT = Duration.ofSeconds(2);

    /** A worker verifies a file before it gives it away; a large one is better read through the cache meanwhile. */
    private static final long WHOLE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Heartbeats that a worker which left the ring has to end its replies in. */
    private static final int LINGER_BEATS = 2;

    private final RingCacheConfig config;
    private final MasterStub master;
    private final DatasetView dataset;
    private final int blockShift;
    private final long readNanos;
    private final Metrics.Counter localBytes;
    private final Metrics.Counter remoteBytes;
    private final Metrics.Counter storeBytes;
    private final Metrics.Counter unavailableBytes;
    private final Metrics.Counter corrupted;
    private final Metrics.Histogram localTime;
    private final Metrics.Histogram remoteTime;
    private final Metrics.Histogram storeTime;
    private final Thread heart;
    private volatile RingCacheTopology topology;
    private volatile boolean closed;

    /** {@code dataset} is known, so rings can be used. */
    private volatile boolean ready;

    /** Workers that left, with the beats they still have; of the heart, but added to under this object's monitor. */
    private final List<Leaving> leaving = new ArrayList<>();

    private record Leaving(RingCacheWorker worker, int beats) {}

    /** A thread's room for a block's owners. */
    private static final class Scratch {
        int[] indices = new int[0];
        RingCacheWorker[] owners = new RingCacheWorker[0];
    }

    private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

    private RingCache(RingCacheConfig config, Metrics metrics) {
        this.config = config;
        this.readNanos = config.readTimeout().toNanos();
        this.localBytes = bytes(metrics, "local_worker");
        this.remoteBytes = bytes(metrics, "remote_worker");
        this.storeBytes = bytes(metrics, "store_via_worker");
        this.unavailableBytes = bytes(metrics, "unavailable");
        this.localTime = time(metrics, "local_worker");
        this.remoteTime = time(metrics, "remote_worker");
        this.storeTime = time(metrics, "store_via_worker");
        this.corrupted = metrics.counter("efc_ring_corrupted_total", "Replies that did not match their checksums.");
        this.topology = new RingCacheTopology(RingView.NONE, List.of(), 1);
        this.master = MasterStub.connect(
                config.master(), config.secret(), Role.CLIENT, config.dataset(), config.session(), this::ringPushed);
        try {
            master.awaitConnected(config.joinTimeout());
            MasterStub.Welcome welcome = master.openSession(config.session(), config.node(), config.mountPoint());
            this.dataset = welcome.dataset();
            this.blockShift = Integer.numberOfTrailingZeros(dataset.blockBytes());
            this.ready = true;
            apply(welcome.ring());
        } catch (RuntimeException e) {
            master.close();
            throw e;
        }
        metrics.gauge(
                "efc_ring_epoch", "The ring's epoch.", () -> topology.view().epoch());
        metrics.gauge(
                "efc_ring_workers",
                "Workers in the ring.",
                () -> topology.workers().size());
        topology.workers().forEach(w -> w.awaitFirstAttempt(FIRST_CONNECT));
        this.heart = Thread.ofPlatform().daemon().name("efc-ring-heart").start(this::beat);
    }

    private static Metrics.Counter bytes(Metrics metrics, String from) {
        return metrics.counter("efc_ring_read_bytes_total", "Bytes asked of the cluster, by source.", "from", from);
    }

    private static Metrics.Histogram time(Metrics metrics, String from) {
        return metrics.histogram("efc_ring_read_seconds", "Time of a read of the cluster.", "from", from);
    }

    /**
     * Opens or continues the session and connects to the workers.
     *
     * @throws RpcException if the master cannot be reached in time, or refuses
     */
    public static RingCache connect(RingCacheConfig config, Metrics metrics) {
        return new RingCache(config, metrics);
    }

    /** The dataset's mounts; {@link CachedFile#mount} is an index here. */
    public List<MountSpec> mounts() {
        return dataset.mounts();
    }

    /** What the master says of the dataset. */
    public DatasetView dataset() {
        return dataset;
    }

    /** The ring as last heard. */
    public RingView ring() {
        return topology.view();
    }

    /** Where the bytes came from so far. */
    public SessionFigures figures() {
        return new SessionFigures(
                localBytes.value(), remoteBytes.value(), storeBytes.value(), unavailableBytes.value());
    }

    @Override
    public int blockBytes() {
        return dataset.blockBytes();
    }

    @Override
    public Source read(CachedFile file, long position, MemorySegment to, long toOffset, int length, Pattern pattern) {
        Check.range(toOffset, length, to.byteSize());
        Check.range(position, length, file.key().size());
        long block = position >> blockShift;
        Check.state(
                length > 0 && (position + length - 1) >> blockShift == block,
                "a read of %d bytes crosses blocks",
                length);
        RingCacheTopology t = topology;
        Source source = Source.UNAVAILABLE;
        if (t.replicas() == 1) {
            RingCacheWorker owner = t.owner(file.key(), block);
            if (owner != null) {
                source = readFrom(owner, file, position, to, toOffset, length, pattern);
            }
        } else {
            Scratch s = scratch.get();
            if (s.indices.length != t.replicas()) {
                s.indices = new int[t.replicas()];
                s.owners = new RingCacheWorker[t.replicas()];
            }
            int n = t.owners(file.key(), block, s.indices, s.owners);
            for (int i = 0; i < n && source == Source.UNAVAILABLE; i++) {
                source = readFrom(s.owners[i], file, position, to, toOffset, length, pattern);
            }
        }
        if (source == Source.UNAVAILABLE) {
            unavailableBytes.add(length);
        }
        return source;
    }

    private Source readFrom(
            RingCacheWorker worker,
            CachedFile file,
            long position,
            MemorySegment to,
            long toOffset,
            int length,
            Pattern pattern) {
        long start = System.nanoTime();
        int flags = switch (pattern) {
            case SEQUENTIAL -> ReadRequest.SEQUENTIAL;
            case UNKNOWN -> 0;
            case RANDOM -> ReadRequest.RANDOM;
        };
        for (int attempt = 0; attempt < 2; attempt++) {
            Call call = worker.begin(start + readNanos);
            if (call == null) {
                return Source.UNAVAILABLE;
            }
            try (call) {
                int body = encode(call.body(), file, position, length, flags);
                Status status = call.execute(FrameType.READ, body, to, toOffset, length, start + readNanos);
                if (status != Status.OK) {
                    return status == Status.STALE ? Source.STALE : Source.UNAVAILABLE;
                }
                if (isIntact(call, position, to, toOffset, length)) {
                    return count(worker, ReadReply.source(call.replyBody()), length, start);
                }
                corrupted.increment();
                LOG.log(
                        Level.WARNING,
                        "worker {0} sent bytes that do not match their checksums",
                        worker.member().id());
                flags |= ReadRequest.SUSPECT;
            }
        }
        return Source.UNAVAILABLE;
    }

    private static int encode(MemorySegment b, CachedFile file, long position, int length, int flags) {
        CacheKey k = file.key();
        ReadRequest.content(b, k.dataset(), k.fileHi(), k.fileLo(), k.version(), k.size());
        ReadRequest.range(b, position, length, flags);
        return ReadRequest.source(b, file.mount(), file.caller(), file.handle());
    }

    private static boolean isIntact(Call call, long position, MemorySegment to, long toOffset, int length) {
        int pieces = ReadReply.pieces(position, length);
        MemorySegment reply = call.replyBody();
        if (call.bulkLength() != length || !ReadReply.isWellFormed(reply, call.replyLength(), pieces)) {
            return false;
        }
        Checksum checksum = Checksum.current();
        for (int i = 0; i < pieces; i++) {
            long at = toOffset + ReadReply.pieceStart(position, length, i);
            if (checksum.of(to, at, ReadReply.pieceLength(position, length, i)) != ReadReply.crc(reply, i)) {
                return false;
            }
        }
        return true;
    }

    private Source count(RingCacheWorker worker, int source, int length, long start) {
        long nanos = System.nanoTime() - start;
        if (source == ReadReply.FROM_STORE) {
            storeBytes.add(length);
            storeTime.record(nanos);
            return Source.STORE_VIA_WORKER;
        }
        if (worker.isLocal()) {
            localBytes.add(length);
            localTime.record(nanos);
            return Source.LOCAL_WORKER;
        }
        remoteBytes.add(length);
        remoteTime.record(nanos);
        return Source.REMOTE_WORKER;
    }

    @Override
    public @Nullable WholeFile whole(CachedFile file) {
        RingCacheWorker worker = topology.localOwnerOfAll(file.key(), dataset.blockBytes());
        if (worker == null) {
            return null;
        }
        long deadline = System.nanoTime() + WHOLE_NANOS;
        Call call = worker.begin(deadline);
        if (call == null) {
            return null;
        }
        try (call) {
            int body = encode(call.body(), file, 0, 0, 0);
            Status status = call.execute(FrameType.WHOLE, body, deadline);
            int fd = status == Status.OK ? call.takeDescriptor() : -1;
            return fd < 0 ? null : new Whole(fd);
        }
    }

    /** A descriptor whose lock, as long as it is open anywhere, keeps the worker from evicting the file. */
    private static final class Whole implements WholeFile {
        private int fd;

        Whole(int fd) {
            this.fd = fd;
        }

        @Override
        public synchronized int fd() {
            Check.state(fd >= 0, "a closed tier file is used");
            return fd;
        }

        @Override
        public synchronized void close() {
            if (fd >= 0) {
                Libc.close(fd);
                fd = -1;
            }
        }
    }

    /** On the master connection's thread. */
    private void ringPushed(RingView ring) {
        if (ready) {
            apply(ring);
        }
    }

    private synchronized void apply(RingView ring) {
        RingCacheTopology old = topology;
        if (closed || ring.epoch() <= old.view().epoch()) {
            return;
        }
        List<RingCacheWorker> workers = new ArrayList<>();
        for (Member m : ring.members()) {
            RingCacheWorker kept = old.of(m);
            workers.add(kept == null ? new RingCacheWorker(m, config) : kept);
        }
        topology = new RingCacheTopology(ring, workers, dataset.replicas());
        for (RingCacheWorker w : old.workers()) {
            if (!workers.contains(w)) {
                leaving.add(new Leaving(w, LINGER_BEATS));
            }
        }
        LOG.log(Level.INFO, "ring of epoch {0}: {1} workers", ring.epoch(), workers.size());
    }

    private void beat() {
        long nanos = dataset.heartbeatMillis() * 1_000_000;
        while (!closed) {
            LockSupport.parkNanos(this, nanos);
            if (closed) {
                return;
            }
            endLeaving();
            if (master.isConnected()) {
                heartbeat();
            }
        }
    }

    private void heartbeat() {
        try {
            long epoch = master.sessionBeat(config.session(), figures());
            if (epoch != topology.view().epoch()) {
                apply(master.ring());
            }
        } catch (RpcException e) {
            LOG.log(Level.DEBUG, "heartbeat: {0}", e.getMessage());
            if (e.status() == Status.UNKNOWN_PEER) {
                openAgain();
            }
        }
    }

    private void openAgain() {
        try {
            apply(master.openSession(config.session(), config.node(), config.mountPoint())
                    .ring());
        } catch (RpcException e) {
            LOG.log(Level.WARNING, "cannot open the session again: {0}", e.getMessage());
        }
    }

    private void endLeaving() {
        List<RingCacheWorker> end = new ArrayList<>();
        synchronized (this) {
            for (int i = leaving.size() - 1; i >= 0; i--) {
                Leaving l = leaving.get(i);
                if (l.beats == 0) {
                    leaving.remove(i);
                    end.add(l.worker);
                } else {
                    leaving.set(i, new Leaving(l.worker, l.beats - 1));
                }
            }
        }
        end.forEach(RingCacheWorker::close);
    }

    /** Ends the session and all connections; reads under way return {@link Source#UNAVAILABLE}. Idempotent. */
    @Override
    public void close() {
        List<RingCacheWorker> end = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            end.addAll(topology.workers());
            leaving.forEach(l -> end.add(l.worker));
        }
        LockSupport.unpark(heart);
        try {
            heart.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (master.isConnected()) {
            try {
                master.closeSession(config.session(), figures());
            } catch (RpcException e) {
                LOG.log(Level.INFO, "the session ends without the master''s knowing: {0}", e.getMessage());
            }
        }
        master.close();
        end.forEach(RingCacheWorker::close);
    }
}
