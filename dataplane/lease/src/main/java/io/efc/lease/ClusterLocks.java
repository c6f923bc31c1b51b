package io.efc.lease;

import io.efc.lease.LockWaiter.Kind;
import io.efc.lease.LockedFile.Owner;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The master's table of fcntl(2) and flock(2) locks: for each file who has which bytes, and who waits for some. They have nothing to do with leases
 * but the session in which they live and die.
 *
 * <p><b>Rules</b> are those of one Linux file system. A lock takes the place of what its owner has there. A flock that changes its mode is given
 * up first and taken anew, so that two who do so at once do not wait for each other (flock(2)). fcntl locks and flocks do not meet.
 *
 * <p><b>Queue.</b> Who waits is served first come, first served; who would be free but for somebody who came earlier lets that one go first for
 * {@value #PATIENCE_MILLIS} ms, and no longer, since the earlier one may wait for something that this one's process has. So a stream of readers does
 * not keep a writer out. A request that does not wait looks at what is held only, as on a local file system.
 *
 * <p><b>Circles.</b> An fcntl owner is not left waiting for one that waits, through any number of others, for it: who would close the circle is told so.
 * For flocks there is no such check, as in the kernel.
 *
 * <p><b>Another master</b> knows no lock at first. Requests wait, in the order in which they came, until everybody has claimed.
 */
final class ClusterLocks {
    private static final long PATIENCE_MILLIS = 1000;
    private static final long PATIENCE_NANOS = PATIENCE_MILLIS * 1_000_000;

    private final LeaseConfig.LockLimits limits;
    private final LeaseTable.Desk desk;
    private final Set<Flaw> flaws;
    private final HashMap<ObjectId, LockedFile> files = new HashMap<>();
    private final LinkedHashSet<LockedFile> queued = new LinkedHashSet<>();
    private final LinkedHashSet<LockWaiter> deferred = new LinkedHashSet<>();
    private final HashMap<Owner, LinkedHashSet<LockWaiter>> waitsOf = new HashMap<>();
    private int ranges;
    private int waiters;

    ClusterLocks(LeaseConfig.LockLimits limits, LeaseTable.Desk desk, Set<Flaw> flaws) {
        this.limits = limits;
        this.desk = desk;
        this.flaws = flaws;
    }

    /** Ranges that are locked. */
    int ranges() {
        return ranges;
    }

    /** Requests that are not answered. */
    int waiters() {
        return waiters;
    }

    // What sessions say.

    void lock(MasterSession session, Request.Lock r) {
        ask(new LockWaiter(session, r.id(), r.object(), r.range(), r.waits() ? Kind.WAIT : Kind.TRY));
    }

    void test(MasterSession session, Request.TestLock r) {
        ask(new LockWaiter(session, r.id(), r.object(), r.range(), Kind.TEST));
    }

    private void ask(LockWaiter asking) {
        if (asking.session.locks.waiters.containsKey(asking.id)) {
            // A client never uses a number twice.
            desk.condemn(asking.session);
            return;
        }
        if (asking.kind != Kind.TEST && asking.range.flock()) {
            convert(asking);
        }
        if (desk.isGranting()) {
            decide(asking);
        } else if (hasRoomToWait(asking)) {
            note(asking);
            deferred.add(asking);
        } else {
            answer(asking, LockOutcome.FULL, null);
        }
    }

    private boolean hasRoomToWait(LockWaiter asking) {
        return waiters < limits.waitersMax() && asking.session.locks.waiters.size() < limits.waitersOfSessionMax();
    }

    /** Answers, or has it wait. */
    private void decide(LockWaiter asking) {
        LockedFile file = files.computeIfAbsent(asking.object, LockedFile::new);
        LockRange conflict = flaws.contains(Flaw.LOCK_GRANTED_TWICE) ? null : file.conflict(asking.owner, asking.range);
        if (asking.kind == Kind.TEST || (asking.kind == Kind.TRY && conflict != null)) {
            answer(asking, conflict == null ? LockOutcome.DONE : LockOutcome.CONFLICT, conflict);
        } else if (conflict != null && closesCircle(file, asking)) {
            answer(asking, LockOutcome.DEADLOCK, null);
        } else if (conflict != null || (asking.kind == Kind.WAIT && file.isBehind(asking))) {
            await(file, asking);
        } else {
            grant(file, asking);
        }
        discardIfIdle(file);
    }

    /** Gives up the flock that the owner has if it is of the other mode. */
    private void convert(LockWaiter asking) {
        LockedFile file = files.get(asking.object);
        OwnedRanges own = file == null ? null : file.held.get(asking.owner);
        if (file != null && own != null && own.all().getFirst().exclusive() != asking.range.exclusive()) {
            release(file, asking.session, asking.owner, asking.range);
            pump(file);
            discardIfIdle(file);
        }
    }

    private void await(LockedFile file, LockWaiter asking) {
        if (!hasRoomToWait(asking)) {
            answer(asking, LockOutcome.FULL, null);
            return;
        }
        desk.event(LeaseEvent.LOCK_QUEUED);
        asking.sinceNanos = desk.now();
        note(asking);
        file.queue.add(asking);
        queued.add(file);
        waitsOf.computeIfAbsent(asking.owner, o -> new LinkedHashSet<>(1)).add(asking);
    }

    private void grant(LockedFile file, LockWaiter asking) {
        MasterSession session = asking.session;
        if (session.locks.ranges >= limits.locksOfSessionMax() || ranges >= limits.locksMax()) {
            answer(asking, LockOutcome.FULL, null);
            return;
        }
        OwnedRanges own = file.of(asking.owner);
        boolean weakens = !asking.range.exclusive() && own.overlaps(asking.range);
        int before = own.size();
        own.put(asking.range);
        count(session, own.size() - before);
        session.locks.files.add(file);
        desk.event(LeaseEvent.LOCKED);
        answer(asking, LockOutcome.DONE, null);
        if (weakens) {
            pump(file);
        }
    }

    private void count(MasterSession session, int more) {
        ranges += more;
        session.locks.ranges += more;
    }

    private void answer(LockWaiter asking, LockOutcome outcome, @Nullable LockRange conflict) {
        switch (outcome) {
            case DONE -> {}
            case CONFLICT -> desk.event(LeaseEvent.LOCK_CONFLICT);
            case DEADLOCK -> desk.event(LeaseEvent.LOCK_DEADLOCK);
            case FULL -> desk.event(LeaseEvent.LOCK_FULL);
            case CANCELLED -> desk.event(LeaseEvent.LOCK_CANCELLED);
        }
        desk.say(asking.session, new Reply.LockAnswer(asking.id, outcome, conflict));
    }

    /** An owner that splits its locks by unlocking is stopped by its client long before; a client that does not do so is not believed. */
    void unlock(MasterSession session, Request.Unlock r) {
        LockedFile file = files.get(r.object());
        Owner owner = new Owner(session.id, r.range().owner(), r.range().flock());
        boolean any = file != null && release(file, session, owner, r.range());
        desk.say(session, new Reply.LockAnswer(r.id(), LockOutcome.DONE, null));
        if (file != null && any) {
            desk.event(LeaseEvent.UNLOCKED);
            pump(file);
            discardIfIdle(file);
        }
        if (session.locks.ranges > 2L * limits.locksOfSessionMax()) {
            desk.condemn(session);
        }
    }

    private boolean release(LockedFile file, MasterSession session, Owner owner, LockRange range) {
        OwnedRanges own = file.held.get(owner);
        if (own == null) {
            return false;
        }
        int before = own.size();
        boolean any = own.remove(range);
        count(session, own.size() - before);
        if (own.isEmpty()) {
            file.held.remove(owner);
            forgetFileOf(session, file);
        }
        return any;
    }

    private static void forgetFileOf(MasterSession session, LockedFile file) {
        if (file.held.keySet().stream().noneMatch(o -> o.session() == session.id)) {
            session.locks.files.remove(file);
        }
    }

    void cancel(MasterSession session, long id) {
        LockWaiter waiter = session.locks.waiters.get(id);
        if (waiter != null) {
            LockedFile file = withdraw(waiter);
            answer(waiter, LockOutcome.CANCELLED, null);
            if (file != null) {
                pump(file);
            }
        }
    }

    /** Takes over what an earlier master granted; false if it cannot have. */
    boolean claim(MasterSession session, Request.ClaimLock claim) {
        LockedFile file = files.computeIfAbsent(claim.object(), LockedFile::new);
        Owner owner = new Owner(session.id, claim.range().owner(), claim.range().flock());
        OwnedRanges own = file.of(owner);
        if (session.locks.ranges > 2L * limits.locksOfSessionMax()
                || file.conflict(owner, claim.range()) != null
                || own.overlaps(claim.range())) {
            if (own.isEmpty()) {
                file.held.remove(owner);
            }
            discardIfIdle(file);
            return false;
        }
        int before = own.size();
        own.put(claim.range());
        count(session, own.size() - before);
        session.locks.files.add(file);
        desk.event(LeaseEvent.LOCK_CLAIMED);
        return true;
    }

    /** The session has no locks and wants none any more. */
    void forget(MasterSession session) {
        withdraw(session);
        if (flaws.contains(Flaw.LOCKS_OUTLIVE_SESSION)) {
            return;
        }
        for (LockedFile file : List.copyOf(session.locks.files)) {
            file.held.keySet().removeIf(o -> o.session() == session.id);
        }
        count(session, -session.locks.ranges);
        for (LockedFile file : session.locks.files) {
            pump(file);
            discardIfIdle(file);
        }
        session.locks.files.clear();
    }

    /** The session's requests are over. */
    void withdraw(MasterSession session) {
        Set<LockedFile> left = new LinkedHashSet<>();
        for (LockWaiter waiter : List.copyOf(session.locks.waiters.values())) {
            LockedFile file = withdraw(waiter);
            if (file != null) {
                left.add(file);
            }
        }
        left.forEach(this::pump);
    }

    /** Forgets a request; the file for which it waited, null if it waited for a master's beginning. */
    private @Nullable LockedFile withdraw(LockWaiter waiter) {
        waiters--;
        waiter.session.locks.waiters.remove(waiter.id);
        if (deferred.remove(waiter)) {
            return null;
        }
        LockedFile file = files.get(waiter.object);
        if (file == null || !file.queue.remove(waiter)) {
            return null;
        }
        LinkedHashSet<LockWaiter> waits = waitsOf.get(waiter.owner);
        if (waits != null && waits.remove(waiter) && waits.isEmpty()) {
            waitsOf.remove(waiter.owner);
        }
        return file;
    }

    private void note(LockWaiter asking) {
        waiters++;
        asking.session.locks.waiters.put(asking.id, asking);
    }

    // Who waits.

    /** Everybody has claimed. */
    void begin() {
        for (LockWaiter asking : List.copyOf(deferred)) {
            if (deferred.contains(asking)) {
                withdraw(asking);
                decide(asking);
            }
        }
    }

    /** Time has passed: the grace period may be over, and some have let others go first for long enough. */
    void tick() {
        if (desk.isGranting()) {
            begin();
            List.copyOf(queued).forEach(this::pump);
        }
    }

    /** Gives what is free now to those who wait for it. */
    private void pump(LockedFile file) {
        if (!desk.isGranting() || flaws.contains(Flaw.LOCK_WAITER_FORGOTTEN)) {
            return;
        }
        for (LockWaiter waiter : List.copyOf(file.queue)) {
            if (file.queue.contains(waiter)
                    && file.conflict(waiter.owner, waiter.range) == null
                    && (!file.isBehind(waiter) || desk.now() - waiter.sinceNanos >= PATIENCE_NANOS)) {
                withdraw(waiter);
                grant(file, waiter);
            }
        }
        if (file.queue.isEmpty()) {
            queued.remove(file);
        }
        discardIfIdle(file);
    }

    private void discardIfIdle(LockedFile file) {
        if (file.isIdle()) {
            files.remove(file.id, file);
            queued.remove(file);
        }
    }

    /** Whether somebody whom {@code asking} would wait for waits, through whomever, for its owner. */
    private boolean closesCircle(LockedFile file, LockWaiter asking) {
        if (asking.range.flock() || flaws.contains(Flaw.LOCK_CIRCLE_UNSEEN)) {
            return false;
        }
        Set<Owner> seen = new HashSet<>();
        ArrayDeque<Owner> next = new ArrayDeque<>(file.inTheWay(asking.owner, asking.range));
        while (!next.isEmpty()) {
            Owner owner = next.remove();
            if (owner.equals(asking.owner)) {
                return true;
            }
            if (!seen.add(owner)) {
                continue;
            }
            LinkedHashSet<LockWaiter> waits = waitsOf.get(owner);
            if (waits != null) {
                for (LockWaiter w : waits) {
                    LockedFile of = files.get(w.object);
                    if (of != null) {
                        next.addAll(of.inTheWay(w.owner, w.range));
                    }
                }
            }
        }
        return false;
    }
}
