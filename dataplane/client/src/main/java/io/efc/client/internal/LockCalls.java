package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.base.Ticker;
import io.efc.lease.ClientSink;
import io.efc.lease.LeaseClient;
import io.efc.lease.LockOutcome;
import io.efc.lease.LockRange;
import io.efc.lease.ObjectId;
import io.efc.lease.Reply;
import io.efc.store.StoreException;
import java.util.HashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Requests about locks, each by a thread that waits for the master's answer: without bound, as on a hard NFS mount, but not after a signal.
 *
 * <p>An interrupted request is cancelled, and the master's answer says whether the lock was granted before. If no master answers soon, the program is
 * told EINTR all the same; {@link LeaseClient} gives the lock back if it turns out to have been granted. An unlock is waited for as well, lest a
 * request by another mount overtake it; by a close not for long.
 *
 * <p>Guarded by the lock of {@link Leases}, which calls this under it.
 */
final class LockCalls {
    private static final long LOOK_AGAIN_NANOS = 500_000_000L;
    private static final long UNSETTLED_NANOS = 20_000_000L;
    /** For how long a cancelled request's answer is waited for, and that to what a close unlocks. */
    private static final long PATIENCE_NANOS = 1_000_000_000L;

    /** A request whose answer somebody waits for. */
    private static final class Call {
        final Condition answered;
        Reply.@Nullable LockAnswer answer;

        Call(Condition answered) {
            this.answered = answered;
        }
    }

    private final ReentrantLock lock;
    private final LeaseClient client;
    private final ClientSink sink;
    private final Ticker ticker;
    private final LeaseMetrics metrics;
    private final Condition opened;
    private final HashMap<Long, Call> calls = new HashMap<>();
    private boolean ending;
    private boolean closed;
    /** Somebody's locks are lost; read without the lock, since every READ and WRITE looks. */
    private volatile boolean anyLost;

    LockCalls(ReentrantLock lock, LeaseClient client, ClientSink sink, Ticker ticker, LeaseMetrics metrics) {
        this.lock = lock;
        this.client = client;
        this.sink = sink;
        this.ticker = ticker;
        this.metrics = metrics;
        this.opened = lock.newCondition();
    }

    /**
     * Locks.
     *
     * @param givesUp asked when a signal came: whether the caller has to know now
     * @throws StoreException EINTR, or EIO if the owner's locks of the file are lost
     */
    Reply.LockAnswer lock(ObjectId file, LockRange range, boolean waits, BooleanSupplier givesUp) {
        return ask(file, range, givesUp, now -> client.lock(now, file, range, waits, sink));
    }

    /** Which lock is in the way; as {@link #lock}. */
    Reply.LockAnswer test(ObjectId file, LockRange range, BooleanSupplier givesUp) {
        return ask(file, range, givesUp, now -> client.testLock(now, file, range, sink));
    }

