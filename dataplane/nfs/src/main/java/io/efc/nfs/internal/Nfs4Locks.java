package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsLock;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Byte-range locks (RFC 8881 sections 18.10 to 18.12). A lock owner has one lock stateid an open file. What each owner holds is remembered, so that it
 * can be reclaimed. Servers tie a lock owner to the open owner it first came with, so its name on the wire is both numbers; an owner that holds
 * locks on a file through one open goes on through that one, whichever open it names. A waiter polls: without a back channel the server cannot tell when a lock is free.
 */
final class Nfs4Locks {
    private static final System.Logger LOG = System.getLogger(Nfs4Locks.class.getName());

    /** nfs_lock_type4. */
    private static final int READ_LT = 1;

    private static final int WRITE_LT = 2;

    private static final long TO_END = -1L;
    private static final long POLL_LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long POLL_MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Lock stateids without locks kept an open file before they are freed on the server. */
    private static final int IDLE_MAX = 16;

    private static final int OWNER_BYTES_MAX = 1024;

    /** Of the owners that this client names. */
    private static final int OWN_OWNER_BYTES = 16;

    private final Nfs4Lease lease;
    private final Nfs4Opens opens;

    Nfs4Locks(Nfs4Lease lease, Nfs4Opens opens) {
        this.lease = lease;
        this.opens = opens;
    }

    /** The lock in the way of {@code wanted}, or null. */
    @Nullable
    NfsLock test(Credentials caller, Nfs4OpenFile named, NfsLock wanted) {
        Nfs4OpenFile file = through(named, wanted);
        NfsLock[] held = new NfsLock[1];
        return lease.run(
                                caller,
                                Nfs4Request.LOCKT,
                                true,
                                c -> {
                                    c.putFh(file.handle());
                                    XdrWriter w = c.op(Nfs4.OP_LOCKT);
                                    putRange(w, wanted);
                                    putOwner(w, file, wanted.owner());
                                },
                                c -> true,
                                (status, attempt) -> {
                                    throw Nfs4Lease.failure(Nfs4Request.LOCKT, status);
                                },
                                c -> {
                                    c.result(Nfs4.OP_PUTFH);
                                    if (c.resultStatus(Nfs4.OP_LOCKT) != NfsStatus.DENIED.code()) {
                                        return false;
                                    }
                                    held[0] = takeDenied(c.results());
                                    return true;
                                })
                        == null
                ? held[0]
                : null;
    }

    private static void putRange(XdrWriter w, NfsLock lock) {
        w.i32(lock.exclusive() ? WRITE_LT : READ_LT);
        w.i64(lock.start());
        w.i64(wireLength(lock));
    }

    private static long wireLength(NfsLock lock) {
        return ByteRanges.last(lock.start(), lock.length()) == Long.MAX_VALUE ? TO_END : lock.length();
    }

    /** lock_owner4: the owner's number, then the open-owner's. */
    private static void putOwner(XdrWriter w, Nfs4OpenFile file, long owner) {
        w.i64(0);
        w.i32(OWN_OWNER_BYTES);
        w.i64(owner);
        w.i64(file.owner());
    }

    /** The open file through which the owner of {@code wanted} holds locks on this file and may hold this one, else {@code named}. */
    private Nfs4OpenFile through(Nfs4OpenFile named, NfsLock wanted) {
        if (holds(named, wanted.owner())) {
            return named;
        }
        for (Nfs4OpenFile other : opens.of(named.handle())) {
            boolean fits = wanted.exclusive() ? other.access().writes() : other.access().reads();
            if (fits && holds(other, wanted.owner())) {
                return other;
            }
        }
        return named;
    }

    private static boolean holds(Nfs4OpenFile file, long owner) {
        Nfs4OpenFile.Locks held = file.locks.get(owner);
        return held != null && !held.ranges.isEmpty();
    }

    private static NfsLock takeDenied(XdrReader r) {
        long start = r.i64();
        long length = r.i64();
        int type = r.i32();
        r.i64();
        byte[] owner = r.opaque(OWNER_BYTES_MAX);
        long number = 0;
        if (owner.length == OWN_OWNER_BYTES) {
            for (int i = 0; i < Long.BYTES; i++) {
                number = (number << 8) | (owner[i] & 0xff);
            }
        }
        return new NfsLock(number, start, length < 0 ? Long.MAX_VALUE : length, (type & 1) == 0);
    }

