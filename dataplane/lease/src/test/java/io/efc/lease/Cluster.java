package io.efc.lease;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A master and clients with one clock, which moves only when a test says so, and a network that is empty when {@link #deliver} returns. The clock
 * overflows a second after the start. What a test does not want carried it filters.
 */
final class Cluster implements MasterSink {
    static final long MILLI = 1_000_000;
    static final ObjectId DIRECTORY = ObjectId.directory(1, 1);
    static final ObjectId FILE = file(1);
    static final ObjectId OTHER = file(2);

    final LeaseConfig config;
    final Set<Flaw> flaws;
    final LeaseRecord record = new LeaseRecord();
    final Map<Long, Client> clients = new HashMap<>();
    final List<Client> all = new ArrayList<>();
    final ArrayDeque<ToMaster> toMaster = new ArrayDeque<>();
    final ArrayDeque<ToClient> toClients = new ArrayDeque<>();
    final ArrayDeque<LogEntry> uncommitted = new ArrayDeque<>();
    final EnumMap<LeaseEvent, Integer> events = new EnumMap<>(LeaseEvent.class);
    Predicate<ToMaster> carriesToMaster = m -> true;
    Predicate<ToClient> carriesToClient = m -> true;
    boolean commits = true;
    long now = Long.MAX_VALUE - 1_000 * MILLI;
    LeaseMaster master;

    Cluster(LeaseConfig config, Set<Flaw> flaws) {
        this.config = config;
        this.flaws = flaws;
        this.master = leader(1);
    }

    static ObjectId file(long file) {
        return ObjectId.file(1, 1, file);
    }

    /** The defaults with these limits and dataset 2 read-only. */
    static LeaseConfig limited(
            int leasesMax, int leasesOfSessionMax, int waitersMax, int exceptionsMax, int escalateAt) {
        return new LeaseConfig(
                LeaseConfig.Times.defaults(),
                new LeaseConfig.Limits(
                        100,
                        leasesMax,
                        leasesOfSessionMax,
                        waitersMax,
                        exceptionsMax,
                        escalateAt,
                        65_536,
                        65_536,
                        16,
                        LeaseConfig.LockLimits.defaults()),
                Set.of(2L));
    }

    private LeaseMaster leader(long epoch) {
        LeaseMaster leader = new LeaseMaster(config, epoch, record, now, flaws);
        leader.confirmLeadership(now + 3_600_000 * MILLI);
        return leader;
    }

    /** Another master leads; what the one before sent and had not committed is lost. */
    void changeMaster() {
        toMaster.clear();
        toClients.clear();
        uncommitted.clear();
        master = leader(master.epoch() + 1);
    }

    /** A client with a session. */
    Client client() {
        Client client = new Client(all.size() + 1);
        all.add(client);
        client.lease.open(now, client);
        deliver();
        return client;
    }

    /** Carries everything until nothing is on its way, and gives up what clients that are not busy were asked for. */
    void deliver() {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (ToMaster m = toMaster.poll(); m != null; m = toMaster.poll()) {
                moved = true;
                if (carriesToMaster.test(m)) {
                    master.onMessage(now, m, this);
                }
            }
            while (commits && !uncommitted.isEmpty()) {
                moved = true;
                LogEntry entry = uncommitted.remove();
                record.apply(entry);
                master.onCommitted(now, entry, this);
            }
            for (ToClient m = toClients.poll(); m != null; m = toClients.poll()) {
                moved = true;
                Client client = clients.get(m.session());
                if (client != null && carriesToClient.test(m)) {
                    client.lease.onMessage(now, m, client);
                }
            }
            for (Client client : all) {
                moved |= client.settle();
            }
        }
    }

    /** Time passes, with everybody's ticks every quarter second and at the end. */
    void pass(long nanos) {
        long end = now + nanos;
        while (now - end < 0) {
            now += Math.min(250 * MILLI, end - now);
            tick();
        }
    }

    void tick() {
        master.tick(now, this);
        all.forEach(c -> c.lease.tick(now, c));
        deliver();
    }

    int count(LeaseEvent event) {
        return events.getOrDefault(event, 0);
    }

    @Override
    public void send(ToClient message) {
        toClients.add(message);
    }

    @Override
    public void replicate(LogEntry entry) {
        uncommitted.add(entry);
    }

    @Override
    public void event(LeaseEvent event) {
        events.merge(event, 1, Integer::sum);
    }

    /** Something a client was asked to give up; {@code child} 0: the lease itself. */
    record GiveUp(ObjectId object, long token, Mode keep, long child) {}

    /** A client that gives up at once what it is asked for, unless it is busy. */
    final class Client implements ClientSink {
        final LeaseClient lease;
        final List<GiveUp> givingUp = new ArrayList<>();
        final Map<ObjectId, Reply.Reason> denied = new LinkedHashMap<>();
        final List<ObjectId> busied = new ArrayList<>();
        final Map<Long, Reply.LockAnswer> answers = new HashMap<>();
        final List<Long> lostLocks = new ArrayList<>();
        boolean isBusy;
        boolean isLost;
        private final long number;
        private int sessions;

        Client(long number) {
            this.number = number;
            this.lease = new LeaseClient(config, this::newSession, flaws);
        }

        private long newSession() {
            long id = number * 100 + sessions++;
            clients.put(id, this);
            return id;
        }

        /** Asks, and asks again when everything has been answered. */
        LeaseClient.Standing obtain(ObjectId object, Mode mode) {
            lease.acquire(now, object, mode, this);
            deliver();
            return lease.acquire(now, object, mode, this);
        }

        boolean covers(ObjectId object, Mode mode) {
            return lease.covers(now, object, mode);
        }

        long token(ObjectId object, Mode mode) {
            return lease.token(now, object, mode);
        }

        boolean mayWrite(ObjectId object, long token) {
            return lease.mayWrite(now, object, token);
        }

        /** Asks for a lock of {@link #FILE} and carries everything; the request's number. */
        long lock(LockRange range, boolean waits) {
            return lockOf(FILE, range, waits);
        }

        long lockOf(ObjectId file, LockRange range, boolean waits) {
            long id = lease.lock(now, file, range, waits, this);
            deliver();
            return id;
        }

        /** What a lock of {@link #FILE} that does not wait comes to. */
        @Nullable
        LockOutcome tryLock(LockRange range) {
            return outcome(lock(range, false));
        }

        void unlock(LockRange range) {
            lease.unlock(now, FILE, range, this);
            deliver();
        }

        void cancel(long id) {
            lease.cancelLock(now, id, this);
            deliver();
        }

        /** How the request was answered; null if it was not. */
        @Nullable
        LockOutcome outcome(long id) {
            Reply.LockAnswer answer = answers.get(id);
            return answer == null ? null : answer.outcome();
        }

        boolean holds(LockRange range) {
            return lease.holdsLock(now, FILE, range);
        }

        void release(ObjectId object, Mode keep) {
            lease.release(now, object, keep, this);
            deliver();
        }

        /** From now on nothing of it gets through. */
        void cut() {
            Predicate<ToMaster> up = carriesToMaster;
            Predicate<ToClient> down = carriesToClient;
            carriesToMaster = m -> up.test(m) && clients.get(m.session()) != this;
            carriesToClient = m -> down.test(m) && clients.get(m.session()) != this;
        }

        void free() {
            isBusy = false;
            deliver();
        }

        @Override
        public void lockAnswered(long id, LockOutcome outcome, @Nullable LockRange conflict) {
            answers.put(id, new Reply.LockAnswer(id, outcome, conflict));
        }

        @Override
        public void locksLost(ObjectId object, long owner, boolean flock) {
            lostLocks.add(owner);
        }

        private boolean settle() {
            if (isBusy || givingUp.isEmpty()) {
                return false;
            }
            List<GiveUp> wanted = List.copyOf(givingUp);
            givingUp.clear();
            for (GiveUp g : wanted) {
                if (g.child == 0) {
                    lease.yielded(now, g.object, g.token, this);
                } else {
                    lease.yieldedChild(now, g.object, g.token, g.child, this);
                }
            }
            return true;
        }

        @Override
        public void send(ToMaster message) {
            toMaster.add(message);
        }

        @Override
        public void settled(ObjectId object) {
            // Tests ask by themselves.
        }

        @Override
        public void busy(ObjectId object) {
            busied.add(object);
        }

        @Override
        public void denied(ObjectId object, Reply.Reason reason) {
            denied.put(object, reason);
        }

        @Override
        public void giveUp(ObjectId object, long token, Mode keep) {
            givingUp.add(new GiveUp(object, token, keep, 0));
        }

        @Override
        public void giveUpChild(ObjectId directory, long token, long child) {
            givingUp.add(new GiveUp(directory, token, Mode.NONE, child));
        }

        @Override
        public void sessionOpened(long session) {
            isLost = false;
        }

        @Override
        public void sessionLost(long session) {
            isLost = true;
            givingUp.clear();
        }

        @Override
        public void event(LeaseEvent event) {
            Cluster.this.event(event);
        }
    }
}
