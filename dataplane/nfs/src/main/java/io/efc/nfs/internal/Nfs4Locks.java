package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsLock;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Byte-range locks (RFC 8881 sections 18.10 to 18.12). A lock owner has one lock stateid a file, made from the open file it locked through first; what it
 * holds goes when that one is closed, as POSIX has it. On the wire the owner is its number and that open file's, since servers refuse an owner that comes
 * through two (ganesha: RESOURCE). What each owner holds is remembered, so that it can be reclaimed. A waiter polls: without a back channel the server cannot tell when a lock is free.
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

    /** The owner's number and its open file's. */
    private static final int OWNER_BYTES = 16;

    private static final int OWNER_BYTES_MAX = 1024;

    private final Nfs4Lease lease;
    private final Nfs4Opens opens;

    Nfs4Locks(Nfs4Lease lease, Nfs4Opens opens) {
        this.lease = lease;
        this.opens = opens;
    }

    /** The lock in the way of {@code wanted}, or null. */
    @Nullable
    NfsLock test(Credentials caller, Nfs4OpenFile file, NfsLock wanted) {
        NfsLock[] held = new NfsLock[1];
        return lease.run(
                                caller,
                                Nfs4Request.LOCKT,
                                true,
                                c -> {
                                    c.putFh(file.handle());
                                    XdrWriter w = c.op(Nfs4.OP_LOCKT);
                                    putRange(w, wanted);
                                    putOwner(w, wanted.owner(), through(file, wanted));
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

    private static void putOwner(XdrWriter w, long owner, Nfs4OpenFile via) {
        w.i64(0);
        w.i32(OWNER_BYTES);
        w.i64(owner);
        w.i64(via.owner());
    }

    /** The open file through which an owner's locks are held, {@code file} if it holds none. */
    private static Nfs4OpenFile through(Nfs4OpenFile file, NfsLock wanted) {
        Nfs4SharedFile.Held held = file.shared().locks.get(wanted.owner());
        Nfs4OpenFile via = held == null || held.stateid == null ? null : held.via;
        return via == null ? file : via;
    }

    private static NfsLock takeDenied(XdrReader r) {
        long start = r.i64();
        long length = r.i64();
        int type = r.i32();
        r.i64();
        byte[] owner = r.opaque(OWNER_BYTES_MAX);
        long number = 0;
        if (owner.length == OWNER_BYTES) {
            for (int i = 0; i < 8; i++) {
                number = (number << 8) | (owner[i] & 0xff);
            }
        }
        return new NfsLock(number, start, length < 0 ? Long.MAX_VALUE : length, (type & 1) == 0);
    }

    /** Takes a lock, waiting for it if so asked. */
    void lock(Credentials caller, Nfs4OpenFile file, NfsLock wanted, boolean wait) {
        long poll = POLL_LEAST_NANOS;
        while (!tryLock(caller, file, wanted)) {
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
            Nfs4SharedFile.Held held =
                    file.shared().locks.computeIfAbsent(wanted.owner(), o -> new Nfs4SharedFile.Held());
            Nfs4OpenFile[] via = new Nfs4OpenFile[1];
            byte[][] used = new byte[1][];
            Boolean granted = lease.run(
                    caller,
                    Nfs4Request.LOCK,
                    true,
                    c -> {
                        via[0] = through(file, wanted);
                        used[0] = via[0].stateid();
                        putLock(c, via[0], wanted, held, false);
                        c.ifLate(late -> undo(late, caller, via[0], wanted, held));
                    },
                    c -> {
                        granted(c, via[0], held, wanted);
                        return true;
                    },
                    (status, attempt) -> opens.onStatus(via[0], used[0], Nfs4Request.LOCK, status, attempt),
                    c -> c.status() == NfsStatus.DENIED);
            return granted != null;
        } finally {
            file.shared().mutex.unlock();
        }
    }

    /** The caller of a LOCK was interrupted, the LOCK succeeded. */
    private Runnable undo(
            Nfs4Compound late, Credentials caller, Nfs4OpenFile via, NfsLock wanted, Nfs4SharedFile.Held held) {
        late.result(Nfs4.OP_PUTFH);
        byte[] stateid = Nfs4Opens.takeStateid(late.result(Nfs4.OP_LOCK));
        held.via = via;
        held.stateid = stateid;
        return () -> sendUnlock(caller, via, wanted, stateid);
    }

    private static void putLock(
            Nfs4Compound c, Nfs4OpenFile via, NfsLock wanted, Nfs4SharedFile.Held held, boolean reclaim) {
        c.putFh(via.handle());
        XdrWriter w = c.op(Nfs4.OP_LOCK);
        w.i32(wanted.exclusive() ? WRITE_LT : READ_LT);
        w.bool(reclaim);
        w.i64(wanted.start());
        w.i64(wireLength(wanted));
        byte[] stateid = held.stateid;
        w.bool(stateid == null);
        if (stateid == null) {
            w.i32(0);
            c.putStateid(0, via.stateid());
            w.i32(0);
            putOwner(w, wanted.owner(), via);
        } else {
            c.putStateid(0, stateid);
            w.i32(0);
        }
    }

    private static void granted(Nfs4Compound c, Nfs4OpenFile via, Nfs4SharedFile.Held held, NfsLock wanted) {
        c.result(Nfs4.OP_PUTFH);
        byte[] stateid = Nfs4Opens.takeStateid(c.result(Nfs4.OP_LOCK));
        held.via = via;
        held.stateid = stateid;
        held.ranges.add(wanted.start(), ByteRanges.last(wanted.start(), wanted.length()), wanted.exclusive());
    }

    /** Lets go of a range; not ended by an interrupt. */
    void unlock(Credentials caller, Nfs4OpenFile file, NfsLock range) {
        Nfs4SharedFile shared = file.shared();
        shared.mutex.lock();
        try {
            Nfs4SharedFile.Held held = shared.locks.get(range.owner());
            if (held == null) {
                return;
            }
            byte[] stateid = held.stateid;
            if (stateid != null) {
                sendUnlock(caller, file, range, stateid);
            }
            held.ranges.remove(range.start(), ByteRanges.last(range.start(), range.length()));
            if (held.ranges.isEmpty() && shared.locks.size() > IDLE_MAX) {
                shared.locks.remove(range.owner());
                if (stateid != null) {
                    free(caller, stateid);
                }
            }
        } finally {
            shared.mutex.unlock();
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

    /** Before CLOSE, which a server refuses while locks are held through the open file. */
    void releaseAll(Nfs4OpenFile file) {
        for (Map.Entry<Long, Nfs4SharedFile.Held> e : file.shared().locks.entrySet()) {
            Nfs4SharedFile.Held held = e.getValue();
            if (!heldThrough(held, file)) {
                continue;
            }
            if (!held.ranges.isEmpty()) {
                unlock(file.caller(), file, new NfsLock(e.getKey(), 0, Long.MAX_VALUE, true));
            }
            held.stateid = null;
            held.via = null;
        }
    }

    @SuppressWarnings("ReferenceEquality") // An open file is itself only.
    private static boolean heldThrough(Nfs4SharedFile.Held held, Nfs4OpenFile file) {
        return held.via == file;
    }

    /** The file was opened anew, outside a grace period: its locks are taken again, unless somebody else has them by now. */
    void takeAgain(Nfs4OpenFile file) {
        for (Map.Entry<Long, Nfs4SharedFile.Held> e : file.shared().locks.entrySet()) {
            Nfs4SharedFile.Held held = e.getValue();
            if (!heldThrough(held, file)) {
                continue;
            }
            held.stateid = null;
            for (ByteRanges.Range r : held.ranges.all()) {
                NfsLock lock = asLock(e.getKey(), r);
                Boolean granted = lease.run(
                        file.caller(),
                        Nfs4Request.LOCK,
                        true,
                        c -> putLock(c, file, lock, held, false),
                        c -> {
                            granted(c, file, held, lock);
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
        for (Map.Entry<Long, Nfs4SharedFile.Held> e : file.shared().locks.entrySet()) {
            Nfs4SharedFile.Held held = e.getValue();
            if (!heldThrough(held, file)) {
                continue;
            }
            held.stateid = null;
            for (ByteRanges.Range r : held.ranges.all()) {
                NfsLock lock = asLock(e.getKey(), r);
                NfsStatus status = lease.keeper()
                        .inSession(
                                session,
                                file.caller(),
                                Nfs4Request.LOCK,
                                c -> putLock(c, file, lock, held, true),
                                c -> {
                                    granted(c, file, held, lock);
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

    private static void lost(Nfs4SharedFile.Held held, ByteRanges.Range r) {
        held.ranges.remove(r.first(), r.last());
        LOG.log(
                System.Logger.Level.WARNING,
                "a lock on bytes {0} to {1} was lost: the server forgot it and another owner took it",
                r.first(),
                r.last());
    }

    private static void enter(Nfs4OpenFile file) {
        try {
            file.shared().mutex.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NfsException(Errno.EINTR, "waiting for a lock of the same file");
        }
    }
}