    /** Takes a lock, waiting for it if so asked. */
    void lock(Credentials caller, Nfs4OpenFile named, NfsLock wanted, boolean wait) {
        long poll = POLL_LEAST_NANOS;
        while (!tryLock(caller, through(named, wanted), wanted)) {
            if (!wait) {
                throw new NfsException(Errno.EAGAIN, "LOCK: held by another owner");
            }
            lease.sleep(poll, true);
            poll = Math.min(2 * poll, POLL_MOST_NANOS);
        }
    }

    private boolean tryLock(Credentials caller, Nfs4OpenFile file, NfsLock wanted) {
        enter(file);
        try {
            Nfs4OpenFile.Locks held = file.locks.computeIfAbsent(wanted.owner(), o -> new Nfs4OpenFile.Locks());
            byte[][] used = new byte[1][];
            Boolean granted = lease.run(
                    caller,
                    Nfs4Request.LOCK,
                    true,
                    c -> {
                        used[0] = file.stateid();
                        putLock(c, file, wanted, held, false);
                        c.ifLate(late -> {
                            late.result(Nfs4.OP_PUTFH);
                            byte[] stateid = Nfs4Opens.takeStateid(late.result(Nfs4.OP_LOCK));
                            held.stateid = stateid;
                            return () -> sendUnlock(caller, file, wanted, stateid);
                        });
                    },
                    c -> {
                        granted(c, held, wanted);
                        return true;
                    },
                    (status, attempt) -> recoverOrThrow(file, held, used[0], status, attempt),
                    c -> c.status() == NfsStatus.DENIED);
            return granted != null;
        } finally {
            file.mutex.unlock();
        }
    }

    /** An unknown stateid: the lock stateid's own, or all of the file's. */
    private void recoverOrThrow(
            Nfs4OpenFile file, Nfs4OpenFile.Locks held, byte[] used, NfsStatus status, int attempt) {
        if (Nfs4Opens.stateGone(status) && held.stateid != null && attempt == 0) {
            held.stateid = null;
            return;
        }
        opens.onStatus(file, used, Nfs4Request.LOCK, status, attempt);
    }

    private static void putLock(
            Nfs4Compound c, Nfs4OpenFile file, NfsLock wanted, Nfs4OpenFile.Locks held, boolean reclaim) {
        c.putFh(file.handle());
        XdrWriter w = c.op(Nfs4.OP_LOCK);
        w.i32(wanted.exclusive() ? WRITE_LT : READ_LT);
        w.bool(reclaim);
        w.i64(wanted.start());
        w.i64(wireLength(wanted));
        byte[] stateid = held.stateid;
        w.bool(stateid == null);
        if (stateid == null) {
            w.i32(0);
            c.putStateid(0, file.stateid());
            w.i32(0);
            putOwner(w, file, wanted.owner());
        } else {
            c.putStateid(0, stateid);
            w.i32(0);
        }
    }

    private static void granted(Nfs4Compound c, Nfs4OpenFile.Locks held, NfsLock wanted) {
        c.result(Nfs4.OP_PUTFH);
        held.stateid = Nfs4Opens.takeStateid(c.result(Nfs4.OP_LOCK));
        held.ranges.add(wanted.start(), ByteRanges.last(wanted.start(), wanted.length()), wanted.exclusive());
    }

    /** Lets go of a range, through whichever open file it was taken; not ended by an interrupt. */
    void unlock(Credentials caller, Nfs4OpenFile named, NfsLock range) {
        unlockOne(caller, named, range);
        for (Nfs4OpenFile other : opens.of(named.handle())) {
            if (other != named && holds(other, range.owner())) {
                unlockOne(caller, other, range);
            }
        }
    }

    private void unlockOne(Credentials caller, Nfs4OpenFile file, NfsLock range) {
        file.mutex.lock();
        try {
            Nfs4OpenFile.Locks held = file.locks.get(range.owner());
            if (held == null) {
                return;
            }
            byte[] stateid = held.stateid;
            if (stateid != null) {
                sendUnlock(caller, file, range, stateid);
            }
            held.ranges.remove(range.start(), ByteRanges.last(range.start(), range.length()));
            if (held.ranges.isEmpty() && file.locks.size() > IDLE_MAX) {
                file.locks.remove(range.owner());
                if (stateid != null) {
                    free(caller, stateid);
                }
            }
        } finally {
            file.mutex.unlock();
        }
    }

