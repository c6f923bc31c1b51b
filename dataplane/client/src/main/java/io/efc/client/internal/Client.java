package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.cache.BlockCache;
import io.efc.cache.CacheConfig;
import io.efc.cache.Medium;
import io.efc.cache.TierConfig;
import io.efc.client.ClientConfig;
import io.efc.client.ClientException;
import io.efc.lease.LeaseConfig;
import io.efc.store.Access;
import io.efc.store.Durability;
import io.efc.store.OpenFile;
import io.efc.store.StoreConfig;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import io.efc.store.UnderStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Everything of a mount but the connection to the kernel: built, and taken down in the reverse order. */
public final class Client implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Client.class.getName());
    private static final int DENTRIES = 1 << 18;
    private static final long TICK_MILLIS = 250;
    private static final long END_SECONDS = 60;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final ClientFileSystem fileSystem;
    private @Nullable Leases leases;

    /** Where stores and the distributed cache come from. */
    public record Sources(
            Function<StoreConfig, UnderStore> stores,
            Function<ClientConfig.Cluster, ClusterCache> clusters,
            LeaseLink.Source links) {}

    private Client(ClientConfig config, Metrics metrics, Sources sources) {
        boolean built = false;
        try {
            fileSystem = build(config, metrics, sources);
            built = true;
        } finally {
            if (!built) {
                close();
            }
        }
    }

    /**
     * Opens the stores, caches and tables of a mount; what a former process had acknowledged and not written is written first.
     *
     * @throws ClientException or the store's own exception if something cannot be had; nothing is left open then
     */
    public static Client open(ClientConfig config, Metrics metrics, Sources sources) {
        return new Client(config, metrics, sources);
    }

    /** What the kernel is to talk to. */
    public ClientFileSystem fileSystem() {
        return fileSystem;
    }

    private <T extends AutoCloseable> T keep(T part) {
        parts.push(part);
        return part;
    }

    private ClientFileSystem build(ClientConfig config, Metrics metrics, Sources sources) {
        Ticker ticker = Ticker.system();
        ClientConfig.Validity validity =
                config.consistency() instanceof ClientConfig.Validity v ? v : ClientConfig.Validity.DEFAULT;
        Leases leases = leases(config, sources, ticker, metrics);
        Freshness freshness = new Freshness(
                ticker,
                validity.attributes().toNanos(),
                validity.entries().toNanos(),
                validity.absent().toNanos(),
                leases);
        StateDirectory state = keep(StateDirectory.open(config.stateDirectory()));
        Namespace namespace = openStores(config, sources);
        WriteArena arena =
                keep(WriteArena.open(state.path(), config.writeback().dirty().bytes()));
        recover(config, state, arena, namespace);
        state.forgetInodes();
        InodeTable inodes = keep(InodeTable.open(state.path(), config.inodesMax()));
        StoreEntry root = namespace.store(0).root();
        inodes.root(0, root.handle(), root.attr().fileId());
        DentryCache dentries = keep(new DentryCache(DENTRIES, inodes::identity));
        BlockCache nodeCache = config.nodeCache()
                .map(n -> keep(BlockCache.open(cacheConfig(n), metrics, ticker)))
                .orElse(null);
        ClusterCache cluster =
                config.cluster().map(c -> keep(sources.clusters().apply(c))).orElse(null);
        ExecutorService fetchers = pool("efc-fetch", config.readahead().fetches());
        ExecutorService senders = pool("efc-send", config.writeback().writes());
        Core core = new Core(
                new Core.Parts(
                        namespace,
                        inodes,
                        dentries,
                        freshness,
                        new Callers(ticker),
                        new ClientMetrics(metrics),
                        arena,
                        fetchers,
                        senders,
                        nodeCache,
                        cluster,
                        leases),
                config.datasetNumber(),
                new Core.Options(
                        config.fuse().writebackCache(),
                        config.fuse().passthrough() && (leases == null || config.readOnly()),
                        config.consistency() instanceof ClientConfig.CloseToOpen,
                        config.readahead().initial().bytes(),
                        config.readahead().max().bytes(),
                        config.readahead().memory().bytes()));
        parts.push(core.chunks);
        keep(() -> end(fetchers));
        keep(() -> end(senders));
        gauges(core, metrics);
        ClientFileSystem fs = new ClientFileSystem(core);
        keepTicking(fs);
        if (leases != null) {
            leases.attach(core);
            leaseGauges(leases, metrics);
        }
        return fs;
    }

    /** The leases of a strongly consistent mount; they are closed after everything is flushed. */
    private @Nullable Leases leases(ClientConfig config, Sources sources, Ticker ticker, Metrics metrics) {
        if (!(config.consistency() instanceof ClientConfig.Strong strong)) {
            return null;
        }
        ClientConfig.Cluster cluster = config.cluster()
                .orElseThrow(() -> new ClientException("consistency=strong needs a master; without one a mount can be"
                        + " consistency=close-to-open or consistency=ttl=<duration>"));
        LeaseConfig rules = sources.links().rules(config.datasetNumber(), config.readOnly());
        Leases leases = keep(new Leases(
                rules,
                received -> sources.links().connect(cluster, received),
                ticker,
                config.datasetNumber(),
                config.readOnly(),
                strong.ufsCheckInterval().toNanos(),
                new LeaseMetrics(metrics)));
        keepRenewing(leases);
        this.leases = leases;
        return leases;
    }

    private void keepRenewing(Leases leases) {
        ThreadFactory factory = Thread.ofPlatform().daemon().name("efc-lease").factory();
        ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor(factory);
        ScheduledFuture<?> beating = beats.scheduleWithFixedDelay(
                leases::tick, leases.tickNanos(), leases.tickNanos(), TimeUnit.NANOSECONDS);
        keep(() -> {
            beating.cancel(false);
            beats.shutdown();
            beats.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        });
    }

    private static void leaseGauges(Leases leases, Metrics metrics) {
        metrics.gauge("efc_client_leases", "Leases held.", leases::held);
        metrics.gauge(
                "efc_client_locks",
                "Ranges of files locked with fcntl or flock.",
                () -> leases.locks().held());
        metrics.gauge(
                "efc_client_lease_session_live",
                "1 while the session with the master is live, 0 while nothing cached may be served.",
                () -> leases.isLive() ? 1 : 0);
    }

    private Namespace openStores(ClientConfig config, Sources sources) {
        List<String> paths = new ArrayList<>();
        List<UnderStore> stores = new ArrayList<>();
        boolean opened = false;
        try {
            for (ClientConfig.Mount m : config.mounts()) {
                stores.add(sources.stores().apply(m.store()));
                paths.add(m.path());
            }
            opened = true;
        } finally {
            if (!opened) {
                stores.forEach(UnderStore::close);
            }
        }
        return keep(new Namespace(paths, stores, TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis())));
    }

    /** Writes what a former process left acknowledged but unwritten. */
    private static void recover(ClientConfig config, StateDirectory state, WriteArena arena, Namespace namespace) {
        List<WriteArena.Leftover> leftovers = arena.leftovers();
        StringBuilder identity = new StringBuilder(config.dataset());
        for (ClientConfig.Mount m : config.mounts()) {
            identity.append('\n').append(m.path()).append(' ').append(m.store().mountPoint());
        }
        state.identify(identity.toString(), !leftovers.isEmpty());
        for (WriteArena.Leftover piece : leftovers) {
            write(piece, arena, namespace);
            arena.give(piece.slot());
        }
    }

    private static void write(WriteArena.Leftover piece, WriteArena arena, Namespace namespace) {
        UnderStore store = namespace.store(piece.mount());
        Credentials owner = Credentials.of(piece.uid(), piece.gid());
        try {
            OpenFile file =
                    store.open(owner, piece.handle(), Access.WRITE, false).file();
            try {
                store.write(
                        owner,
                        file,
                        piece.position(),
                        arena.memory(),
                        arena.data(piece.slot()),
                        piece.length(),
                        Durability.FILE_SYNC);
            } finally {
                store.close(file);
            }
            LOG.log(
                    System.Logger.Level.INFO,
                    "wrote {0} bytes at {1} that a former client had acknowledged",
                    piece.length(),
                    piece.position());
        } catch (StoreException e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "lost " + piece.length() + " bytes at " + piece.position()
                            + " that a former client had acknowledged: " + e.getMessage());
        }
    }

    private static CacheConfig cacheConfig(ClientConfig.NodeCache n) {
        return new CacheConfig(List.of(new TierConfig(medium(n), n.directory(), n.quota())));
    }

    private static Medium medium(ClientConfig.NodeCache n) {
        return n.directory().startsWith("/dev/shm") || n.directory().startsWith("/run") ? Medium.MEM : Medium.SSD;
    }

    private static ExecutorService pool(String name, int threads) {
        ThreadFactory factory = Thread.ofPlatform().daemon().name(name + "-", 1).factory();
        return Executors.newFixedThreadPool(threads, factory);
    }

    private static void end(ExecutorService pool) {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                throw new ClientException("a store does not answer; its bytes stay in the state directory");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void gauges(Core core, Metrics metrics) {
        metrics.gauge("efc_client_inodes", "Inodes known.", () -> core.inodes.count());
        metrics.gauge("efc_client_inode_table_bytes", "Bytes of the inode table.", () -> core.inodes.bytes());
        metrics.gauge("efc_client_open_files", "Open files.", () -> core.open.count());
        metrics.gauge(
                "efc_client_dirty_bytes",
                "Room taken by bytes that are acknowledged and not yet with the store.",
                () -> (double) (core.writeArena.slots() - core.writeArena.freeSlots()) * WriteArena.SLOT_BYTES);
        metrics.gauge(
                "efc_client_readahead_bytes",
                "Buffers in use for reading ahead.",
                () -> (double) core.chunks.inUse() * ChunkPool.CHUNK_BYTES);
        metrics.gauge(
                "efc_client_roster_names",
                "Names kept of directories of which all names are known.",
                core.rosters::names);
    }

    private void keepTicking(ClientFileSystem fs) {
        ThreadFactory factory = Thread.ofPlatform().daemon().name("efc-tick").factory();
        ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor(factory);
        ScheduledFuture<?> ticking =
                ticks.scheduleWithFixedDelay(fs::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        keep(() -> {
            ticking.cancel(false);
            ticks.shutdown();
            ticks.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        });
    }

    /** The mount is about to end: requests that wait for a master that is away fail. Before the connection to the kernel is closed. */
    public void ending() {
        Leases l = leases;
        if (l != null) {
            l.ending();
        }
    }

    /** Sends what is left to the stores and closes everything. No request may be served any more. */
    @Override
    public void close() {
        RuntimeException first = null;
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            first = closeOne(part, first);
        }
        if (first != null) {
            throw first;
        }
    }

    private static @Nullable RuntimeException closeOne(AutoCloseable part, @Nullable RuntimeException before) {
        try {
            part.close();
            return before;
        } catch (RuntimeException e) {
            return before == null ? e : before;
        } catch (Exception e) {
            return before == null ? new ClientException("cannot close: " + e.getMessage(), e) : before;
        }
    }
}
