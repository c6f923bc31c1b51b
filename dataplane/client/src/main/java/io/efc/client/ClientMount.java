package io.efc.client;

import io.efc.base.Metrics;
import io.efc.client.internal.Client;
import io.efc.client.internal.RingCache;
import io.efc.client.internal.RingCacheConfig;
import io.efc.fuse.FuseServer;
import io.efc.rpc.Address;
import io.efc.rpc.Secret;
import io.efc.store.Stores;
import java.util.concurrent.atomic.AtomicBoolean;

/** A mounted dataset. Ends when it is closed here or unmounted from outside. */
public final class ClientMount implements AutoCloseable {
    private final Client client;
    private final FuseServer server;
    private final AtomicBoolean closed = new AtomicBoolean();

    private ClientMount(Client client, FuseServer server) {
        this.client = client;
        this.server = server;
    }

    /**
     * Mounts a dataset: its stores by their schemes, its cluster through its master.
     *
     * @throws RuntimeException of the part that could not be had, whose message names it and what would help; nothing is left mounted
     */
    public static ClientMount start(ClientConfig config, Metrics metrics) {
        return start(
                config,
                metrics,
                new Client.Sources(
                        store -> Stores.open(store, metrics),
                        cluster -> join(config, cluster, metrics),
                        new io.efc.client.internal.LeaseLink.Source() {
                            @Override
                            public io.efc.lease.LeaseConfig rules(long d, boolean r) {
                                throw new IllegalStateException();
                            }

                            @Override
                            public io.efc.client.internal.LeaseLink connect(
                                    ClientConfig.Cluster c, java.util.function.Consumer<io.efc.lease.ToClient> x) {
                                throw new IllegalStateException();
                            }
                        }));
    }

    private static RingCache join(ClientConfig config, ClientConfig.Cluster cluster, Metrics metrics) {
        Address master = new Address.Tcp(
                cluster.master().getHostString(), cluster.master().getPort());
        String mountPoint = config.mountPoint().toString();
        String session = cluster.node() + ":" + mountPoint;
        return RingCache.connect(
                RingCacheConfig.of(
                        master,
                        new Secret(cluster.secret()),
                        config.datasetNumber(),
                        cluster.node(),
                        session,
                        mountPoint),
                metrics);
    }

    /** As {@link #start(ClientConfig, Metrics)}, with stores and cluster from {@code sources}. */
    public static ClientMount start(ClientConfig config, Metrics metrics, Client.Sources sources) {
        Client client = Client.open(config, metrics, sources);
        boolean mounted = false;
        try {
            FuseServer server = FuseServer.mount(config.fuse(), config.mountPoint(), client.fileSystem(), metrics);
            mounted = true;
            return new ClientMount(client, server);
        } finally {
            if (!mounted) {
                client.close();
            }
        }
    }

    /** Waits until the mount has ended, by {@link #close} or by an unmount from outside, and has given everything back. */
    public void awaitEnd() throws InterruptedException {
        server.awaitEnd();
        close();
    }

    /** Unmounts, in use or not, sends what is written to the stores, and gives everything back. Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                server.close();
            } finally {
                client.close();
            }
        }
    }
}