    /** LOCKU; a server that does not know the lock any more holds none. */
    private void sendUnlock(Credentials caller, Nfs4OpenFile file, NfsLock range, byte[] stateid) {
        lease.run(
                caller,
                Nfs4Request.LOCKU,
                false,
                c -> {
                    c.putFh(file.handle());
                    XdrWriter w = c.op(Nfs4.OP_LOCKU);
                    w.i32(range.exclusive() ? WRITE_LT : READ_LT);
                    w.i32(0);
                    c.putStateid(0, stateid);
                    w.i64(range.start());
                    w.i64(wireLength(range));
                },
                c -> true,
                (status, attempt) -> {
                    throw Nfs4Lease.failure(Nfs4Request.LOCKU, status);
                },
                c -> Nfs4Opens.stateGone(c.status()));
    }

    private void free(Credentials caller, byte[] stateid) {
        lease.run(
                caller,
                Nfs4Request.LOCKU,
                false,
                c -> {
                    c.op(Nfs4.OP_FREE_STATEID);
                    c.putStateid(0, stateid);
                },
                c -> true,
                (status, attempt) -> {
                    throw Nfs4Lease.failure(Nfs4Request.LOCKU, status);
                },
                c -> Nfs4Opens.stateGone(c.status()) || c.status() == NfsStatus.LOCKS_HELD);
    }

    /** Before CLOSE, which a server may refuse while locks are held. */
    void releaseAll(Nfs4OpenFile file) {
        for (Map.Entry<Long, Nfs4OpenFile.Locks> e : file.locks.entrySet()) {
            if (!e.getValue().ranges.isEmpty()) {
                unlockOne(file.caller(), file, new NfsLock(e.getKey(), 0, Long.MAX_VALUE, true));
            }
        }
    }

    /** The file was opened anew, outside a grace period: its locks are taken again, unless somebody else has them by now. */
    void takeAgain(Nfs4OpenFile file) {
        for (Map.Entry<Long, Nfs4OpenFile.Locks> e : file.locks.entrySet()) {
            Nfs4OpenFile.Locks held = e.getValue();
            held.stateid = null;
            for (ByteRanges.Range r : held.ranges.all()) {
                NfsLock lock = asLock(e.getKey(), r);
                Boolean granted = lease.run(
                        file.caller(),
                        Nfs4Request.LOCK,
                        true,
                        c -> putLock(c, file, lock, held, false),
                        c -> {
                            granted(c, held, lock);
                            return true;
                        },
                        (status, attempt) -> {
                            throw Nfs4Lease.failure(Nfs4Request.LOCK, status);
                        },
                        c -> c.status() == NfsStatus.DENIED);
                if (granted == null) {
                    lost(held, r);
                }
            }
        }
    }

    /** In the grace period after a restart: nobody else can have the locks. */
    void reclaim(Nfs4Session session, Nfs4OpenFile file) {
        for (Map.Entry<Long, Nfs4OpenFile.Locks> e : file.locks.entrySet()) {
            Nfs4OpenFile.Locks held = e.getValue();
            held.stateid = null;
            for (ByteRanges.Range r : held.ranges.all()) {
                NfsLock lock = asLock(e.getKey(), r);
                NfsStatus status = lease.inSession(
                        session, file.caller(), Nfs4Request.LOCK, c -> putLock(c, file, lock, held, true), c -> {
                            granted(c, held, lock);
                            return NfsStatus.OK;
                        });
                if (status != NfsStatus.OK) {
                    lost(held, r);
                }
            }
        }
    }

    private static NfsLock asLock(long owner, ByteRanges.Range r) {
        long length = r.last() == Long.MAX_VALUE ? Long.MAX_VALUE : r.last() - r.first() + 1;
        return new NfsLock(owner, r.first(), length, r.exclusive());
    }

    private static void lost(Nfs4OpenFile.Locks held, ByteRanges.Range r) {
        held.ranges.remove(r.first(), r.last());
        LOG.log(
                System.Logger.Level.WARNING,
                "a lock on bytes {0} to {1} was lost: the server forgot it and another owner took it",
                r.first(),
                r.last());
    }

    private static void enter(Nfs4OpenFile file) {
        try {
            file.mutex.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NfsException(Errno.EINTR, "waiting for a lock of the same file");
        }
    }
}
