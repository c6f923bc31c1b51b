package io.efc.testing.simulator;

import io.efc.lease.ClientSink;
import io.efc.lease.LeaseClient;
import io.efc.lease.LeaseEvent;
import io.efc.lease.LockOutcome;
import io.efc.lease.LockRange;
import io.efc.lease.Mode;
import io.efc.lease.ObjectId;
import io.efc.lease.Reply;
import io.efc.lease.ToClient;
import io.efc.lease.ToMaster;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client's process: {@link LeaseClient}, a model of the caches around it, and the programs that use it. */
final class ClientNode extends Machine implements ClientSink {
    static final long RETRY = 60 * Plan.MILLI;
    private static final long TICK = 50 * Plan.MILLI;

    /** Something that the master wants back; {@code child} 0: the lease itself. */
    private record GiveUp(ObjectId object, long token, Mode keep, long child) {}

    final int index;
    /** Answers to an earlier life are nobody's. */
    int life;

    LeaseClient lease;
    private final Map<ObjectId, Cached> cache = new LinkedHashMap<>();
    private final ArrayDeque<Runnable> effects = new ArrayDeque<>();
    private final List<GiveUp> givingUp = new ArrayList<>();
    private final List<Runner> runners = new ArrayList<>();
    private final List<LockRunner> lockers = new ArrayList<>();
    private long liveUntil;
    private boolean isDraining;
    private boolean wasGranted;

    ClientNode(World world, int index) {
        super(world, "c" + index, world.plan.driftPpm().get(index));
        this.index = index;
        this.lease = world.parts.client(world.plan.config(), () -> world.newSession(this));
    }

    void add(List<Plan.Step> steps, String by) {
        Runner runner = new Runner(this, by, steps);
        runners.add(runner);
        runner.next();
    }

    LockRunner add(Locking locking, String by, long owner) {
        LockRunner runner = new LockRunner(this, by, owner, locking);
        lockers.add(runner);
        runner.next();
        return runner;
    }

    @Override
    void started() {
        lease = world.parts.client(world.plan.config(), () -> world.newSession(this));
        liveUntil = clock();
        tick();
        runners.forEach(Runner::restarted);
        lockers.forEach(LockRunner::restarted);
    }

    @Override
    void killed() {
        lose(death());
        cache.values().forEach(Cached::drained);
        life++;
        givingUp.clear();
        effects.clear();
        runners.forEach(Runner::killed);
        lockers.forEach(LockRunner::killed);
    }

    /** Ends in good order if nothing is kept back or under way, and starts again. */
    void quit() {
        boolean isQuiet = cache.values().stream().noneMatch(c -> c.isDirty || c.changing > 0)
                && runners.stream().allMatch(Runner::isIdle);
        if (isQuiet && isUp()) {
            lease.close(clock(), this);
            kill();
            world.at(Plan.MILLI, this::start);
        }
    }

    private void tick() {
        lease.tick(clock(), this);
        settleEffects();
        after(TICK, this::tick);
    }

    void receive(ToClient message) {
        lease.onMessage(clock(), message, this);
        settleEffects();
    }

    boolean covers(ObjectId object, Mode mode) {
        return lease.covers(clock(), object, mode);
    }

    boolean makes(Defect defect) {
        return world.parts.has(defect);
    }

    Cached cached(ObjectId object) {
        return cache.computeIfAbsent(object, Cached::new);
    }

    LeaseClient.Standing acquire(ObjectId object, Mode mode) {
        LeaseClient.Standing standing = lease.acquire(clock(), object, mode, this);
        settleEffects();
        return standing;
    }

    /** Carries out what the last call of the lease left to do; that may call it again. */
    void settleEffects() {
        if (isDraining) {
            return;
        }
        isDraining = true;
        while (!effects.isEmpty()) {
            effects.remove().run();
        }
        isDraining = false;
        if (lease.isLive(clock())) {
            liveUntil = clock() + lease.lifeLeft(clock());
        }
        if (wasGranted) {
            wasGranted = false;
            world.checkExclusive(this);
        }
    }

    @Override
    public void send(ToMaster message) {
        world.network.toMasters(this, message);
    }

