package io.efc.testing.simulator;

import io.efc.lease.LockOutcome;
import io.efc.lease.LockRange;
import io.efc.lease.ObjectId;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A program of {@link Locking}: one owner of locks, with what it believes to have. */
final class LockRunner {
    /** After so long an interrupted program is told so, whether or not a master has answered. */
    private static final long ABANDONED = 100 * Plan.MILLI;

    /** What it may wait for others that wait. */
    private static final long PATIENCE = 4 * Plan.PATIENCE;

    private static final Locking.Step END =
            new Locking.Step(Locking.Kind.UNLOCK_ALL, 0, 0, Locking.BYTES - 1, false, false, 0, 0);

    private final ClientNode client;
    private final World world;
    private final String name;
    private final long owner;
    private final boolean flock;
    private final ArrayDeque<Locking.Step> steps;
    /** For each byte of each file 0, 1 shared, 2 exclusive. */
    private final int[][] believed = new int[Locking.FILES][Locking.BYTES];

    private Locking.Step step = END;
    private boolean isAtEnd;
    private boolean isEnded;
    private long since;
    /** The request it waits for, 0 for none. */
    private long request;

    private @Nullable LockOutcome answer;
    /** What comes when the request is answered, of one to unlock. */
    private @Nullable Runnable unlocked;
    /** Counts what it waits for. */
    private int turn;

    LockRunner(ClientNode client, String by, long owner, Locking locking) {
        this.client = client;
        this.world = client.world;
        this.name = client.name + "." + by;
        this.owner = owner;
        this.flock = locking.flock();
        this.steps = new ArrayDeque<>(locking.steps());
    }

    private static ObjectId object(int file) {
        return ObjectId.file(1, 1, file + 1);
    }

    private LockRange range(int from, int to, boolean exclusive) {
        return new LockRange(owner, flock, from, to, exclusive, (int) owner);
    }

    /** Thinks, then does the next step; at the end unlocks everything. */
    void next() {
        request = 0;
        unlocked = null;
        since = world.now();
        turn++;
        if (isAtEnd) {
            if (!isEnded) {
                isEnded = true;
                world.programEnded();
            }
            return;
        }
        Locking.Step following = steps.isEmpty() ? END : steps.peek();
        client.after(following.thinkNanos(), () -> {
            isAtEnd = steps.isEmpty();
            step = isAtEnd ? END : steps.remove();
            since = world.now();
            checkKept();
            proceed();
        });
    }

    private void proceed() {
        turn++;
        switch (step.kind()) {
            case LOCK -> lock();
            case UNLOCK -> unlock(step.file(), step.from(), step.to(), this::next);
            case UNLOCK_ALL -> unlockAll();
        }
    }

    private void lock() {
        unlocked = null;
        ObjectId object = object(step.file());
        if (client.lease.isLockLost(object, owner, flock)) {
            unlockAll();
            return;
        }
        if (client.lease.isLockUnsettled(object, owner, flock)) {
            again();
            return;
        }
        LockRange range = range(step.from(), step.to(), step.exclusive());
        if (flock && believed[step.file()][0] != mode()) {
            Arrays.fill(believed[step.file()], 0);
        }
        request = client.lease.lock(client.clock(), object, range, step.waits(), client);
        if (request == 0) {
            again();
        } else if (step.patienceNanos() > 0) {
            afterThat(step.patienceNanos(), this::cancel);
        }
        client.settleEffects();
    }

    private int mode() {
        return step.exclusive() ? 2 : 1;
    }

    private void again() {
        request = 0;
        afterThat(ClientNode.RETRY, this::proceed);
    }

    private void afterThat(long nanos, Runnable work) {
        int of = turn;
        client.after(nanos, () -> {
            if (of == turn) {
                work.run();
            }
        });
    }

    private void cancel() {
        client.lease.cancelLock(client.clock(), request, client);
        client.settleEffects();
        afterThat(ABANDONED, () -> {
            client.lease.abandonLock(client.clock(), request, client);
            client.settleEffects();
            next();
        });
    }

