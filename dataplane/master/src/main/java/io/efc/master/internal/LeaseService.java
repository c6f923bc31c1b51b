package io.efc.master.internal;

import io.efc.base.Metrics;
import io.efc.base.Metrics.Counter;
import io.efc.base.Metrics.Histogram;
import io.efc.base.Ticker;
import io.efc.lease.LeaseCodec;
import io.efc.lease.LeaseConfig;
import io.efc.lease.LeaseEvent;
import io.efc.lease.LeaseEventCounters;
import io.efc.lease.LeaseMaster;
import io.efc.lease.LeaseRecord;
import io.efc.lease.LogEntry;
import io.efc.lease.MasterSink;
import io.efc.lease.ObjectId;
import io.efc.lease.Reply;
import io.efc.lease.Request;
import io.efc.lease.ToClient;
import io.efc.lease.ToMaster;
import io.efc.rpc.FrameType;
import io.efc.rpc.LeasesView;
import io.efc.rpc.Peer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs a {@link LeaseMaster}: messages from connections in, messages to them out, time, and the log.
 *
 * <p>A session belongs to the client whose name the connection gave that used it first; its messages over a connection of another name are dropped
 * and counted. The name outlives connections: what is to be said goes to the client's newest one.
 *
 * <p>This object's monitor guards the master. Entries for the log are written by a thread of their own, in their order, because that waits for a
 * disk. If the log cannot be written, the master acts no more: everybody stalls, and nobody is told anything wrong.
 */
final class LeaseService implements AutoCloseable {
    private static final Logger LOG = System.getLogger(LeaseService.class.getName());

    /** Recalls whose answers are timed. */
    private static final int TIMED_MAX = 100_000;

    /** Puts an entry into the log; returns when it cannot be lost. */
    @FunctionalInterface
    interface Log {
        /** @throws LogException if it is not durable */
        void submit(LogEntry entry);
    }

    /** How long this master surely leads. */
    @FunctionalInterface
    interface Leadership {
        /** No other master acts before this one's clock shows the answer. */
        long untilNanos(long now);
    }

    /** Whose session it is. */
    private static final class Owner {
        final String name;
        Peer peer;

        Owner(String name, Peer peer) {
            this.name = name;
            this.peer = peer;
        }
    }

    private record Recalled(long session, ObjectId object) {}

    private final LeaseConfig config;
    private final LeaseMaster master;
    private final Ticker ticker;
    private final Log log;
    private final Leadership leadership;
    /** Of the sessions that the master knows, and between messages of no other: so no more than it has sessions. */
    private final Map<Long, Owner> owners = new HashMap<>();

    private final Map<Recalled, Long> recalls = new HashMap<>();
    private final BlockingQueue<LogEntry> entries = new LinkedBlockingQueue<>();
    private final LeaseEventCounters events;
    private final Counter forged;
    private final Counter lost;
    private final Histogram revoke;
    private final Thread beat;
    private final Thread writer;
    private volatile boolean closed;
    private boolean unwritable;

    /**
     * A master that leads from now on.
     *
     * @param epoch above that of every master before
     * @param record what was committed before
     */
    LeaseService(
            LeaseConfig config,
            long epoch,
            LeaseRecord record,
            Ticker ticker,
            Log log,
            Leadership leadership,
            Metrics metrics) {
        this.config = config;
        this.ticker = ticker;
        this.log = log;
        this.leadership = leadership;
        this.master = new LeaseMaster(config, epoch, record, ticker.nanos());
        events = new LeaseEventCounters(
                metrics, "efc_master_lease_events_total", "Steps of the lease protocol on the master's side.");
        forged = metrics.counter(
                "efc_master_lease_forged_total", "Messages of a session from another client than the session's.");
        lost = metrics.counter(
                "efc_master_lease_unsent_total", "Messages that could not be sent at once; they are sent again.");
        revoke = metrics.histogram("efc_master_lease_revoke_seconds", "Time from a recall to the holder's answer.");
        metrics.gauge("efc_master_leases", "Leases given.", () -> read(LeaseMaster::leases));
        metrics.gauge("efc_master_lease_waiters", "Requests that wait for a lease.", () -> read(LeaseMaster::waiters));
        metrics.gauge("efc_master_lease_sessions", "Lease sessions.", () -> read(LeaseMaster::sessions));
        metrics.gauge(
                "efc_master_locks", "Ranges of files locked with fcntl or flock.", () -> read(LeaseMaster::locks));
        metrics.gauge("efc_master_lock_waiters", "Locks that are waited for.", () -> read(LeaseMaster::lockWaiters));
        metrics.gauge(
                "efc_master_lease_grace",
                "1 while new leases wait for the claims of old ones.",
                () -> read(m -> m.isInGrace() ? 1 : 0));
        beat = Thread.ofPlatform().daemon().name("efc-master-lease").unstarted(this::run);
        writer = Thread.ofPlatform().daemon().name("efc-master-lease-log").unstarted(this::write);
    }

