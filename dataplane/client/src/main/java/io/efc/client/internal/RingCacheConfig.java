package io.efc.client.internal;

import io.efc.base.Check;
import io.efc.rpc.Address;
import io.efc.rpc.Secret;
import java.time.Duration;

/**
 * A client's way into the cluster.
 *
 * @param dataset its number: what the master and the workers were started with
 * @param node workers with the same node name are reached over their unix sockets
 * @param session this mount's identity: the same after a restart of the client
 * @param mountPoint for people
 * @param connectionsPerWorker each has a thread that receives
 * @param readTimeout how long a read may take, a worker's fetch included, before the caller reads the store itself
 * @param joinTimeout how long {@link RingCache#connect} waits for the master
 */
public record RingCacheConfig(
        Address master,
        Secret secret,
        long dataset,
        String node,
        String session,
        String mountPoint,
        int connectionsPerWorker,
        Duration readTimeout,
        Duration joinTimeout) {
    public RingCacheConfig {
        Check.argument(
                connectionsPerWorker >= 1 && connectionsPerWorker <= 64,
                "connectionsPerWorker is %d, not 1 to 64",
                connectionsPerWorker);
    }

    /** The defaults: two connections a worker, 10 s for a read, 30 s for the master. */
    public static RingCacheConfig of(
            Address master, Secret secret, long dataset, String node, String session, String mountPoint) {
        return new RingCacheConfig(
                master, secret, dataset, node, session, mountPoint, 2, Duration.ofSeconds(10), Duration.ofSeconds(30));
    }
}