    /** As a close does. */
    private void unlockAll() {
        unlock(0, 0, Locking.BYTES - 1, () -> unlock(1, 0, Locking.BYTES - 1, this::next));
    }

    private void unlock(int file, int from, int to, Runnable then) {
        turn++;
        Arrays.fill(believed[file], from, to + 1, 0);
        unlocked = then;
        request = client.lease.unlock(client.clock(), object(file), range(from, to, false), client);
        if (request == 0) {
            afterThat(0, then);
        }
        client.settleEffects();
    }

    // What the client says, at the moment when it is so; what follows from it comes with resume.

    void answered(long id, LockOutcome outcome) {
        if (id == request && request != 0) {
            answer = outcome;
            if (unlocked == null && outcome == LockOutcome.DONE) {
                Arrays.fill(believed[step.file()], step.from(), step.to() + 1, mode());
            }
        }
    }

    void locksLost(ObjectId object, long of, boolean flocks) {
        for (int file = 0; file < Locking.FILES; file++) {
            if (of == owner && flocks == flock && object(file).equals(object)) {
                Arrays.fill(believed[file], 0);
            }
        }
    }

    void resume() {
        LockOutcome outcome = answer;
        if (outcome == null) {
            return;
        }
        world.trace.note(world.now(), outcome.name().hashCode(), () -> name + ": " + step + " -> " + outcome);
        answer = null;
        request = 0;
        Runnable then = unlocked;
        if (then != null) {
            then.run();
            return;
        }
        switch (outcome) {
            case DONE -> {
                world.checkLocks(this);
                next();
            }
            case DEADLOCK -> unlockAll();
            case CONFLICT, FULL, CANCELLED -> next();
        }
    }

    void sessionLost() {
        if (request == 0) {
            return;
        }
        turn++;
        answer = null;
        Runnable then = unlocked;
        if (then == null) {
            again();
        } else {
            request = 0;
            afterThat(0, then);
        }
    }

    void killed() {
        turn++;
        request = 0;
        answer = null;
        unlocked = null;
        for (int[] file : believed) {
            Arrays.fill(file, 0);
        }
    }

    void restarted() {
        if (!isEnded) {
            next();
        }
    }

    // What the observer asks.

    /** What it has of a byte, as far as its client believes so too. */
    private int has(int file, int at) {
        int mode = isWeakening(file, at) ? Math.min(1, believed[file][at]) : believed[file][at];
        boolean live = mode != 0
                && client.isUp()
                && client.lease.holdsLock(client.clock(), object(file), range(at, at, mode == 2));
        return live ? mode : 0;
    }

    /** It asks to have it shared, and does not know yet whether that is so. */
    private boolean isWeakening(int file, int at) {
        boolean asks = request != 0 && unlocked == null && !step.exclusive();
        return asks && file == step.file() && at >= step.from() && at <= step.to();
    }

    /** Whether both have what they may not have at once. */
    boolean conflictsWith(LockRunner other) {
        if (other == this || other.flock != flock) {
            return false;
        }
        for (int file = 0; file < Locking.FILES; file++) {
            for (int at = 0; at < Locking.BYTES; at++) {
                int mine = has(file, at);
                int others = mine == 0 ? 0 : other.has(file, at);
                if (others != 0 && (mine == 2 || others == 2)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** A client that lives and has said nothing has all that it was granted. */
    private void checkKept() {
        if (!client.lease.isLive(client.clock())) {
            return;
        }
        for (int file = 0; file < Locking.FILES; file++) {
            for (int at = 0; at < Locking.BYTES; at++) {
                if (believed[file][at] != 0 && has(file, at) == 0) {
                    world.history.violated("a lock is gone: " + name + " believes that it has byte " + at + " of "
                            + object(file) + " and its client does not");
                }
            }
        }
    }

    /** What it waits for if that lasts longer than {@link #PATIENCE} without a fault. */
    String waiting() {
        boolean isPatient = isEnded || world.now() - Math.max(since, Plan.CALM) < PATIENCE;
        return isPatient ? "" : "[" + name + " in " + step + "]";
    }

    @Override
    public String toString() {
        return name;
    }
}
