package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The thread that keeps a client's standing with its server: it renews the lease when nobody else talks, probes slots of unknown state, and after a loss
 * gets a new session, if need be a new client id, and has the {@link Reclaim} get back the opens and locks. Client id and session number are its own
 * (before {@link #start} the mounting thread's); what others ask of it they leave under {@link #lock} and {@link #wake} it. If it ever ends by a
 * programmer's error the mount ends with it, since requests would wait for a session without end.
 */
final class Nfs4Keeper {
    /** Gets back what the server forgot; runs in the keeper with {@link #inSession}. */
    interface Reclaim {
        /** Reopens and locks again whatever is held. */
        void reclaim(Nfs4Session session);
    }

    private static final System.Logger LOG = System.getLogger(Nfs4Keeper.class.getName());

    /** When every slot is in use the keeper looks again after so long; whatever is in use renews the lease too. */
    private static final long RENEW_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** SEQ4_STATUS bits that say that state is gone: EXPIRED_ALL, EXPIRED_SOME, ADMIN_REVOKED, RESTART_RECLAIM_NEEDED. */
    private static final int FLAGS_STATE_LOST = 0x8 | 0x10 | 0x20 | 0x100;

    private final Nfs4Lease lease;
    private final RpcTransport transport;
    private final Nfs4Handshake handshake;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private volatile long renewedNanos = System.nanoTime();
    private volatile long renewNanos = TimeUnit.SECONDS.toNanos(10);
    private volatile @Nullable Reclaim reclaim;
    private volatile boolean reclaimWanted;
    private boolean probeWanted;
    private long clientId;
    private int createSequence;
    private boolean haveClientId;

    /** Lives of the server that forgot us. */
    private long incarnation;

    Nfs4Keeper(Nfs4Lease lease, RpcTransport transport, Nfs4Handshake handshake) {
        this.lease = lease;
        this.transport = transport;
        this.handshake = handshake;
        this.thread = Thread.ofPlatform().daemon().name("efc-nfs-keeper").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Who gets opens and locks back. */
    void reclaimWith(Reclaim r) {
        reclaim = r;
    }

    /** The server's lease time; a third of it may pass without a request. */
    void leaseSeconds(int seconds) {
        renewNanos = TimeUnit.SECONDS.toNanos(Math.clamp(seconds, 3, 3600)) / 3;
        wake();
    }

    /** The first client id and session, in the newest minor version that the server speaks. */
    void negotiate() {
        while (true) {
            Nfs4Handshake.Answer<Nfs4Handshake.ClientId> answer = handshake.exchangeId();
            if (answer.status() == NfsStatus.MINOR_VERS_MISMATCH && lease.lowerMinorVersion()) {
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

    /** Called for every SEQUENCE that succeeded. */
    void sequenced(Nfs4Session of, int flags) {
        renewedNanos = System.nanoTime();
        if ((flags & FLAGS_STATE_LOST) != 0 && of == lease.session()) {
            reclaim();
        }
    }

    /** The server let go of opens and locks though it knows the session. */
    void reclaim() {
        reclaimWanted = true;
        wake();
    }

    /** There is something to do: a session to make, state to get back, the end. */
    void wake() {
        lock.lock();
        try {
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void wakeToProbe() {
        lock.lock();
        try {
            probeWanted = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** A connection came up: it is bound to the session, if there is one, before others use it. */
    void connected(RpcConnection connection) {
        Nfs4Session s = lease.session();
        if (s == null) {
            return;
        }
        NfsStatus status = handshake.bind(s, connection);
        if (status != NfsStatus.OK) {
            lease.handled(s, status, 0, false);
        }
    }

    /** Binds every connection that is up to the session. */
    void bindAll(Nfs4Session s) {
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

    private void run() {
        try {
            keep();
        } finally {
            if (!lease.closed()) {
                LOG.log(System.Logger.Level.ERROR, "{0}: the keeper ended, and the mount with it", transport.name());
                lease.close();
            }
        }
    }

    private void keep() {
        while (!lease.closed()) {
            try {
                Nfs4Session s = lease.session();
                if (s == null) {
                    recover();
                } else {
                    probe(s);
                    renew(s);
                    reclaimIfWanted(s);
                }
                awaitWork();
            } catch (NfsException e) {
                if (!lease.closed()) {
                    LOG.log(System.Logger.Level.WARNING, "{0}: {1}", transport.name(), e.getMessage());
                    lease.pause(5, false);
                }
            }
        }
    }

    private void awaitWork() {
        lock.lock();
        try {
            long since = System.nanoTime();
            while (lease.session() != null && !lease.closed() && !reclaimWanted && !probeWanted) {
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
        lease.install(fresh);
    }

    /** A session for the client id we have, or for a new one, with the state of before. */
    private Nfs4Session establish() {
        for (int attempt = 0; ; attempt++) {
            if (lease.closed()) {
                throw new NfsException(Errno.ENOTCONN, transport.name() + " is unmounted");
            }
            if (!haveClientId && !exchangeId()) {
                lease.pause(attempt, false);
                continue;
            }
            Nfs4Handshake.Answer<Nfs4Session> answer =
                    handshake.createSession(clientId, createSequence, incarnation, this::wakeToProbe);
            Nfs4Session s = answer.value();
            if (s == null) {
                LOG.log(System.Logger.Level.DEBUG, "CREATE_SESSION: {0}", answer.status());
                if (answer.status() != NfsStatus.DELAY) {
                    haveClientId = false;
                    reclaimWanted |= answer.status() == NfsStatus.STALE_CLIENTID;
                }
                lease.pause(attempt, false);
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
    NfsStatus inSession(Nfs4Session s, Credentials caller, Nfs4Request request, Nfs4Lease.Encoder encoder) {
        return inSession(s, caller, request, encoder, c -> NfsStatus.OK);
    }

    /** As above; {@code decoder} runs if all went well, and its status is the answer. */
    NfsStatus inSession(
            Nfs4Session s,
            Credentials caller,
            Nfs4Request request,
            Nfs4Lease.Encoder encoder,
            Nfs4Lease.Decoder<NfsStatus> decoder) {
        for (int attempt = 0; ; attempt++) {
            Nfs4Compound c = s.acquire(false);
            if (c == null) {
                throw new SessionEnded();
            }
            Nfs4Lease.begin(s, c, caller, request, false);
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
                case DELAY, GRACE -> lease.pause(attempt, false);
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
        Nfs4Lease.begin(s, c, Credentials.ROOT, request, false);
        NfsStatus status;
        try {
            status = c.exchange();
        } finally {
            c.end();
        }
        if (status != NfsStatus.OK && status != NfsStatus.SEQ_FALSE_RETRY) {
            lease.handled(s, status, 0, false);
        }
    }

    private void reclaimIfWanted(Nfs4Session s) {
        if (!reclaimWanted) {
            return;
        }
        LOG.log(System.Logger.Level.INFO, "{0}: the server let go of state, reclaiming", transport.name());
        if (!reclaimed(s)) {
            lease.sessionLost(s, NfsStatus.BADSESSION);
        }
    }

    /** Ends session and client id as far as the server answers within a second. */
    void goodbye(Nfs4Session s) {
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
