package io.efc.master.internal;

import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.master.MasterConfig;
import io.efc.rpc.RpcException;
import io.efc.rpc.RpcServer;
import io.efc.rpc.RpcServerConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Serves while its replica leads: one thread that waits to lead, begins, confirms, and ends.
 *
 * <p><b>Two leaders.</b> A leader may act for {@link #CONFIRMED_NANOS} from the moment when it sent heartbeats that a majority answered in its
 * term. Whoever leads next was elected by a majority, so by somebody who gave that answer before the vote; it waits, from when it knows of
 * its election, for the same time lengthened by what two clocks may differ, before it acts. This needs nothing of Raft but its terms:
 * neither the length of elections nor what a restarted voter remembers.
 */
public final class Leading implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Leading.class.getName());

    private static final long CONFIRMED_NANOS = 800_000_000;

    /** Twice the drift bound of the leases' default, and as much again. */
    private static final long WAITED_NANOS = CONFIRMED_NANOS + CONFIRMED_NANOS / 250;

    private static final long CONFIRM_PAUSE_NANOS = 100_000_000;
    private static final long LOOK_NANOS = 10_000_000;
    private static final int CONNECTIONS_MAX = 10_000;

    private final MasterConfig config;
    private final Consensus replica;
    private final Metrics metrics;
    private final Metrics.Counter led;
    private final Ticker ticker = Ticker.system();
    private final InstantSource clock = InstantSource.system();
    private final Thread thread;
    private volatile long confirmedUntil;
    private volatile boolean serving;
    private volatile boolean closed;
    private volatile long ufsTotal = -1;

    public Leading(MasterConfig config, Replica replica, Metrics metrics) {
        this(config, (Consensus) replica, metrics);
    }

    Leading(MasterConfig config, Consensus replica, Metrics metrics) {
        this.config = config;
        this.replica = replica;
        this.metrics = metrics;
        this.led = metrics.counter("efc_master_led_total", "How often this master began to lead.");
        metrics.gauge("efc_master_leads", "1 while this master leads.", () -> serving ? 1 : 0);
        this.thread = Thread.ofPlatform().daemon().name("efc-master-leading").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    public boolean isServing() {
        return serving;
    }

    public void ufsTotal(long bytes) {
        ufsTotal = bytes;
    }

    private void run() {
        while (!closed) {
            long term = replica.leadingTerm();
            if (term >= 0) {
                try {
                    lead(term);
                } catch (LogException | RpcException e) {
                    LOG.log(Level.WARNING, "cannot lead in term {0}: {1}", term, e.getMessage());
                }
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    private void lead(long term) {
        long actsAt = ticker.nanos() + WAITED_NANOS;
        // Whatever this replica submitted before, in this term or another, has become of it what will once this is
        // applied.
        TermLog.commit(replica, term, new Command.LeaseEpochBegun(clock.millis()));
        while (actsAt - ticker.nanos() > 0) {
            if (closed || replica.leadingTerm() != term) {
                return;
            }
            LockSupport.parkNanos(this, Math.min(LOOK_NANOS, actsAt - ticker.nanos()));
        }
        confirmedUntil = ticker.nanos();
        ClusterState state = replica.copy();
        TermLog log = new TermLog(replica, term, state);
        MasterService service = new MasterService(config, state, log, ticker, clock, now -> confirmedUntil, metrics);
        service.ufsTotal(ufsTotal);
        try (RpcServer server = RpcServer.start(
                RpcServerConfig.of("master", List.of(config.listen()), config.secret(), config.dataset())
                        .withLimits(CONNECTIONS_MAX, 256, 16),
                service,
                metrics)) {
            confirm(term);
            service.start(server);
            LOG.log(Level.INFO, "leads in term {0}, the leases'' epoch is {1}", term, state.leaseEpoch());
            led.increment();
            serving = true;
            while (!closed && !log.isFailed() && replica.leadingTerm() == term) {
                confirm(term);
                service.ufsTotal(ufsTotal);
                LockSupport.parkNanos(this, CONFIRM_PAUSE_NANOS);
            }
        } finally {
            serving = false;
            log.close();
            service.close();
            LOG.log(Level.INFO, "does not lead in term {0} any more", term);
        }
    }

    private void confirm(long term) {
        long began = ticker.nanos();
        CompletableFuture<Void> reply = replica.confirm();
        try {
            reply.get(CONFIRMED_NANOS, TimeUnit.NANOSECONDS);
            if (replica.leadingTerm() == term) {
                confirmedUntil = began + CONFIRMED_NANOS;
            }
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "no majority confirms that this master leads in term {0}: {1}", term, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
