package io.efc.lease;

import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;

/** What was asked back of holders, and until when they have to answer. */
final class Recalls {
    /** A recall that is to be answered by {@code deadline}; {@code child} 0: of the lease itself. */
    private record Demand(Held lease, long token, long child, long deadline) {}

    private final LeaseConfig config;
    private final LeaseTable.Desk desk;
    private final Contention contention;
    private final Set<Flaw> flaws;
    private final ArrayDeque<Demand> demands = new ArrayDeque<>();

    Recalls(LeaseConfig config, LeaseTable.Desk desk, Contention contention, Set<Flaw> flaws) {
        this.config = config;
        this.desk = desk;
        this.contention = contention;
        this.flaws = flaws;
    }

    /** Has {@code lease} reduced to {@code keep}; whether it counts as done. */
    boolean demand(Held lease, Mode keep) {
        if (flaws.contains(Flaw.RECALL_NOT_SENT)) {
            return true;
        }
        if (lease.demanded == null || lease.demanded.compareTo(keep) > 0) {
            lease.demanded = keep;
            note(lease, 0);
            desk.event(keep == Mode.READ ? LeaseEvent.RECALLED_TO_READ : LeaseEvent.RECALLED_TO_NONE);
            desk.say(lease.session, new Reply.Recall(lease.node.id, lease.token, keep));
            contention.recalled(lease.node);
        }
        return flaws.contains(Flaw.GRANT_BEFORE_YIELD);
    }

    /** Has the directory's {@code lease} except {@code file}; whether it counts as done. */
    boolean carve(Held lease, Node file) {
        int excepted = (lease.exceptions == null ? 0 : lease.exceptions.size())
                + (lease.carving == null ? 0 : lease.carving.size());
        if (excepted >= config.limits().exceptionsMax()) {
            return demand(lease, Mode.NONE);
        }
        if (lease.carving == null) {
            lease.carving = new LinkedHashSet<>(2);
        }
        if (lease.carving.add(file.id.file())) {
            note(lease, file.id.file());
            desk.event(LeaseEvent.CARVED);
            desk.say(lease.session, new Reply.Carve(lease.node.id, lease.token, file.id.file()));
            contention.recalled(file);
        }
        return flaws.contains(Flaw.GRANT_BEFORE_YIELD)
                || (flaws.contains(Flaw.DOWNGRADE_COUNTS_AS_CARVE) && lease.demanded == Mode.READ);
    }

    /** The lease was recalled, or one file of it; {@code child} 0: the lease itself. */
    void note(Held lease, long child) {
        long deadline = desk.now() + config.times().recallNanos();
        demands.add(new Demand(lease, lease.token, child, deadline));
        if (child == 0) {
            lease.demandedUntil = deadline;
        }
    }

    /** Whoever has not answered in time loses the session. */
    void condemnLate() {
        while (!demands.isEmpty() && desk.now() - demands.peek().deadline >= 0) {
            Demand demand = demands.remove();
            if (isOutstanding(demand)) {
                desk.condemn(demand.lease.session);
            }
        }
    }

    private static boolean isOutstanding(Demand demand) {
        Held lease = demand.lease;
        if (lease.session.held.get(lease.node.id) != lease || lease.token != demand.token) {
            return false;
        }
        return demand.child == 0
                ? lease.demanded != null && lease.demandedUntil == demand.deadline
                : lease.carving != null && lease.carving.contains(demand.child);
    }
}
