package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsConfig;
import io.efc.nfs.NfsException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * This client's standing with one server: client id, session, lease; and the way every request takes through them.
 *
 * <p>{@link #run} sends a request until it is answered: a server that asks for patience (DELAY, GRACE) is asked again, a request that meets an ended
 * session waits until the keeper has made a new one and is encoded anew for it. The <em>keeper</em>, a thread of its own, does what nobody should wait
 * for in the middle of a request: it renews the lease when nobody else talks, probes slots of unknown state, and after a loss gets a new session,
 * if need be a new client id, and has the {@link Reclaim} get back the opens and locks, before it lets requests go on. Requests wait under
 * {@link #lock} for {@link #session}; nothing is sent under it.
 */
final class Nfs4Lease implements AutoCloseable {
    /** Gets back what the server forgot; runs in the keeper with {@link #inSession}. */
    interface Reclaim {
        /** Reopens and locks again whatever is held. */
        void reclaim(Nfs4Session session);
    }

    /** Writes the operations after SEQUENCE. */
    @FunctionalInterface
    interface Encoder {
        void encode(Nfs4Compound c);
    }

    /** Reads the results after SEQUENCE of a request that succeeded. */
    @FunctionalInterface
    interface Decoder<T> {
        T decode(Nfs4Compound c);
    }

    /** What to do about a status that is not OK. */
    @FunctionalInterface
    interface OnStatus {
        /** Returns to have the request sent again; throws to end it. {@code attempt} counts from 0. */
        void handle(NfsStatus status, int attempt);
    }

    /** Whether a request that failed has its answer in the failure: the request's result is null then. May decode. */
    @FunctionalInterface
    interface Expected {
        boolean is(Nfs4Compound c);
    }

    private static final System.Logger LOG = System.getLogger(Nfs4Lease.class.getName());
    private static final long PATIENCE_LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PATIENCE_MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** When every slot is in use the keeper looks again after so long; whatever is in use renews the lease too. */
    private static final long RENEW_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** SEQ4_STATUS bits that say that state is gone: EXPIRED_ALL, EXPIRED_SOME, ADMIN_REVOKED, RESTART_RECLAIM_NEEDED. */
    private static final int FLAGS_STATE_LOST = 0x8 | 0x10 | 0x20 | 0x100;

    private static final int MINOR_LATEST = 2;

    private final RpcTransport transport;
    private final Nfs4Handshake handshake;
    private final Map<Nfs4Request, RpcMetrics.Op> meters = new EnumMap<>(Nfs4Request.class);
    private final Thread keeper;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition sessionChanged = lock.newCondition();
    private final Condition work = lock.newCondition();
    private volatile int minorVersion = MINOR_LATEST;
    private volatile @Nullable Nfs4Session session;
    private volatile long renewedNanos = System.nanoTime();
    private volatile long renewNanos = TimeUnit.SECONDS.toNanos(10);
    private volatile @Nullable Reclaim reclaim;
    private long clientId;
    private int createSequence;

    /** Lives of the server that forgot us. */
    private long incarnation;

    private boolean haveClientId;
    private volatile boolean reclaimWanted;
    private boolean probeWanted;
    private volatile boolean closed;

    Nfs4Lease(NfsConfig config, RpcMetrics metrics) {
        this.transport = new RpcTransport(config, config.port(), config.nconnect(), metrics, this::connected);
        this.handshake = new Nfs4Handshake(transport, this, config);
        for (Nfs4Request r : Nfs4Request.values()) {
            meters.put(r, metrics.op(r.name()));
        }
        this.keeper = Thread.ofPlatform().daemon().name("efc-nfs-keeper").unstarted(this::keep);
    }

    /** Connects, gets a client id and a session. */
    void open(NfsConfig config) {
        transport.connect(config.connectTimeout());
        try {
            negotiate();
        } catch (RuntimeException e) {
            transport.close();
            throw e;
        }
        keeper.start();
    }

    private void negotiate() {
        while (true) {
            Nfs4Handshake.Answer<Nfs4Handshake.ClientId> answer = handshake.exchangeId();
            if (answer.status() == NfsStatus.MINOR_VERS_MISMATCH && minorVersion > 1) {
                minorVersion = 1;
                continue;
            }
            if (answer.status() != NfsStatus.OK) {
                throw new NfsException(
                        answer.status().errno(), "EXCHANGE_ID with " + transport.name() + ": " + answer.status());
            }
            break;
        }
        Nfs4Session fresh = establish();
        establishedOn(fresh);
    }

    int minorVersion() {
        return minorVersion;
    }

    RpcMetrics.Op meter(Nfs4Request request) {
        return Objects.requireNonNull(meters.get(request));
    }

    RpcTransport transport() {
        return transport;
    }

    /** What the session allows; the next one, after a loss, is asked for the same. */
    Nfs4Session.Limits limits() {
        return awaitSession(true).limits();
    }

    /** Who gets opens and locks back. */
    void reclaimWith(Reclaim r) {
        reclaim = r;
    }

    /** The server's lease time; a third of it may pass without a request. */
    void leaseSeconds(int seconds) {
        renewNanos = TimeUnit.SECONDS.toNanos(Math.clamp(seconds, 3, 3600)) / 3;
        wakeKeeper(false, false);
    }

    /** Sends a request until it is answered, with the usual errno for what failed. */
    <T> T run(Credentials caller, Nfs4Request request, Encoder encoder, Decoder<T> decoder) {
        return run(caller, request, true, encoder, decoder, (status, attempt) -> {
            throw failure(request, status);
        });
    }

    /** Sends a request until it is answered or {@code onStatus} throws. */
    <T> T run(
            Credentials caller,
            Nfs4Request request,
            boolean interruptible,
            Encoder encoder,
            Decoder<T> decoder,
            OnStatus onStatus) {
        return Objects.requireNonNull(run(caller, request, interruptible, encoder, decoder, onStatus, c -> false));
    }

    /** As above; null if it failed as {@code expected}. */
    <T> @Nullable T run(
            Credentials caller,
            Nfs4Request request,
            boolean interruptible,
            Encoder encoder,
            Decoder<T> decoder,
            OnStatus onStatus,
            Expected expected) {
        for (int attempt = 0; ; attempt++) {
            Nfs4Compound c = begin(caller, request, interruptible);
            Nfs4Session used = c.session();
            NfsStatus status;
            try {
                encoder.encode(c);
                status = c.exchange();
                if (status == NfsStatus.OK) {
                    return decoder.decode(c);
                }
                if (expected.is(c)) {
                    return null;
                }
            } catch (XdrException e) {
                throw c.malformed(e);
            } finally {
                c.end();
            }
            if (!handled(used, status, attempt, interruptible)) {
                onStatus.handle(status, attempt);
            }
        }
    }

    static NfsException failure(Nfs4Request request, NfsStatus status) {
        return new NfsException(status.errno(), request + ": " + status);
    }

    /** Takes a slot of the session and begins a request there; waits for a session if there is none. */
    Nfs4Compound begin(Credentials caller, Nfs4Request request, boolean interruptible) {
        while (true) {
            Nfs4Session s = awaitSession(interruptible);
            Nfs4Compound c = s.acquire(interruptible);
            if (c != null) {
                return begin(s, c, caller, request, interruptible);
            }
        }
    }

    /** Takes a slot if one is free and the session is up; null otherwise. */
    @Nullable
    Nfs4Compound tryBegin(Credentials caller, Nfs4Request request) {
        Nfs4Session s = session;
        Nfs4Compound c = s == null ? null : s.tryAcquire();
        return s == null || c == null ? null : begin(s, c, caller, request, true);
    }

    private static Nfs4Compound begin(
            Nfs4Session s, Nfs4Compound c, Credentials caller, Nfs4Request request, boolean interruptible) {
        boolean begun = false;
        try {
            c.begin(caller, request);
            begun = true;
        } finally {
            if (!begun) {
                s.release(c, false);
            }
        }
        if (!interruptible) {
            c.call().uninterruptible();
        }
        return c;
    }

    private Nfs4Session awaitSession(boolean interruptible) {
        Nfs4Session s = session;
        if (s != null) {
            return s;
        }
        lock.lock();
        try {
            while (true) {
                s = session;
                if (closed) {
                    throw new NfsException(Errno.ENOTCONN, transport.name() + " is unmounted");
                }
                if (s != null) {
                    return s;
                }
                if (interruptible) {
                    sessionChanged.await();
                } else {
                    sessionChanged.awaitUninterruptibly();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NfsException(Errno.EINTR, "waiting for a session with " + transport.name());
        } finally {
            lock.unlock();
        }
    }

    /** Whether the request is simply to be sent again, having waited or seen to what it met. */
    boolean handled(Nfs4Session used, NfsStatus status, int attempt, boolean interruptible) {
        switch (status) {
            case DELAY, GRACE, LAYOUTTRYLATER -> pause(attempt, interruptible);
            case RETRY_UNCACHED_REP -> {}
            case BADSESSION, DEADSESSION, BADSLOT, SEQ_MISORDERED, SEQ_FALSE_RETRY, BAD_HIGH_SLOT ->
                sessionLost(used, status);
            case CONN_NOT_BOUND_TO_SESSION -> bindAll(used);
            case STALE_CLIENTID -> stateLost();
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Whether {@link #run} sends a request with this answer again by itself. */
    static boolean isRetried(NfsStatus status) {
        return switch (status) {
            case DELAY,
                    GRACE,
                    LAYOUTTRYLATER,
                    RETRY_UNCACHED_REP,
                    BADSESSION,
                    DEADSESSION,
                    BADSLOT,
                    SEQ_MISORDERED,
                    SEQ_FALSE_RETRY,
                    BAD_HIGH_SLOT,
                    CONN_NOT_BOUND_TO_SESSION,
                    STALE_CLIENTID -> true;
            default -> false;
        };
    }

    /** Waits before the next attempt, longer each time. */
    void pause(int attempt, boolean interruptible) {
        sleep(Math.min(PATIENCE_MOST_NANOS, PATIENCE_LEAST_NANOS << Math.min(attempt, 10)), interruptible);
    }

    /** Waits; EINTR if interrupted and {@code interruptible}. */
    void sleep(long nanos, boolean interruptible) {
        long deadline = System.nanoTime() + nanos;
        boolean interrupted = false;
        while (!closed && System.nanoTime() - deadline < 0) {
            if (Thread.interrupted()) {
                interrupted = true;
                if (interruptible) {
                    Thread.currentThread().interrupt();
                    throw new NfsException(Errno.EINTR, "waiting for " + transport.name());
                }
            }
            LockSupport.parkNanos(this, deadline - System.nanoTime());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Called for every SEQUENCE that succeeded. */
    void sequenced(Nfs4Session of, int flags) {
        renewedNanos = System.nanoTime();
        if ((flags & FLAGS_STATE_LOST) != 0 && of == session) {
            stateLost();
        }
    }

    private void sessionLost(Nfs4Session which, NfsStatus why) {
        lock.lock();
        try {
            if (session == which) {
                LOG.log(System.Logger.Level.INFO, "{0}: session lost ({1})", transport.name(), why);
                session = null;
                which.end();
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The server let go of opens and locks though it knows the session. */
    private void stateLost() {
        wakeKeeper(true, false);
    }

    private void wakeKeeper(boolean state, boolean probe) {
        lock.lock();
        try {
            reclaimWanted |= state;
            probeWanted |= probe;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Runs a task that may wait, elsewhere: what a late reply asks for. */
    void later(Runnable task) {
        Thread.ofPlatform().daemon().name("efc-nfs-late").start(() -> {
            try {
                task.run();
            } catch (NfsException e) {
                LOG.log(System.Logger.Level.DEBUG, "after a late reply: {0}", e.getMessage());
            }
        });
    }

    /** A connection came up: it is bound to the session, if there is one, before others use it. */
    private void connected(RpcConnection connection) {
        Nfs4Session s = session;
        if (s == null) {
            return;
        }
        NfsStatus status = handshake.bind(s, connection);
        if (status != NfsStatus.OK) {
            handled(s, status, 0, false);
        }
    }

    private void bindAll(Nfs4Session s) {
        for (int i = 0; i < transport.connectionCount(); i++) {
            RpcConnection connection = transport.connection(i);
            if (connection.state() == RpcConnection.DOWN) {
                continue;
            }
            try {
                handshake.bind(s, connection);
            } catch (NfsException e) {
                LOG.log(System.Logger.Level.DEBUG, "binding connection {0}: {1}", i, e.getMessage());
            }
        }
    }

    private void keep() {
        while (!closed) {
            try {
                Nfs4Session s = session;
                if (s == null) {
                    recover();
                } else {
                    probe(s);
                    renew(s);
                    reclaimIfWanted(s);
                }
                awaitWork();
            } catch (NfsException e) {
                if (!closed) {
                    LOG.log(System.Logger.Level.WARNING, "{0}: {1}", transport.name(), e.getMessage());
                    pause(5, false);
                }
            }
        }
    }

    private void awaitWork() {
        lock.lock();
        try {
            long since = System.nanoTime();
            while (session != null && !closed && !reclaimWanted && !probeWanted) {
                long due = Math.max(since + RENEW_AGAIN_NANOS, renewedNanos + renewNanos);
                long left = due - System.nanoTime();
                if (left <= 0) {
                    break;
                }
                work.awaitNanos(left);
            }
            probeWanted = false;
        } catch (InterruptedException e) {
            throw new IllegalStateException("the keeper is interrupted by nobody", e);
        } finally {
            lock.unlock();
        }
    }

    /** Gets a session, and state back, before anyone else may send. */
    private void recover() {
        Nfs4Session fresh = establish();
        establishedOn(fresh);
        LOG.log(System.Logger.Level.INFO, "{0}: session made anew", transport.name());
    }

    private void establishedOn(Nfs4Session fresh) {
        bindAll(fresh);
        lock.lock();
        try {
            session = fresh;
            sessionChanged.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A session for the client id we have, or for a new one, with the state of before. */
    private Nfs4Session establish() {
        for (int attempt = 0; ; attempt++) {
            if (closed) {
                throw new NfsException(Errno.ENOTCONN, transport.name() + " is unmounted");
            }
            if (!haveClientId && !exchangeId()) {
                pause(attempt, false);
                continue;
            }
            Nfs4Handshake.Answer<Nfs4Session> answer =
                    handshake.createSession(clientId, createSequence, incarnation, () -> wakeKeeper(false, true));
            Nfs4Session s = answer.value();
            if (s == null) {
                LOG.log(System.Logger.Level.DEBUG, "CREATE_SESSION: {0}", answer.status());
                if (answer.status() != NfsStatus.DELAY) {
                    haveClientId = false;
                    reclaimWanted |= answer.status() == NfsStatus.STALE_CLIENTID;
                }
                pause(attempt, false);
                continue;
            }
            createSequence++;
            if (!reclaimWanted || reclaimed(s)) {
                return s;
            }
        }
    }

    private boolean exchangeId() {
        Nfs4Handshake.Answer<Nfs4Handshake.ClientId> answer = handshake.exchangeId();
        Nfs4Handshake.ClientId id = answer.value();
        if (id == null) {
            LOG.log(System.Logger.Level.DEBUG, "EXCHANGE_ID: {0}", answer.status());
            return false;
        }
        clientId = id.id();
        createSequence = id.sequence();
        haveClientId = true;
        if (!id.confirmed()) {
            incarnation++;
            reclaimWanted = true;
        }
        return true;
    }

    /** Gets all state back through {@code s}; false if that session ended under it. */
    private boolean reclaimed(Nfs4Session s) {
        Reclaim r = reclaim;
        reclaimWanted = false;
        try {
            if (r != null) {
                r.reclaim(s);
            }
            NfsStatus status = inSession(
                    s,
                    Credentials.ROOT,
                    Nfs4Request.RECLAIM_COMPLETE,
                    c -> c.op(Nfs4.OP_RECLAIM_COMPLETE).bool(false));
            if (status != NfsStatus.OK && status != NfsStatus.COMPLETE_ALREADY) {
                LOG.log(System.Logger.Level.WARNING, "{0}: RECLAIM_COMPLETE: {1}", transport.name(), status);
            }
            return true;
        } catch (SessionEnded e) {
            reclaimWanted = true;
            return false;
        }
    }

    /** The session that the keeper works in has ended; it begins again. */
    static final class SessionEnded extends RuntimeException {
        SessionEnded() {
            super("the session ended", null, false, false);
        }
    }

    /** Sends a request of the keeper in {@code s}, which is not everyone's yet; DELAY and GRACE are waited out. */
    NfsStatus inSession(Nfs4Session s, Credentials caller, Nfs4Request request, Encoder encoder) {
        return inSession(s, caller, request, encoder, c -> NfsStatus.OK);
    }

    /** As above; {@code decoder} runs if all went well, and its status is the answer. */
    NfsStatus inSession(
            Nfs4Session s, Credentials caller, Nfs4Request request, Encoder encoder, Decoder<NfsStatus> decoder) {
        for (int attempt = 0; ; attempt++) {
            Nfs4Compound c = s.acquire(false);
            if (c == null) {
                throw new SessionEnded();
            }
            begin(s, c, caller, request, false);
            transport.useAnyConnection(c.call());
            NfsStatus status;
            try {
                encoder.encode(c);
                status = c.exchange();
                if (status == NfsStatus.OK) {
                    return decoder.decode(c);
                }
            } catch (XdrException e) {
                throw c.malformed(e);
            } finally {
                c.end();
            }
            switch (status) {
                case DELAY, GRACE -> pause(attempt, false);
                case CONN_NOT_BOUND_TO_SESSION -> bindAll(s);
                case BADSESSION, DEADSESSION, BADSLOT, SEQ_MISORDERED, SEQ_FALSE_RETRY -> {
                    s.end();
                    throw new SessionEnded();
                }
                default -> {
                    return status;
                }
            }
        }
    }

    private void probe(Nfs4Session s) {
        Nfs4Compound c;
        while ((c = s.uncertain()) != null) {
            sendAlone(s, c, Nfs4Request.PROBE);
        }
    }

    private void renew(Nfs4Session s) {
        if (System.nanoTime() - renewedNanos < renewNanos) {
            return;
        }
        Nfs4Compound c = s.tryAcquire();
        if (c != null) {
            sendAlone(s, c, Nfs4Request.SEQUENCE);
        }
    }

    /** A SEQUENCE alone: renews the lease, and brings a slot's number up to date whether or not its last request arrived. */
    private void sendAlone(Nfs4Session s, Nfs4Compound c, Nfs4Request request) {
        begin(s, c, Credentials.ROOT, request, false);
        NfsStatus status;
        try {
            status = c.exchange();
        } finally {
            c.end();
        }
        if (status != NfsStatus.OK && status != NfsStatus.SEQ_FALSE_RETRY) {
            handled(s, status, 0, false);
        }
    }

    private void reclaimIfWanted(Nfs4Session s) {
        if (!reclaimWanted) {
            return;
        }
        LOG.log(System.Logger.Level.INFO, "{0}: the server let go of state, reclaiming", transport.name());
        if (!reclaimed(s)) {
            sessionLost(s, NfsStatus.BADSESSION);
        }
    }

    /** Ends session and client id as far as the server answers within a second, then the connections. Idempotent. */
    @Override
    public void close() {
        Nfs4Session s;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            s = session;
            session = null;
            work.signalAll();
            sessionChanged.signalAll();
        } finally {
            lock.unlock();
        }
        if (s != null) {
            s.end();
            goodbye(s);
        }
        transport.close();
    }

    private void goodbye(Nfs4Session s) {
        Thread bye = Thread.ofPlatform().daemon().name("efc-nfs-bye").start(() -> {
            try {
                handshake.destroySession(s);
                handshake.destroyClientId(clientId);
            } catch (NfsException e) {
                LOG.log(System.Logger.Level.DEBUG, "unmounting {0}: {1}", transport.name(), e.getMessage());
            }
        });
        try {
            bye.join(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