    private Reply.LockAnswer ask(
            ObjectId file, LockRange range, BooleanSupplier givesUp, ToLongFunction<Long> request) {
        long since = ticker.nanos();
        lock.lock();
        try {
            Reply.LockAnswer answer = null;
            while (answer == null) {
                if (client.isLockLost(file, range.owner(), range.flock())) {
                    throw new StoreException(Errno.EIO, "the locks that the program had on the file are lost");
                }
                boolean unsettled = client.isLockUnsettled(file, range.owner(), range.flock());
                long id = unsettled ? 0 : request.applyAsLong(ticker.nanos());
                if (id == 0) {
                    pause(unsettled ? UNSETTLED_NANOS : LOOK_AGAIN_NANOS, givesUp);
                } else {
                    answer = await(id, givesUp);
                }
            }
            metrics.lockWaited.record(ticker.nanos() - since);
            return answer;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the caller looks again in any case
    private void pause(long nanos, BooleanSupplier givesUp) {
        checkEnd();
        try {
            long _ = opened.awaitNanos(nanos);
        } catch (InterruptedException e) {
            if (givesUp.getAsBoolean()) {
                throw interrupted();
            }
        }
    }

    private void checkEnd() {
        if (closed || (ending && !client.isLive(ticker.nanos()))) {
            throw new StoreException(Errno.EIO, "the mount ends without a session");
        }
    }

    private static StoreException interrupted() {
        Thread.currentThread().interrupt();
        return new StoreException(Errno.EINTR, "wait for a lock");
    }

    /** The answer; null if the session was lost before it came. */
    private Reply.@Nullable LockAnswer await(long id, BooleanSupplier givesUp) {
        Call call = new Call(lock.newCondition());
        calls.put(id, call);
        try {
            while (call.answer == null && client.isLockAsked(id)) {
                checkEnd();
                try {
                    long _ = call.answered.awaitNanos(LOOK_AGAIN_NANOS);
                } catch (InterruptedException e) {
                    if (givesUp.getAsBoolean()) {
                        return cancel(id, call);
                    }
                }
            }
            return call.answer;
        } finally {
            calls.remove(id);
        }
    }

    private Reply.LockAnswer cancel(long id, Call call) {
        client.cancelLock(ticker.nanos(), id, sink);
        awaitAnswer(id, call, PATIENCE_NANOS);
        Reply.LockAnswer answer = call.answer;
        if (answer != null && answer.outcome() != LockOutcome.CANCELLED) {
            return answer;
        }
        client.abandonLock(ticker.nanos(), id, sink);
        throw interrupted();
    }

    private void awaitAnswer(long id, Call call, long nanos) {
        long until = ticker.nanos() + nanos;
        boolean interrupted = false;
        while (call.answer == null && client.isLockAsked(id) && !closed && until - ticker.nanos() > 0) {
            try {
                long _ = call.answered.awaitNanos(until - ticker.nanos());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Unlocks; false if that would leave too many pieces. */
    boolean unlock(ObjectId file, LockRange range) {
        lock.lock();
        try {
            if (!client.canUnlock(file, range)) {
                return false;
            }
            awaitUnlocked(client.unlock(ticker.nanos(), file, range, sink), Long.MAX_VALUE);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Unlocks all that the owner has on the file, if anything, for a close, which no master that is away holds up. */
    void unlockAll(ObjectId file, long owner, boolean flock) {
        lock.lock();
        try {
            if (client.isLockKnown(file, owner, flock)) {
                LockRange all = LockRange.everything(owner, flock);
                awaitUnlocked(client.unlock(ticker.nanos(), file, all, sink), PATIENCE_NANOS);
            }
        } finally {
            lock.unlock();
        }
    }

    private void awaitUnlocked(long id, long nanos) {
        anyLost = client.isAnyLockLost();
        if (id == 0) {
            return;
        }
        Call call = new Call(lock.newCondition());
        calls.put(id, call);
        long until = nanos == Long.MAX_VALUE ? nanos : ticker.nanos() + nanos;
        try {
            while (call.answer == null && client.isLockAsked(id) && !closed) {
                long left = until == Long.MAX_VALUE ? LOOK_AGAIN_NANOS : until - ticker.nanos();
                if (left <= 0) {
                    return;
                }
                long _ = call.answered.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            calls.remove(id);
            anyLost = client.isAnyLockLost();
        }
    }

    /** Whether the owner's locks of the file are lost; {@link #isAnyLost} is to be asked first. */
    boolean isLost(ObjectId file, long owner, boolean flock) {
        lock.lock();
        try {
            return client.isLockLost(file, owner, flock);
        } finally {
            lock.unlock();
        }
    }

    /** Whether anybody's locks are lost; cheap. */
    boolean isAnyLost() {
        return anyLost;
    }

    /** Whether {@code conflict} is the lock of a program of this mount. */
    boolean isOwn(ObjectId file, LockRange conflict) {
        lock.lock();
        try {
            return client.isOwnLock(file, conflict);
        } finally {
            lock.unlock();
        }
    }

    /** Ranges locked. */
    int held() {
        lock.lock();
        try {
            return client.locks();
        } finally {
            lock.unlock();
        }
    }

    // Under the lock, for Leases.

    void answered(Reply.LockAnswer answer) {
        Call call = calls.get(answer.id());
        if (call != null) {
            call.answer = answer;
            call.answered.signalAll();
        }
    }

    void lost() {
        anyLost = true;
        metrics.locksLost.increment();
    }

    /** There is a session, or none any more. */
    void sessionChanged() {
        opened.signalAll();
        calls.values().forEach(c -> c.answered.signalAll());
    }

    void ending() {
        ending = true;
        sessionChanged();
    }

    void close() {
        closed = true;
        sessionChanged();
    }
}
