package io.efc.testing.simulator;

import io.efc.lease.LeaseRecord;
import io.efc.lease.LogEntry;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The replicated log and its elections, as a Raft group with leader leases gives them: one leader a term; an entry is committed if its term still is
 * the current one and its leader reaches the others; nobody is elected before the time is over for which the last leader was promised its place.
 */
final class LogModel {
    private static final long STEP = 25 * Plan.MILLI;
    private static final long PROMISE = 300 * Plan.MILLI;

    private final World world;
    /** Of the present term, not committed yet. */
    private final ArrayDeque<LogEntry> pending = new ArrayDeque<>();

    private LeaseRecord committed = new LeaseRecord();
    private @Nullable MasterNode leader;
    private long term;
    private long promisedUntil;

    LogModel(World world) {
        this.world = world;
        step();
    }

    /** The leader's place is free as soon as the promise is over. */
    void depose() {
        leader = null;
    }

    private void step() {
        MasterNode now = leader;
        if (now != null && now.isOf(term) && reachesOthers(now)) {
            confirm(now);
            commit();
        } else {
            if (now != null && !now.isOf(term) && world.masters.length == 1) {
                promisedUntil = world.now();
            }
            elect();
        }
        for (MasterNode master : world.masters) {
            if (master != leader && reachesOthers(master)) {
                master.deposed(term);
            }
        }
        world.at(STEP, this::step);
    }

    private boolean reachesOthers(MasterNode master) {
        if (!master.runs() || master.isCut()) {
            return false;
        }
        int reached = 0;
        for (MasterNode other : world.masters) {
            if (other.runs() && !other.isCut()) {
                reached++;
            }
        }
        return 2 * reached > world.masters.length;
    }

    private void confirm(MasterNode master) {
        long of = term;
        long sent = world.now();
        promisedUntil = sent + PROMISE;
        long drift = PROMISE / 1_000_000 * world.plan.config().times().driftPpm();
        long until = master.clockAt(sent) + PROMISE - drift;
        master.after(Plan.MILLI, () -> master.confirmed(of, until));
    }

    private void elect() {
        if (world.now() < promisedUntil) {
            return;
        }
        int first = world.chance.index(world.masters.length);
        for (int i = 0; i < world.masters.length; i++) {
            MasterNode candidate = world.masters[(first + i) % world.masters.length];
            if (reachesOthers(candidate)) {
                term++;
                leader = candidate;
                pending.clear();
                world.trace.note(world.now(), term, () -> candidate.name + " leads term " + term);
                candidate.lead(term, new LeaseRecord(committed.sessions(), committed.tokenMark()));
                confirm(candidate);
                return;
            }
        }
    }

    /** A leader of {@code ofTerm} wants an entry committed. */
    void append(long ofTerm, LogEntry entry) {
        if (ofTerm == term) {
            pending.add(entry);
            world.at(world.chance.between(1, 5) * Plan.MILLI, this::commit);
        }
    }

    private void commit() {
        MasterNode of = leader;
        if (of == null || !of.isOf(term) || !reachesOthers(of)) {
            return;
        }
        long ofTerm = term;
        while (!pending.isEmpty()) {
            LogEntry next = pending.remove();
            committed.apply(next);
            of.run(() -> of.committed(ofTerm, next));
        }
    }
}