    @Override
    public void settled(ObjectId object) {
        wasGranted = true;
        effects.add(() -> runners.forEach(r -> r.settled(object)));
    }

    @Override
    public void busy(ObjectId object) {
        effects.add(() -> after(RETRY, () -> runners.forEach(r -> r.settled(object))));
    }

    @Override
    public void denied(ObjectId object, Reply.Reason reason) {
        effects.add(() -> runners.forEach(r -> r.denied(object)));
    }

    @Override
    public void giveUp(ObjectId object, long token, Mode keep) {
        effects.add(() -> {
            givingUp.removeIf(g -> g.object.equals(object) && g.token == token && g.child == 0);
            givingUp.add(new GiveUp(object, token, keep, 0));
            giveUpWhatCanBe();
        });
    }

    @Override
    public void giveUpChild(ObjectId directory, long token, long child) {
        effects.add(() -> {
            givingUp.add(new GiveUp(directory, token, Mode.NONE, child));
            giveUpWhatCanBe();
        });
    }

    /** Each thing that is neither dirty nor being changed is forgotten, then given up. */
    void giveUpWhatCanBe() {
        for (GiveUp g : List.copyOf(givingUp)) {
            if (!isHeldUp(g)) {
                givingUp.remove(g);
                forgetUncovered();
                if (g.child == 0) {
                    lease.yielded(clock(), g.object, g.token, this);
                } else {
                    lease.yieldedChild(clock(), g.object, g.token, g.child, this);
                }
                settleEffects();
            }
        }
    }

    private boolean isHeldUp(GiveUp g) {
        boolean held = false;
        for (Cached c : List.copyOf(cache.values())) {
            if (isOf(g, c.object)) {
                held |= c.changing > 0 && !makes(Defect.CHANGES_NOT_AWAITED);
                if (c.isDirty && lease.flushToken(clock(), c.object) == g.token) {
                    flush(c);
                    held |= !makes(Defect.YIELDED_BEFORE_FLUSH);
                }
            }
        }
        return held;
    }

    private static boolean isOf(GiveUp g, ObjectId object) {
        if (g.child != 0) {
            return object.hasParent()
                    && object.file() == g.child
                    && object.parent().equals(g.object);
        }
        return object.equals(g.object) || (object.hasParent() && object.parent().equals(g.object));
    }

    private void forgetUncovered() {
        for (Cached c : cache.values()) {
            if (c.isDirty || covers(c.object, Mode.READ)) {
                continue;
            }
            if (c.object.isDirectory()) {
                forgetNames(c);
            } else if (!makes(Defect.DATA_KEPT)) {
                c.forget();
            }
        }
    }

    private void forgetNames(Cached c) {
        for (int i = 0; i < world.plan.names(); i++) {
            boolean present = Operation.name(c.state, i) != 0;
            if (!makes(present ? Defect.NAMES_KEPT : Defect.ABSENT_NAMES_KEPT)) {
                c.known &= ~(1L << i);
            }
        }
    }

    @Override
    public void lockAnswered(long id, LockOutcome outcome, @Nullable LockRange conflict) {
        lockers.forEach(l -> l.answered(id, outcome));
        effects.add(() -> lockers.forEach(LockRunner::resume));
    }

    @Override
    public void locksLost(ObjectId object, long owner, boolean flock) {
        lockers.forEach(l -> l.locksLost(object, owner, flock));
    }

    @Override
    public void sessionOpened(long session) {
        effects.add(() -> runners.forEach(Runner::wake));
    }

    @Override
    public void sessionLost(long session) {
        effects.add(() -> {
            lose(death());
            givingUp.clear();
            runners.forEach(Runner::sessionLost);
            lockers.forEach(LockRunner::sessionLost);
            after(drainedAfter(), this::cleared);
        });
    }

    private void cleared() {
        cache.values().forEach(Cached::drained);
        runners.forEach(Runner::drained);
        lease.cleared(clock(), this);
        settleEffects();
    }

    /** Until then changes that were sent may still take effect at the store, if it does not check tokens. */
    private long drainedAfter() {
        long store = world.plan.config().times().storeNanos();
        return store == 0 || makes(Defect.CLEARED_EARLY) ? 0 : bound(store);
    }

