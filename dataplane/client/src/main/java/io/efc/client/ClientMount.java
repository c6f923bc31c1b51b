package io.efc.client;

import io.efc.base.Metrics;
import io.efc.client.internal.Client;
import io.efc.client.internal.MasterLink;
import io.efc.client.internal.RingCache;
import io.efc.client.internal.RingCacheConfig;
import io.efc.fuse.FuseServer;
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
        String name = config.cluster().map(c -> name(config, c)).orElse("");
        return start(
                config,
                metrics,
                new Client.Sources(
                        store -> Stores.open(store, metrics),
                        cluster -> join(config, cluster, metrics),
                        MasterLink.source(name, config.datasetNumber())));
    }

    /** What a mount is called by its master. */
    private static String name(ClientConfig config, ClientConfig.Cluster cluster) {
        return cluster.node() + ":" + config.mountPoint();
    }

    private static RingCache join(ClientConfig config, ClientConfig.Cluster cluster, Metrics metrics) {
        String mountPoint = config.mountPoint().toString();
        return RingCache.connect(
                RingCacheConfig.of(
                        MasterLink.address(cluster),
                        new Secret(cluster.secret()),
                        config.datasetNumber(),
                        cluster.node(),
                        name(config, cluster),
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
            client.ending();
            try {
                server.close();
            } finally {
                client.close();
            }
        }
    }
}
