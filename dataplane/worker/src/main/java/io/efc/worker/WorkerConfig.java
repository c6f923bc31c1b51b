package io.efc.worker;

import io.efc.base.Check;
import io.efc.cache.TierConfig;
import io.efc.rpc.Address;
import io.efc.rpc.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A worker of one dataset.
 *
 * @param id the same after a restart: placement depends on it
 * @param node where it runs; clients with the same node name use its unix socket
 * @param listen TCP; port 0 takes a free one
 * @param advertise {@code host} under which other nodes reach it
 * @param unixSocket for this node's clients, or null
 * @param tiers fastest first
 * @param fetchesMax reads of the stores at once; each has a thread and a buffer of a block
 * @param fetchQueueMax reads that wait for one of them; one more is answered BUSY
 * @param connectionsMax clients' connections, each of which has a thread
 * @param joinTimeout how long {@link Worker#start} waits for the master
 */
public record WorkerConfig(
        String id,
        String node,
        Address master,
        Secret secret,
        long dataset,
        Address.Tcp listen,
        String advertise,
        @Nullable Path unixSocket,
        List<TierConfig> tiers,
        int fetchesMax,
        int fetchQueueMax,
        int connectionsMax,
        Duration joinTimeout) {
    public WorkerConfig {
        tiers = List.copyOf(tiers);
        Check.argument(!tiers.isEmpty(), "a worker needs a tier");
        Check.argument(fetchesMax >= 1 && fetchesMax <= 1024, "fetchesMax is %d, not 1 to 1024", fetchesMax);
        Check.argument(fetchQueueMax >= 0, "fetchQueueMax is %d", fetchQueueMax);
    }

    /** The defaults: 32 fetches at once, 1024 waiting, 1024 connections, 30 s for the master. */
    public static WorkerConfig of(
            String id,
            String node,
            Address master,
            Secret secret,
            long dataset,
            Address.Tcp listen,
            @Nullable Path unixSocket,
            List<TierConfig> tiers) {
        return new WorkerConfig(
                id,
                node,
                master,
                secret,
                dataset,
                listen,
                listen.host(),
                unixSocket,
                tiers,
                32,
                1024,
                1024,
                Duration.ofSeconds(30));
    }

    /** The same, reached by others under {@code host}; needed if {@code listen} is a wildcard. */
    public WorkerConfig withAdvertise(String host) {
        return new WorkerConfig(
                id,
                node,
                master,
                secret,
                dataset,
                listen,
                host,
                unixSocket,
                tiers,
                fetchesMax,
                fetchQueueMax,
                connectionsMax,
                joinTimeout);
    }

    /** All tiers' quotas. */
    public long quotaBytes() {
        return tiers.stream().mapToLong(t -> t.quota().bytes()).sum();
    }
}
