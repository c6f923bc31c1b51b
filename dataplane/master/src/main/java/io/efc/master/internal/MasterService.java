package io.efc.master.internal;

import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.lease.LeaseConfig;
import io.efc.lease.LogEntry;
import io.efc.master.MasterConfig;
import io.efc.rpc.ClusterStatus;
import io.efc.rpc.DatasetView;
import io.efc.rpc.Exchange;
import io.efc.rpc.FrameType;
import io.efc.rpc.LeasesView;
import io.efc.rpc.Member;
import io.efc.rpc.MountSpec;
import io.efc.rpc.Peer;
import io.efc.rpc.RingView;
import io.efc.rpc.Role;
import io.efc.rpc.RpcHandler;
import io.efc.rpc.RpcServer;
import io.efc.rpc.SessionFigures;
import io.efc.rpc.Status;
import io.efc.rpc.Wire;
import io.efc.rpc.WorkerFigures;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Answers the master's calls. Heartbeats and figures are soft state, kept here and forgotten with the process; who belongs to the ring and
 * which sessions exist is changed through the log only. After a start everybody has a whole time-out to be heard again.
 *
 * <p>This object's monitor guards the state machine's readers, the log and the soft state.
 */
public final class MasterService implements RpcHandler, AutoCloseable {
    private static final Logger LOG = System.getLogger(MasterService.class.getName());

    /** A master alone says again at every tick, many times in this, that it leads. */
    private static final long ALONE_NANOS = 10_000_000_000L;

    /** When somebody was last heard, and the figures he told. */
    private record Heard<T>(long nanos, T figures) {}

    private final DatasetView dataset;
    private final ClusterState state;
    private final CommandLog log;
    private final Ticker ticker;
    private final InstantSource clock;
    private final long timeoutNanos;
    private final long sweepNanos;
    private final Map<String, Heard<WorkerFigures>> workers = new HashMap<>();
    private final Map<String, Heard<SessionFigures>> sessions = new HashMap<>();
    private final Metrics.Counter removed;
    private @Nullable RpcServer server;
    private @Nullable Thread sweeper;
    private volatile boolean closed;
    private volatile long ufsTotalBytes = -1;
    private final LeaseService leases;

    /** The only master of a runtime: it leads as long as it lives. */
    public MasterService(
            MasterConfig config,
            ClusterState state,
            CommandLog log,
            Ticker ticker,
            InstantSource clock,
            Metrics metrics) {
        this(config, state, log, ticker, clock, now -> now + ALONE_NANOS, metrics);
    }

    MasterService(
            MasterConfig config,
            ClusterState state,
            CommandLog log,
            Ticker ticker,
            InstantSource clock,
            LeaseService.Leadership leadership,
            Metrics metrics) {
        this.dataset = new DatasetView(
                config.runtime(),
                config.dataset(),
                config.blockBytes(),
                config.replicas(),
                config.heartbeat().toMillis(),
                config.memberTimeout().toMillis(),
                config.mounts());
        this.state = state;
        this.log = log;
        this.ticker = ticker;
        this.clock = clock;
        this.timeoutNanos = config.memberTimeout().toNanos();
        this.sweepNanos = Math.max(1_000_000, config.heartbeat().toNanos() / 2);
        long now = ticker.nanos();
        state.members().forEach(m -> workers.put(m.member().id(), new Heard<>(now, WorkerFigures.NONE)));
        state.sessions().forEach(s -> sessions.put(s.id(), new Heard<>(now, SessionFigures.NONE)));
        this.removed = metrics.counter("efc_master_silent_total", "Workers and sessions removed for their silence.");
        metrics.gauge("efc_master_epoch", "The ring's epoch.", () -> ring().epoch());
        metrics.gauge(
                "efc_master_members",
                "Workers in the ring.",
                () -> ring().members().size());
        metrics.gauge("efc_master_sessions", "Clients' sessions.", this::sessionCount);
        log.submit(new Command.LeaseEpochBegun(clock.millis()));
        boolean readOnly =
                !config.mounts().isEmpty() && config.mounts().stream().allMatch(MountSpec::readOnly);
        this.leases = new LeaseService(
                LeaseConfig.of(readOnly ? Set.of(config.dataset()) : Set.of()),
                state.leaseEpoch(),
                state.leases(),
                ticker,
                this::submit,
                leadership,
                metrics);
    }

