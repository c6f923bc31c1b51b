package io.efc.master;

import io.efc.base.Check;
import io.efc.base.Metrics;
import io.efc.master.internal.Leading;
import io.efc.master.internal.Replica;
import io.efc.rpc.Address;

/**
 * One of three masters. All have the state; the one that leads listens for clients and workers, and the others refuse connections, so that
 * whoever looks for the master tries their addresses in turn.
 */
public final class ReplicatedMaster implements AutoCloseable {
    private final Address address;
    private final Replica replica;
    private final Leading leading;

    private ReplicatedMaster(MasterConfig config, MasterPeers peers, Metrics metrics) {
        Check.argument(
                config.listen() instanceof Address.Tcp tcp && tcp.port() != 0,
                "a replicated master listens at " + config.listen() + "; accepted: host:port with a fixed port");
        this.address = config.listen();
        this.replica = Replica.start(config.runtime(), config.secret(), peers, config.stateDirectory());
        this.leading = new Leading(config, replica, metrics);
        leading.start();
    }

    /**
     * Recovers the log, takes part in elections, and serves whenever it leads.
     *
     * @throws RuntimeException naming what is wrong: an address is in use, the state directory is damaged
     */
    public static ReplicatedMaster start(MasterConfig config, MasterPeers peers, Metrics metrics) {
        return new ReplicatedMaster(config, peers, metrics);
    }

    /** Where it listens while it leads. */
    public Address address() {
        return address;
    }

    /** Whether it serves. */
    public boolean isServing() {
        return leading.isServing();
    }

    /** Tells what the stores hold; -1 if nobody knows. */
    public void ufsTotal(long bytes) {
        leading.ufsTotal(bytes);
    }

    /** Ends; another master leads then. */
    @Override
    public void close() {
        leading.close();
        replica.close();
    }
}
