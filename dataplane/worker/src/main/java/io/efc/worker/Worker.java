package io.efc.worker;

import io.efc.base.Check;
import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.cache.BlockCache;
import io.efc.cache.CacheConfig;
import io.efc.cache.CacheUsage;
import io.efc.rpc.Address;
import io.efc.rpc.DatasetView;
import io.efc.rpc.Exchange;
import io.efc.rpc.FrameType;
import io.efc.rpc.MasterStub;
import io.efc.rpc.Member;
import io.efc.rpc.RingView;
import io.efc.rpc.Role;
import io.efc.rpc.RpcException;
import io.efc.rpc.RpcServer;
import io.efc.rpc.RpcServerConfig;
import io.efc.rpc.Status;
import io.efc.rpc.WorkerFigures;
import io.efc.store.StoreConfig;
import io.efc.store.Stores;
import io.efc.worker.internal.BlockService;
import io.efc.worker.internal.Mounts;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A running cache node. It learns the dataset from the master, listens, and only then enters the ring; {@link #close} leaves the ring first,
 * then serves what is still asked, then ends. A master that is away changes nothing for those who read.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Worker.class.getName());

    /** Clients hear of the new ring within this time, so that few of them meet a closed port. */
    private static final long DRAIN_NANOS = 200_000_000;

    private static final int SMALL_FILE_BYTES = 64 << 10;
    private static final int OPEN_FILES_MAX = 4096;
    private static final double HELD_SHARE = 0.9;

    private final WorkerConfig config;
    private final MasterStub master;
    private final DatasetView dataset;
    private final BlockCache cache;
    private final Mounts mounts;
    private final BlockService blocks;
    private final RpcServer server;
    private final Member member;
    private final Thread heart;
    private volatile RingView ring = RingView.NONE;
    private volatile boolean closing;

    /** A second closer waits for the first. */
    private final Object closeLock = new Object();

    private Worker(WorkerConfig config, StoreOpener opener, Metrics metrics) {
        Check.argument(
                !config.advertise().equals("0.0.0.0") && !config.advertise().equals("::"),
                "'" + config.advertise() + "' is no address that others can connect to: set advertise");
        this.config = config;
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            this.master = MasterStub.connect(
                    config.master(), config.secret(), Role.WORKER, config.dataset(), config.id(), this::ringChanged);
            opened.add(master);
            master.awaitConnected(config.joinTimeout());
            this.dataset = master.dataset();
            this.cache = BlockCache.open(
                    new CacheConfig(config.tiers(), dataset.blockBytes(), SMALL_FILE_BYTES, OPEN_FILES_MAX, HELD_SHARE),
                    metrics,
                    Ticker.system());
            opened.add(cache);
            this.mounts = new Mounts(dataset.mounts(), opener);
            opened.add(mounts);
            this.blocks = new BlockService(
                    config.dataset(), cache, mounts, config.fetchesMax(), config.fetchQueueMax(), metrics);
            opened.add(blocks);
            this.server = RpcServer.start(serverConfig(config), this::handle, metrics);
            opened.add(server);
            this.member = self();
            ringChanged(master.join(member).ring());
        } catch (RuntimeException e) {
            closeAll(opened);
            throw e;
        }
        this.heart = Thread.ofPlatform().daemon().name("efc-worker-heart").start(this::beat);
    }

    /**
     * Starts a worker that reads the dataset's mounts through {@link Stores}, and waits until it is in the ring.
     *
     * @throws RpcException if the master cannot be reached or refuses
     * @throws io.efc.cache.CacheException if a tier cannot be used
     */
    public static Worker start(WorkerConfig config, Metrics metrics) {
        return start(config, m -> Stores.open(new StoreConfig(m.mountPoint(), m.options(), m.readOnly())), metrics);
    }

    /**
     * Starts a worker with stores of the caller's choice, and waits until it is in the ring.
     *
     * @throws RpcException if the master cannot be reached or refuses
     * @throws io.efc.cache.CacheException if a tier cannot be used
     */
    public static Worker start(WorkerConfig config, StoreOpener opener, Metrics metrics) {
        return new Worker(config, opener, metrics);
    }

    private static RpcServerConfig serverConfig(WorkerConfig config) {
        List<Address> listen = new ArrayList<>();
        listen.add(config.listen());
        if (config.unixSocket() != null) {
            listen.add(new Address.Unix(config.unixSocket()));
        }
        return RpcServerConfig.of("worker", listen, config.secret(), config.dataset())
                .withLimits(config.connectionsMax(), 64, 64);
    }

    private Member self() {
        Check.state(server.addresses().getFirst() instanceof Address.Tcp, "the first address is TCP");
        int port = ((Address.Tcp) server.addresses().getFirst()).port();
        String unix = config.unixSocket() == null ? "" : config.unixSocket().toString();
        String address = new Address.Tcp(config.advertise(), port).toString();
        return new Member(config.id(), config.node(), address, unix, config.quotaBytes());
    }

    private void handle(Exchange exchange) {
        switch (exchange.type()) {
            case FrameType.READ -> blocks.handle(exchange, BlockService.Kind.READ);
            case FrameType.WHOLE -> blocks.handle(exchange, BlockService.Kind.WHOLE);
            case FrameType.STAT -> blocks.handle(exchange, BlockService.Kind.STAT);
            default -> exchange.reply(Status.UNKNOWN_TYPE);
        }
    }

    private synchronized void ringChanged(RingView fresh) {
        if (fresh.epoch() > ring.epoch()) {
            ring = fresh;
        }
    }

    /** The heart's thread: heartbeats, and introduces the worker again to a master that does not know it. */
    private void beat() {
        while (!closing) {
            LockSupport.parkNanos(this, dataset.heartbeatMillis() * 1_000_000);
            if (closing || !master.isConnected()) {
                continue;
            }
            try {
                long epoch = master.workerBeat(config.id(), figures());
                if (epoch != ring.epoch()) {
                    ringChanged(master.ring());
                }
            } catch (RpcException e) {
                LOG.log(Level.DEBUG, "heartbeat: {0}", e.getMessage());
                if (e.status() == Status.UNKNOWN_PEER) {
                    rejoin();
                }
            }
        }
    }

    private void rejoin() {
        try {
            ringChanged(master.join(member).ring());
        } catch (RpcException e) {
            LOG.log(Level.WARNING, "cannot join the ring again: {0}", e.getMessage());
        }
    }

    private WorkerFigures figures() {
        CacheUsage usage = cache.usage();
        return new WorkerFigures(
                usage.usedBytes(),
                usage.quotaBytes(),
                blocks.hits(),
                blocks.misses(),
                blocks.servedBytes(),
                blocks.fetchedBytes());
    }

    /** What the master knows this worker as, with the real port. */
    public Member member() {
        return member;
    }

    /** The ring as last heard. */
    public RingView ring() {
        return ring;
    }

    /** The cache's figures. */
    public CacheUsage usage() {
        return cache.usage();
    }

    /** Leaves the ring, ends, and keeps the blocks for the next start. Idempotent. */
    @Override
    public void close() {
        synchronized (closeLock) {
            if (!closing) {
                closing = true;
                leaveAndEnd();
            }
        }
    }

    private void leaveAndEnd() {
        try {
            master.leave(config.id());
        } catch (RpcException e) {
            LOG.log(Level.INFO, "leaving without the master''s knowing: {0}", e.getMessage());
        }
        blocks.drain();
        LockSupport.parkNanos(this, DRAIN_NANOS);
        LockSupport.unpark(heart);
        try {
            heart.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeAll(List.of(master, cache, mounts, blocks, server));
    }

    /** In reverse order; the first failure is thrown at the end. */
    private static void closeAll(List<AutoCloseable> opened) {
        RuntimeException failure = null;
        for (AutoCloseable c : opened.reversed()) {
            try {
                c.close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new IllegalStateException(
                            "cannot close " + c.getClass().getSimpleName(), e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