    private synchronized void submit(LogEntry entry) {
        submit(new Command.LeaseChanged(clock.millis(), entry));
    }

    @Override
    public void pushed(Peer peer, int type, byte[] body) {
        if (type != FrameType.LEASE || peer.role() != Role.CLIENT) {
            throw Wire.malformed("a frame of type " + type + " from a " + peer.role() + " without a request");
        }
        leases.received(peer, body);
    }

    /** Begins to remove the silent and to push rings to {@code server}'s peers. */
    public synchronized void start(RpcServer server) {
        this.server = server;
        leases.start();
        this.sweeper = Thread.ofPlatform().daemon().name("efc-master-sweep").start(this::run);
    }

    private synchronized RingView ring() {
        return state.ring();
    }

    private synchronized int sessionCount() {
        return state.sessions().size();
    }

    @Override
    public void handle(Exchange exchange) {
        Wire.Reader in = new Wire.Reader(exchange.bodyBytes());
        Role role = exchange.peer().role();
        boolean allowed = switch (exchange.type()) {
            case FrameType.JOIN, FrameType.WORKER_BEAT, FrameType.LEAVE -> role == Role.WORKER;
            case FrameType.OPEN_SESSION, FrameType.SESSION_BEAT, FrameType.CLOSE_SESSION -> role == Role.CLIENT;
            default -> true;
        };
        if (!allowed) {
            exchange.reply(Status.DENIED);
            return;
        }
        switch (exchange.type()) {
            case FrameType.JOIN -> exchange.reply(Status.OK, join(Member.decode(in)));
            case FrameType.WORKER_BEAT -> epochOrUnknown(exchange, workerBeat(in.string(), WorkerFigures.decode(in)));
            case FrameType.LEAVE -> {
                leave(in.string());
                exchange.reply(Status.OK);
            }
            case FrameType.OPEN_SESSION ->
                exchange.reply(Status.OK, openSession(in.string(), in.string(), in.string()));
            case FrameType.SESSION_BEAT ->
                epochOrUnknown(exchange, sessionBeat(in.string(), SessionFigures.decode(in)));
            case FrameType.CLOSE_SESSION -> {
                closeSession(in.string(), SessionFigures.decode(in));
                exchange.reply(Status.OK);
            }
            case FrameType.RING -> exchange.reply(Status.OK, encode(ring()));
            case FrameType.LEASES ->
                exchange.reply(
                        Status.OK, leases.view(LeasesView.Filter.decode(in)).encode());
            case FrameType.STATUS -> exchange.reply(Status.OK, status().encode());
            case FrameType.DATASET -> {
                Wire.Writer out = new Wire.Writer();
                dataset.encode(out);
                exchange.reply(Status.OK, out.bytes());
            }
            default -> exchange.reply(Status.UNKNOWN_TYPE);
        }
    }

    private static void epochOrUnknown(Exchange exchange, long epoch) {
        if (epoch < 0) {
            exchange.reply(Status.UNKNOWN_PEER);
        } else {
            exchange.reply(Status.OK, new Wire.Writer().i64(epoch).bytes());
        }
    }

    private static byte[] encode(RingView ring) {
        Wire.Writer out = new Wire.Writer();
        ring.encode(out);
        return out.bytes();
    }

    private synchronized byte[] join(Member member) {
        submit(new Command.MemberJoined(clock.millis(), member));
        workers.put(member.id(), new Heard<>(ticker.nanos(), WorkerFigures.NONE));
        LOG.log(
                Level.INFO,
                "worker {0} on {1} is in the ring of epoch {2}",
                member.id(),
                member.node(),
                ring().epoch());
        return welcome();
    }

    private byte[] welcome() {
        Wire.Writer out = new Wire.Writer();
        dataset.encode(out);
        state.ring().encode(out);
        return out.bytes();
    }

    /** The epoch, or -1 if the worker is not in the ring. */
    private synchronized long workerBeat(String id, WorkerFigures figures) {
        if (!state.hasMember(id)) {
            return -1;
        }
        workers.put(id, new Heard<>(ticker.nanos(), figures));
        return state.ring().epoch();
    }

    private synchronized void leave(String id) {
        submit(new Command.MemberLeft(clock.millis(), id, false));
        workers.remove(id);
        LOG.log(Level.INFO, "worker {0} left the ring, epoch {1}", id, ring().epoch());
    }

