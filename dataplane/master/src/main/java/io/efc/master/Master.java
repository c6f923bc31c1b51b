package io.efc.master;

import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.master.internal.ClusterState;
import io.efc.master.internal.FileCommandLog;
import io.efc.master.internal.MasterService;
import io.efc.rpc.Address;
import io.efc.rpc.ClusterStatus;
import io.efc.rpc.RpcServer;
import io.efc.rpc.RpcServerConfig;
import java.time.InstantSource;
import java.util.List;

/** A running master. */
public final class Master implements AutoCloseable {
    /** Every client and every worker holds one connection. */
    private static final int CONNECTIONS_MAX = 10_000;

    private final FileCommandLog log;
    private final MasterService service;
    private final RpcServer server;

    private Master(MasterConfig config, Metrics metrics) {
        ClusterState state = new ClusterState();
        this.log = FileCommandLog.open(config.stateDirectory(), state);
        try {
            metrics.gauge("efc_master_leads", "1 while this master leads.", () -> 1);
            this.service = new MasterService(config, state, log, Ticker.system(), InstantSource.system(), metrics);
            this.server = RpcServer.start(
                    RpcServerConfig.of("master", List.of(config.listen()), config.secret(), config.dataset())
                            .withLimits(CONNECTIONS_MAX, 256, 16),
                    service,
                    metrics);
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
        service.start(server);
    }

    /**
     * Recovers the state and serves.
     *
     * @throws RuntimeException naming what is wrong: the address is in use, the state directory is damaged or another master's
     */
    public static Master start(MasterConfig config, Metrics metrics) {
        return new Master(config, metrics);
    }

    /** Where it listens, with the real port. */
    public Address address() {
        return server.addresses().getFirst();
    }

    /** Tells what the stores hold, for {@link ClusterStatus#ufsTotalBytes}; -1 if nobody knows. */
    public void ufsTotal(long bytes) {
        service.ufsTotal(bytes);
    }

    /** What a STATUS call answers. */
    public ClusterStatus status() {
        return service.status();
    }

    /** Ends; members and sessions stay in the log and find their places again after a restart. */
    @Override
    public void close() {
        service.close();
        server.close();
        log.close();
    }
}