    long bound(long storeNanos) {
        return storeNanos + storeNanos / 1_000_000 * world.plan.config().times().driftPpm() + 1000;
    }

    /** When the session died, in real time: now, or in the past if its time is over. */
    private long death() {
        return clock() - liveUntil < 0 ? world.now() : world.now() - real(clock() - liveUntil);
    }

    /** The caches are gone, and with them what was not flushed: others see what the store has. */
    private void lose(long death) {
        for (Cached c : cache.values()) {
            if (c.isDirty) {
                lose(c, Math.max(death, 0));
            }
            c.forget();
            c.changes++;
        }
    }

    private void lose(Cached c, long death) {
        long left = world.store.stateAt(c.object, death);
        Call flush = c.flush;
        boolean flushed = flush != null && left == flush.a;
        boolean isBaseLate = c.isBaseKnown && c.baseSince > death;
        if (c.isBaseKnown && !isBaseLate && left != c.base && !flushed && !world.plan.beyond()) {
            world.history.violated("lost acknowledged write: " + name + " flushed " + c.base + " to " + c.object
                    + ", the store has " + left);
        }
        if (left != c.state) {
            world.history.add(c.object, new Operation(name + " loses", Operation.Kind.WRITE, death, death, left, 0, 1));
        }
        if (isBaseLate) {
            late(c, death, c.baseSince, c.base);
        }
        if (flush != null && flush.appliedAt > death) {
            late(c, death, flush.appliedAt, flush.a);
        } else if (flush != null && flush.appliedAt < 0) {
            flush.orphanOf = name + " late";
            flush.orphanedAt = death;
        }
    }

    /** The store took a flush when its lease was dead already: a write of its own, that others may have seen or not. */
    private void late(Cached c, long death, long at, long value) {
        world.history.add(c.object, new Operation(name + " late", Operation.Kind.WRITE, death, at, value, 0, 1));
    }

    /** Brings what was written to the store, after changes that are under way: the store may take what is on its way in any order. */
    void flush(Cached c) {
        if (c.flush != null || !c.isDirty || c.changing > 0) {
            return;
        }
        long covers = c.writes;
        Call call = new Call(Operation.Kind.WRITE, c.object, c.state, 0, (answered, result, refused, token) -> {
            if (c.flush == answered && !refused) {
                answered.isAnswered = true;
                flushed(c, answered, covers);
            }
        });
        call.isFlush = true;
        c.flush = call;
        if (makes(Defect.SYNCED_EARLY)) {
            c.has(call.a, 0);
            c.flushedWrites = covers;
        }
        sendFlush(c, call);
    }

    private void sendFlush(Cached c, Call call) {
        if (c.flush != call || call.isAnswered) {
            return;
        }
        long token = lease.flushToken(clock(), c.object);
        if (makes(Defect.STORE_UNCHECKED) ? call.isSent || token != 0 : lease.mayWrite(clock(), c.object, token)) {
            transmit(call, token == 0 ? call.token : token);
        }
        after(RETRY, () -> sendFlush(c, call));
    }

    void transmit(Call call, long token) {
        world.network.toStore(this, call, token);
        if (!call.isSent) {
            call.firstToken = token;
        }
        call.token = token;
        call.isSent = true;
        call.sentNanos = clock();
    }

    private void flushed(Cached c, Call done, long covers) {
        c.has(done.a, done.appliedAt);
        c.flush = null;
        c.flushedWrites = covers;
        if (c.writes == covers) {
            c.isDirty = false;
        } else {
            flush(c);
        }
        runners.forEach(Runner::flushed);
        giveUpWhatCanBe();
    }

    /** What nobody was told, but is so: a session's death that its client has not noticed, operations that took effect. */
    void recordUnanswered() {
        if (isUp() && !lease.isLive(clock())) {
            lose(death());
        }
        runners.forEach(Runner::recordUnanswered);
    }

    String waiting() {
        StringBuilder all = new StringBuilder();
        runners.forEach(r -> all.append(r.waiting()));
        lockers.forEach(l -> all.append(l.waiting()));
        return all.toString();
    }

    @Override
    public void event(LeaseEvent event) {
        world.tally.count(event);
        world.trace.note(world.now(), event.name().hashCode(), () -> name + ": " + event);
    }
}