    private synchronized byte[] openSession(String id, String node, String mountPoint) {
        if (id.isEmpty() || id.length() > 100) {
            throw Wire.malformed("a session id of " + id.length() + " characters");
        }
        if (!state.hasSession(id)) {
            submit(new Command.SessionOpened(clock.millis(), id, node, mountPoint));
        }
        Heard<SessionFigures> old = sessions.get(id);
        sessions.put(id, new Heard<>(ticker.nanos(), old == null ? SessionFigures.NONE : old.figures));
        return welcome();
    }

    /** The epoch, or -1 if there is no such session. */
    private synchronized long sessionBeat(String id, SessionFigures figures) {
        if (!state.hasSession(id)) {
            return -1;
        }
        sessions.put(id, new Heard<>(ticker.nanos(), figures));
        return state.ring().epoch();
    }

    private synchronized void closeSession(String id, SessionFigures figures) {
        submit(new Command.SessionClosed(clock.millis(), id, false, figures));
        sessions.remove(id);
    }

    /** Under the monitor: the command is durable and applied; a new ring is on its way to everybody. */
    private void submit(Command command) {
        if (log.submit(command) == StateMachine.Outcome.RING_CHANGED) {
            RpcServer to = server;
            if (to != null) {
                byte[] body = encode(state.ring());
                for (Peer peer : to.peers()) {
                    if (peer.role() != Role.ADMIN) {
                        // Whoever cannot take it now learns of the epoch with the next heartbeat.
                        peer.push(FrameType.RING, body);
                    }
                }
            }
        }
    }

    private void run() {
        while (!closed) {
            LockSupport.parkNanos(this, sweepNanos);
            try {
                removeSilent();
            } catch (LogException e) {
                LOG.log(Level.ERROR, "cannot remove silent members: {0}", e.getMessage());
            }
        }
    }

    synchronized void removeSilent() {
        long now = ticker.nanos();
        List<String> silent = new ArrayList<>();
        workers.forEach((id, heard) -> {
            if (now - heard.nanos > timeoutNanos) {
                silent.add(id);
            }
        });
        for (String id : silent) {
            submit(new Command.MemberLeft(clock.millis(), id, true));
            workers.remove(id);
            removed.increment();
            LOG.log(Level.WARNING, "worker {0} is silent and out of the ring, epoch {1}", id, ring().epoch());
        }
        silent.clear();
        sessions.forEach((id, heard) -> {
            if (now - heard.nanos > timeoutNanos) {
                silent.add(id);
            }
        });
        for (String id : silent) {
            Heard<SessionFigures> last = sessions.remove(id);
            SessionFigures figures = last == null ? SessionFigures.NONE : last.figures;
            submit(new Command.SessionClosed(clock.millis(), id, true, figures));
            removed.increment();
            LOG.log(Level.WARNING, "session {0} is silent and ends", id);
        }
    }

    /** What the stores hold, if somebody found out. */
    public void ufsTotal(long bytes) {
        ufsTotalBytes = bytes;
    }

    /** Everything for people. */
    public synchronized ClusterStatus status() {
        long now = ticker.nanos();
        List<ClusterStatus.Worker> w = new ArrayList<>();
        for (ClusterState.MemberState m : state.members()) {
            Heard<WorkerFigures> heard = workers.get(m.member().id());
            if (heard != null) {
                w.add(new ClusterStatus.Worker(
                        m.member(), m.joinedMillis(), (now - heard.nanos) / 1_000_000, heard.figures));
            }
        }
        List<ClusterStatus.Session> s = new ArrayList<>();
        for (ClusterState.SessionState session : state.sessions()) {
            Heard<SessionFigures> heard = sessions.get(session.id());
            if (heard != null) {
                s.add(new ClusterStatus.Session(
                        session.id(),
                        session.node(),
                        session.mountPoint(),
                        session.openedMillis(),
                        (now - heard.nanos) / 1_000_000,
                        heard.figures));
            }
        }
        return new ClusterStatus(dataset, state.ring().epoch(), ufsTotalBytes, w, s, state.past());
    }

    @Override
    public void close() {
        closed = true;
        leases.close();
        Thread t = sweeper;
        if (t != null) {
            LockSupport.unpark(t);
            try {
                t.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
