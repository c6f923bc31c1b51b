package io.efc.testing.simulator;

import io.efc.lease.LeaseEvent;
import io.efc.lease.LeaseMaster;
import io.efc.lease.LeaseRecord;
import io.efc.lease.LogEntry;
import io.efc.lease.MasterSink;
import io.efc.lease.ToClient;
import io.efc.lease.ToMaster;
import org.jspecify.annotations.Nullable;

/** A master's process around {@link LeaseMaster}. */
final class MasterNode extends Machine implements MasterSink {
    private static final long TICK = 50 * Plan.MILLI;

    final int index;
    private @Nullable LeaseMaster lease;
    private long term;
    private int cuts;

    MasterNode(World world, int index) {
        super(world, "m" + index, world.plan.driftPpm().get(world.plan.clients() + index));
        this.index = index;
    }

    void cut(int by) {
        cuts += by;
    }

    /** Whether it reaches none of the other masters. */
    boolean isCut() {
        return cuts > 0;
    }

    @Override
    void started() {
        tick();
    }

    @Override
    void killed() {
        lease = null;
    }

    /** Whether it still has what it was given when it was elected for this term: not after a crash. */
    boolean isOf(long ofTerm) {
        return lease != null && term == ofTerm;
    }

    void lead(long newTerm, LeaseRecord record) {
        term = newTerm;
        lease = world.parts.master(world.plan.config(), newTerm, record, clock());
    }

    /** Learns that somebody else leads. */
    void deposed(long newTerm) {
        if (lease != null && newTerm > term && world.chance.perMille(200)) {
            lease = null;
        }
    }

    void confirmed(long ofTerm, long until) {
        if (lease != null && ofTerm == term) {
            lease.confirmLeadership(until);
        }
    }

    void committed(long ofTerm, LogEntry entry) {
        if (lease != null && ofTerm == term) {
            lease.onCommitted(clock(), entry, this);
        }
    }

    void receive(ToMaster message) {
        if (lease != null) {
            lease.onMessage(clock(), message, this);
        }
    }

    /** Whether it leads and knows of locks, or of somebody who waits for some. */
    boolean hasLocks() {
        return lease != null && lease.leads(clock()) && lease.locks() + lease.lockWaiters() > 0;
    }

    private void tick() {
        if (lease != null) {
            lease.tick(clock(), this);
        }
        after(TICK, this::tick);
    }

    @Override
    public void send(ToClient message) {
        ClientNode to = world.clientOf(message.session());
        if (to != null) {
            world.network.toClient(this, to, message);
        }
    }

    @Override
    public void replicate(LogEntry entry) {
        world.log.append(term, entry);
    }

    @Override
    public void event(LeaseEvent event) {
        world.tally.count(event);
        if (event == LeaseEvent.CLAIM_REFUSED && !world.plan.beyond()) {
            world.history.violated("claim refused: " + name + " does not believe what an earlier master granted");
        }
        world.trace.note(world.now(), event.name().hashCode(), () -> name + ": " + event);
    }
}
