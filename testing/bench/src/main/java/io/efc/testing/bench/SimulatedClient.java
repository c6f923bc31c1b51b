package io.efc.testing.bench;

import io.efc.lease.ClientSink;
import io.efc.lease.LeaseClient;
import io.efc.lease.LeaseConfig;
import io.efc.lease.LeaseEvent;
import io.efc.lease.LockOutcome;
import io.efc.lease.LockRange;
import io.efc.lease.Mode;
import io.efc.lease.ObjectId;
import io.efc.lease.Reply;
import io.efc.lease.ToClient;
import io.efc.lease.ToMaster;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client without a file system: a real {@link LeaseClient} that takes read leases of files that nobody else uses and keeps them. Its
 * monitor guards it.
 */
final class SimulatedClient implements ClientSink {
    static final LeaseConfig RULES = LeaseConfig.of(Set.of());

    /** Requests that one client has under way, as a program with some threads would. */
    private static final int OUTSTANDING_MAX = 8;

    private final long dataset;
    private final long number;
    private final int filesInDirectory;
    private final Consumer<ToMaster> wire;
    private final LeaseClient leases;
    private int wanted;
    private int asked;
    private int granted;
    private int refused;
    private boolean opened;
    private boolean lost;

    /**
     * @param number of the client from 0, part of the names of its files
     * @param wire takes its messages; called under the monitor
     */
    SimulatedClient(long dataset, int number, int filesInDirectory, LongSupplier sessionIds, Consumer<ToMaster> wire) {
        this.dataset = dataset;
        this.number = number + 1L;
        this.filesInDirectory = filesInDirectory;
        this.wire = wire;
        this.leases = new LeaseClient(RULES, sessionIds);
    }

    /** Begins a session. */
    synchronized void open(long now) {
        leases.open(now, this);
    }

    synchronized long session() {
        return leases.session();
    }

    /** Takes leases of its files until it has had {@code count} of them granted. */
    synchronized void want(long now, int count) {
        wanted = count;
        ask(now);
    }

    synchronized void received(long now, ToClient message) {
        leases.onMessage(now, message, this);
        ask(now);
    }

    synchronized void tick(long now) {
        leases.tick(now, this);
        ask(now);
    }

    private void ask(long now) {
        while (opened && !lost && asked < wanted && asked - granted < OUTSTANDING_MAX) {
            long directory = (number << 32) + asked / filesInDirectory + 1;
            ObjectId file = ObjectId.file(dataset, directory, (number << 32) + asked + 1);
            if (leases.acquire(now, file, Mode.READ, this) == LeaseClient.Standing.BUSY) {
                return;
            }
            asked++;
        }
    }

    synchronized boolean isOpen() {
        return opened;
    }

    /** Whether everything that was wanted is granted. */
    synchronized boolean isServed() {
        return granted >= wanted;
    }

    /** The session's end was noticed: nothing is held any more. */
    synchronized boolean isLost() {
        return lost;
    }

    /** Requests that were answered with a refusal. */
    synchronized int refused() {
        return refused;
    }

    /** Leases that may be used now. */
    synchronized int held(long now) {
        return leases.isLive(now) ? leases.leases() : 0;
    }

    synchronized void close(long now) {
        leases.close(now, this);
    }

    @Override
    public void send(ToMaster message) {
        wire.accept(message);
    }

    @Override
    public void settled(ObjectId object) {
        granted++;
    }

    @Override
    public void busy(ObjectId object) {
        refused++;
    }

    @Override
    public void denied(ObjectId object, Reply.Reason reason) {
        refused++;
    }

    @Override
    public void giveUp(ObjectId object, long token, Mode keep) {
        throw new IllegalStateException("nobody else wants " + object + ", yet it is recalled");
    }

    @Override
    public void giveUpChild(ObjectId directory, long token, long child) {
        throw new IllegalStateException("nobody else wants " + directory + ", yet it is recalled");
    }

    @Override
    public void lockAnswered(long id, LockOutcome outcome, @Nullable LockRange conflict) {
        // It locks nothing.
    }

    @Override
    public void locksLost(ObjectId object, long owner, boolean flock) {
        // It locks nothing.
    }

    @Override
    public void sessionOpened(long session) {
        opened = true;
    }

    @Override
    public void sessionLost(long session) {
        lost = true;
    }

    @Override
    public void event(LeaseEvent event) {
        // The master counts.
    }
}
