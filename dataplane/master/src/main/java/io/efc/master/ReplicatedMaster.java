package io.efc.master;

import io.efc.base.Check;
import io.efc.base.Metrics;
import io.efc.master.internal.Leading;
import io.efc.master.internal.Replica;
import io.efc.rpc.Address;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One of three masters. All have the state; the one that leads listens for clients and workers, and the others refuse connections, so that
 * whoever looks for the master tries their addresses in turn.
 */
public final class ReplicatedMaster implements AutoCloseable {
    /** Shorter than the time after which the others elect, so that who cannot write does not get to vote. */
    private static final long LOOK_NANOS = 100_000_000;

    private final Address address;
    private final Replica replica;
    private final Leading leading;
    private final Thread watch;
    private volatile @Nullable String failure;
    private volatile boolean closed;

    private ReplicatedMaster(MasterConfig config, MasterPeers peers, Metrics metrics) {
        Check.argument(
                config.listen() instanceof Address.Tcp tcp && tcp.port() != 0,
                "a replicated master listens at " + config.listen() + "; accepted: host:port with a fixed port");
        this.address = config.listen();
        this.replica = Replica.start(config.runtime(), config.secret(), peers, config.stateDirectory());
        this.leading = new Leading(config, replica, metrics);
        this.watch = Thread.ofPlatform().daemon().name("efc-master-watch").unstarted(this::watch);
        leading.start();
        watch.start();
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

    /** Who cannot write its log any more ends, instead of taking part with what it will forget. */
    private void watch() {
        while (!closed) {
            String why = replica.failure();
            if (why != null) {
                failure = why;
                end();
                return;
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    /** Why it ended by itself, for people; null if it did not. */
    public @Nullable String failure() {
        return failure;
    }

    /** Returns when it has ended, by {@link #close} or by itself. */
    public void awaitEnd() throws InterruptedException {
        watch.join();
    }

    private synchronized void end() {
        leading.close();
        replica.close();
    }

    /** Ends; another master leads then. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(watch);
        end();
    }
}