    void start() {
        beat.start();
        writer.start();
    }

    private synchronized double read(java.util.function.ToDoubleFunction<LeaseMaster> what) {
        return what.applyAsDouble(master);
    }

    /** A message came from a client. */
    void received(Peer peer, byte[] bytes) {
        ToMaster message = LeaseCodec.toMaster(bytes);
        synchronized (this) {
            if (unwritable) {
                return;
            }
            Owner owner = owners.get(message.session());
            if (owner == null) {
                owners.put(message.session(), new Owner(peer.name(), peer));
            } else if (!owner.name.equals(peer.name())) {
                forged.increment();
                LOG.log(
                        Level.WARNING,
                        "{0} uses the lease session {1} of ''{2}''; its message is dropped",
                        peer,
                        Long.toHexString(message.session()),
                        owner.name);
                return;
            } else {
                owner.peer = peer;
            }
            answered(message);
            try {
                master.onMessage(ticker.nanos(), message, sink);
            } finally {
                if (owner == null && !master.hasSession(message.session())) {
                    owners.remove(message.session());
                }
            }
        }
    }

    private void answered(ToMaster message) {
        if (message instanceof ToMaster.Frame frame) {
            Recalled recalled = switch (frame.body()) {
                case Request.Yield y -> new Recalled(frame.session(), y.object());
                case Request.YieldChild y -> new Recalled(frame.session(), child(y.directory(), y.child()));
                case null, default -> null;
            };
            Long since = recalled == null ? null : recalls.remove(recalled);
            if (since != null) {
                revoke.record(ticker.nanos() - since);
            }
        }
    }

    private static ObjectId child(ObjectId group, long child) {
        return new ObjectId(group.dataset(), group.directory(), child);
    }

    private void recalled(ToClient message) {
        if (message instanceof ToClient.Frame frame && recalls.size() < TIMED_MAX) {
            Recalled recalled = switch (frame.body()) {
                case Reply.Recall r -> new Recalled(frame.session(), r.object());
                case Reply.Carve c -> new Recalled(frame.session(), child(c.directory(), c.child()));
                case null, default -> null;
            };
            if (recalled != null) {
                recalls.putIfAbsent(recalled, ticker.nanos());
            }
        }
    }

    private final MasterSink sink = new MasterSink() {
        @Override
        public void send(ToClient message) {
            recalled(message);
            Owner owner = owners.get(message.session());
            if (owner == null || !owner.peer.push(FrameType.LEASE, LeaseCodec.encode(message))) {
                lost.increment();
            }
        }

        @Override
        public void replicate(LogEntry entry) {
            entries.add(entry);
            if (entry instanceof LogEntry.SessionClosed(long session)) {
                forget(session);
            }
        }

        @Override
        public void event(LeaseEvent event) {
            events.count(event);
        }
    };

    private void forget(long session) {
        owners.remove(session);
        recalls.keySet().removeIf(r -> r.session == session);
    }

    private void run() {
        long pause = Math.min(config.times().lifeNanos() / 32, config.times().retryNanos() / 4);
        while (!closed) {
            tick();
            LockSupport.parkNanos(this, pause);
        }
    }

    synchronized void tick() {
        if (!unwritable) {
            long now = ticker.nanos();
            master.confirmLeadership(leadership.untilNanos(now));
            master.tick(now, sink);
        }
    }

    private void write() {
        try {
            while (!closed) {
                LogEntry entry = entries.take();
                log.submit(entry);
                synchronized (this) {
                    master.onCommitted(ticker.nanos(), entry, sink);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (LogException e) {
            synchronized (this) {
                unwritable = true;
            }
            LOG.log(
                    Level.ERROR,
                    "no leases are given or renewed any more, because the log cannot be written: {0}",
                    e.getMessage());
        }
    }

    /** How many sessions have an owner. */
    synchronized int owners() {
        return owners.size();
    }

    /** Who has what. */
    synchronized LeasesView view(LeasesView.Filter filter) {
        List<LeasesView.Row> rows = new ArrayList<>();
        long[] total = new long[1];
        master.visit((session, object, mode, token, yielding) -> {
            boolean shown = (filter.directory() == 0 && filter.file() == 0)
                    || object.isDataset()
                    || (object.directory() == filter.directory()
                            && (object.file() == 0 || object.file() == filter.file()));
            if (!shown) {
                return;
            }
            total[0]++;
            if (rows.size() < filter.rowsMax()) {
                Owner owner = owners.get(session);
                rows.add(new LeasesView.Row(
                        session,
                        owner == null ? "" : owner.name,
                        object.directory(),
                        object.file(),
                        mode.name().toLowerCase(Locale.ROOT),
                        token,
                        yielding));
            }
        });
        return new LeasesView(
                master.epoch(),
                master.isInGrace(),
                master.sessions(),
                master.leases(),
                master.waiters(),
                total[0],
                rows);
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(beat);
        writer.interrupt();
        try {
            beat.join();
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
