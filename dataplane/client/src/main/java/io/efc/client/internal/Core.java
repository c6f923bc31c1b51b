package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.cache.BlockCache;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.FuseNotifier;
import io.efc.fuse.FuseRequest;
import io.efc.store.DirPage;
import io.efc.store.StoreFeature;
import io.efc.store.UnderStore;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What the operations of one mount share. */
final class Core {
    final Namespace namespace;
    final InodeTable inodes;
    final DentryCache dentries;
    final Freshness freshness;
    final Rosters rosters;
    final Callers callers;
    final OpenFiles open;
    final ClientMetrics metrics;
    final WriteArena writeArena;
    final ReadPath readPath;
    final ChunkPool chunks;
    final Executor senders;
    final long dataset;
    final Options options;
    /** No fetch crosses a multiple of this: the smallest block of the caches, or {@link Long#MAX_VALUE} without any. */
    final long blockBytes;

    final @Nullable BlockCache nodeCache;
    final @Nullable ClusterCache cluster;

    /** What other clients are kept from; null where times decide what is believed. */
    final @Nullable Leases leases;

    private volatile @Nullable FuseNegotiated negotiated;
    private volatile @Nullable FuseNotifier notifier;

    /**
     * How the mount behaves.
     *
     * @param writeback the kernel keeps dirty pages
     * @param checkAtOpen open(2) asks the store whether the file has changed
     * @param passthrough whole cached files may be handed to the kernel
     * @param readaheadInitial bytes of a first window
     * @param readaheadMax bytes of the largest
     * @param readaheadMemory bytes of all buffers
     */
    record Options(
            boolean writeback,
            boolean passthrough,
            boolean checkAtOpen,
            long readaheadInitial,
            long readaheadMax,
            long readaheadMemory) {}

    /**
     * What a core is made of.
     *
     * @param fetchers run fetches ahead of readers
     * @param senders send gathered writes
     */
    record Parts(
            Namespace namespace,
            InodeTable inodes,
            DentryCache dentries,
            Freshness freshness,
            Callers callers,
            ClientMetrics metrics,
            WriteArena writeArena,
            Executor fetchers,
            Executor senders,
            @Nullable BlockCache nodeCache,
            @Nullable ClusterCache cluster,
            @Nullable Leases leases) {}

    Core(Parts parts, long dataset, Options options) {
        this.namespace = parts.namespace;
        this.inodes = parts.inodes;
        this.dentries = parts.dentries;
        this.freshness = parts.freshness;
        this.callers = parts.callers;
        this.metrics = parts.metrics;
        this.writeArena = parts.writeArena;
        this.senders = parts.senders;
        this.nodeCache = parts.nodeCache;
        this.cluster = parts.cluster;
        this.leases = parts.leases;
        this.blockBytes = Math.min(
                parts.nodeCache == null ? Long.MAX_VALUE : parts.nodeCache.blockBytes(),
                parts.cluster == null ? Long.MAX_VALUE : parts.cluster.blockBytes());
        this.dataset = dataset;
        this.options = options;
        this.rosters = new Rosters(directories());
        this.open = new OpenFiles(this);
        this.readPath = new ReadPath(this);
        this.chunks =
                new ChunkPool(options.readaheadMemory, parts.fetchers, parts.freshness, this.readPath::fetchChunk);
    }

    private Rosters.Source directories() {
        return new Rosters.Source() {
            @Override
            public long generation(long directory) {
                return inodes.generation(directory);
            }

            @Override
            public long now() {
                return freshness.now();
            }

            @Override
            public long negative(long directory, long askedAt) {
                return freshness.negative(directory, askedAt);
            }

            @Override
            public DirPage page(Credentials caller, long directory, long cookie, long verifier) {
                return store(directory)
                        .readdir(caller, inodes.handle(directory), cookie, verifier, Rosters.PAGE_ENTRIES, false);
            }
        };
    }

    /** Waits until what the store says of the node may be believed. */
    void look(long nodeId) {
        if (leases != null) {
            leases.read(nodeId);
        }
    }

    /** Waits until what the store says of the node may be believed, and keeps it so until the result is closed. */
    Change hold(long nodeId) {
        return leases == null ? Change.UNGUARDED : leases.hold(nodeId);
    }

    /** Waits until nobody else uses the node, and keeps it so until the change is closed. */
    Change change(long nodeId) {
        return leases == null ? Change.UNGUARDED : leases.change(nodeId, 0);
    }

    /** The same of two nodes. */
    Change change(long nodeId, long other) {
        return leases == null ? Change.UNGUARDED : leases.change(nodeId, other);
    }

    void started(FuseNegotiated with, FuseNotifier through) {
        negotiated = with;
        notifier = through;
    }

    /** To the kernel; only after the start. */
    FuseNotifier notifier() {
        FuseNotifier n = notifier;
        if (n == null) {
            throw new IllegalStateException("the mount has not started");
        }
        return n;
    }

    boolean negotiated(long flag) {
        FuseNegotiated n = negotiated;
        return n != null && n.has(flag);
    }

    Credentials caller(FuseRequest request) {
        return callers.of(request);
    }

    Namespace.Part part(long nodeId) {
        return namespace.part(inodes.mount(nodeId));
    }

    UnderStore store(long nodeId) {
        return part(nodeId).store();
    }

    static boolean has(Namespace.Part part, StoreFeature feature) {
        return part.store().features().contains(feature);
    }
}
