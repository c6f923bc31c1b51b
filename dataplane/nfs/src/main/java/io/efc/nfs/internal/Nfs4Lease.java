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
 * This client's standing with one server, and the way every request takes through it: {@link #run} sends a request until it is answered. A server that
 * asks for patience (DELAY, GRACE) is asked again; a request that meets an ended session waits until the {@link Nfs4Keeper} has made a new one and
 * is encoded anew for it. Requests wait under {@link #lock} for {@link #session}; nothing is sent under it.
 */
final class Nfs4Lease implements AutoCloseable {
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

    private static final int MINOR_LATEST = 2;

    private final RpcTransport transport;
    private final Nfs4Keeper keeper;
    private final Map<Nfs4Request, RpcMetrics.Op> meters = new EnumMap<>(Nfs4Request.class);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition sessionChanged = lock.newCondition();
    private volatile int minorVersion = MINOR_LATEST;
    private volatile @Nullable Nfs4Session session;
    private volatile boolean closed;

    Nfs4Lease(NfsConfig config, RpcMetrics metrics) {
        this.transport =
                new RpcTransport(config, config.port(), config.nconnect(), metrics, c -> keeper().connected(c));
        this.keeper = new Nfs4Keeper(this, transport, new Nfs4Handshake(transport, this, config));
        for (Nfs4Request r : Nfs4Request.values()) {
            meters.put(r, metrics.op(r.name()));
        }
    }

    /** Connects, gets a client id and a session. */
    void open(NfsConfig config) {
        transport.connect(config.connectTimeout());
        try {
            keeper.negotiate();
        } catch (RuntimeException e) {
            transport.close();
            throw e;
        }
        keeper.start();
    }

    int minorVersion() {
        return minorVersion;
    }

    /** Falls back to minor version 1; false if it is that already. */
    boolean lowerMinorVersion() {
        boolean lower = minorVersion > 1;
        minorVersion = 1;
        return lower;
    }

    Nfs4Keeper keeper() {
        return keeper;
    }

    boolean closed() {
        return closed;
    }

    /** The session that requests run in; null while the keeper makes one. */
    @Nullable
    Nfs4Session session() {
        return session;
    }

    /** Lets requests go on, in {@code fresh}. */
    void install(Nfs4Session fresh) {
        lock.lock();
        try {
            session = fresh;
            sessionChanged.signalAll();
        } finally {
            lock.unlock();
        }
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
        return run(caller, request, interruptible, Integer.MAX_VALUE, encoder, decoder, onStatus, expected);
    }

    /**
     * Sends a change until it is answered or {@code onStatus} throws. It is done when its first {@code operations} operations have succeeded, and is
     * then not sent again: those after them look at what it has made, and the decoder sees which of them went well.
     */
    <T> T change(
            Credentials caller,
            Nfs4Request request,
            int operations,
            Encoder encoder,
            Decoder<T> decoder,
            OnStatus onStatus) {
        return Objects.requireNonNull(run(caller, request, true, operations, encoder, decoder, onStatus, c -> false));
    }

    private <T> @Nullable T run(
            Credentials caller,
            Nfs4Request request,
            boolean interruptible,
            int operations,
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
                if (status == NfsStatus.OK || c.succeeded() >= operations) {
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

    static Nfs4Compound begin(
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
            case CONN_NOT_BOUND_TO_SESSION -> keeper.bindAll(used);
            case STALE_CLIENTID -> keeper.reclaim();
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

    /** Stops requests until the keeper has a new session in place of {@code which}. */
    void sessionLost(Nfs4Session which, NfsStatus why) {
        lock.lock();
        try {
            if (session == which) {
                LOG.log(System.Logger.Level.INFO, "{0}: session lost ({1})", transport.name(), why);
                session = null;
                which.end();
            }
        } finally {
            lock.unlock();
        }
        keeper.wake();
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
            sessionChanged.signalAll();
        } finally {
            lock.unlock();
        }
        keeper.wake();
        if (s != null) {
            s.end();
            keeper.goodbye(s);
        }
        transport.close();
    }
}
