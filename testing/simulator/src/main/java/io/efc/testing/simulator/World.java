package io.efc.testing.simulator;

import io.efc.lease.Mode;
import io.efc.lease.ObjectId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** One run of a plan: time, what is due, everybody in it, and what an observer who sees everything at once checks. */
final class World {
    private record Due(long time, long number, Runnable work) implements Comparable<Due> {
        @Override
        public int compareTo(Due o) {
            return time != o.time ? Long.compare(time, o.time) : Long.compare(number, o.number);
        }
    }

    final Plan plan;
    final Parts parts;
    final Chance chance;
    final Trace trace;
    final Tally tally = new Tally();
    final History history = new History();
    final Network network;
    final StoreModel store;
    final LogModel log;
    final ClientNode[] clients;
    final MasterNode[] masters;
    final WorkerNode[] workers;
    final List<ObjectId> files = new ArrayList<>();
    final List<ObjectId> directories = new ArrayList<>();
    final ObjectId foreign = ObjectId.file(Plan.FOREIGN, 1, 1);
    private final Map<Long, ClientNode> sessions = new HashMap<>();
    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private long now;
    private long number;
    private long lastValue;
    private int running;
    private boolean isLast;
    private final List<LockRunner> lockers = new ArrayList<>();
    /** When everybody had ended. */
    private long endedAt;

    World(Plan plan, Parts parts, boolean withText) {
        this.plan = plan;
        this.parts = parts;
        this.chance = new Chance(plan.seed() ^ 0x5EED);
        this.trace = new Trace(withText);
        for (int d = 1; d <= plan.directories(); d++) {
            directories.add(ObjectId.directory(1, d));
            for (int f = 1; f <= plan.files(); f++) {
                files.add(ObjectId.file(1, d, f));
            }
        }
        this.network = new Network(this);
        this.store = new StoreModel(this);
        this.masters = new MasterNode[plan.masters()];
        for (int i = 0; i < masters.length; i++) {
            masters[i] = new MasterNode(this, i);
            masters[i].start();
        }
        this.workers = new WorkerNode[plan.workers()];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new WorkerNode(this, i);
            workers[i].start();
        }
        this.clients = new ClientNode[plan.clients()];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = new ClientNode(this, i);
            clients[i].start();
        }
        this.log = new LogModel(this);
    }

    long now() {
        return now;
    }

    boolean isNoisy() {
        return plan.noisy() && now < Plan.CALM;
    }

    void at(long delay, Runnable work) {
        queue.add(new Due(now + delay, number++, work));
    }

    /** A value, or an id, that no other operation writes. */
    long newValue() {
        return ++lastValue;
    }

    long newSession(ClientNode of) {
        long session = chance.any() | 1;
        sessions.put(session, of);
        return session;
    }

    @Nullable
    ClientNode clientOf(long session) {
        return sessions.get(session);
    }

    Operation operation(Call call, long result) {
        return new Operation("", call.kind, 0, 0, call.a, call.b, result);
    }

    void programEnded() {
        running--;
    }

    /** Runs to the end; what is wrong, null if nothing is. */
    @Nullable
    String run() {
        for (Plan.Incident incident : plan.incidents()) {
            at(incident.at(), () -> begin(incident));
        }
        for (int i = 0; i < plan.clients() + plan.masters(); i++) {
            if (plan.driftPpm().get(i) != 0) {
                tally.count(
                        Math.abs(plan.driftPpm().get(i)) > plan.config().times().driftPpm()
                                ? Fault.DRIFT_BEYOND_BOUND
                                : Fault.DRIFT_WITHIN_BOUND);
            }
        }
        for (int i = 0; i < plan.programs().size(); i++) {
            Plan.Program program = plan.programs().get(i);
            clients[program.client()].add(program.steps(), "p" + i);
            running++;
        }
        for (int i = 0; i < plan.lockings().size(); i++) {
            Locking locking = plan.lockings().get(i);
            lockers.add(clients[locking.client()].add(locking, "l" + i, i + 1L));
            running++;
        }
        at(Plan.CALM, this::watch);
        while (!history.isViolated()) {
            Due due = queue.remove();
            now = due.time;
            due.work.run();
            if (running == 0 && now >= Plan.CALM) {
                if (!isLast) {
                    isLast = true;
                    lookAtEverything();
                } else if (isSettled()) {
                    break;
                }
            }
        }
        for (ClientNode client : clients) {
            client.recordUnanswered();
        }
        return plan.beyond() ? history.finding() : history.verdict();
    }

    /** Whether what was locked has been given up, which takes a session's life where its client was killed. */
    private boolean isSettled() {
        endedAt = endedAt == 0 ? now : endedAt;
        if (lockers.isEmpty()) {
            return true;
        }
        if (now - endedAt < 2 * Plan.LIFE) {
            return false;
        }
        for (MasterNode master : masters) {
            if (master.hasLocks()) {
                history.violated("locks are left: " + master.name + " has some that nobody wants any more");
            }
        }
        return true;
    }

    /** Each operation is answered some time, whatever the others do. */
    private void watch() {
        String waiting = waiting();
        if (!waiting.isEmpty()) {
            history.violated(
                    "no progress: not answered for " + Plan.PATIENCE / Plan.MILLI + " ms without a fault: " + waiting);
        }
        at(Plan.LIFE, this::watch);
    }

    private String waiting() {
        StringBuilder all = new StringBuilder();
        for (ClientNode client : clients) {
            all.append(client.waiting());
        }
        return all.toString();
    }

    private void lookAtEverything() {
        List<Plan.Step> steps = new ArrayList<>();
        for (int d = 0; d < plan.directories(); d++) {
            steps.add(new Plan.Step(Plan.Kind.LIST, d, 0, 0, 0));
            for (int f = 0; f < plan.files(); f++) {
                steps.add(new Plan.Step(Plan.Kind.READ, d, f, 0, 0));
            }
        }
        for (ClientNode client : clients) {
            client.add(steps, "last");
            running++;
        }
    }

    private void begin(Plan.Incident incident) {
        tally.count(incident.fault());
        trace.note(now, 100 + incident.target(), () -> "fault: " + incident);
        int target = incident.target();
        switch (incident.fault()) {
            case CLIENT_CRASHED -> restart(clients[target], incident.lasts());
            case CLIENT_PAUSED -> clients[target].pause(incident.lasts());
            case CLIENT_CUT_FROM_MASTERS -> {
                for (int m = 0; m < masters.length; m++) {
                    if (masters.length > 1 && m == incident.other()) {
                        continue;
                    }
                    cut(target, m, incident.lasts());
                }
            }
            case CLIENT_CUT_FROM_STORE -> {
                network.cutFromStore(target, 1);
                at(incident.lasts(), () -> network.cutFromStore(target, -1));
            }
            case MASTER_CRASHED -> restart(masters[target], incident.lasts());
            case WORKER_CRASHED -> restart(workers[target], incident.lasts());
            case MASTER_PAUSED -> masters[target].pause(incident.lasts());
            case MASTER_CUT_FROM_MASTERS -> {
                masters[target].cut(1);
                at(incident.lasts(), () -> masters[target].cut(-1));
            }
            case MASTER_CUT_FROM_CLIENTS -> {
                for (int c = 0; c < clients.length; c++) {
                    cut(c, target, incident.lasts());
                }
            }
            case LEADER_CHANGED -> log.depose();
            case CHANGED_FROM_OUTSIDE -> store.set(foreign, newValue());
            default -> throw new IllegalStateException(incident.fault() + " is not an incident");
        }
    }

    /** Whether the store is asked only for the version, and a worker for the content. */
    boolean isReadThroughWorkers(Call call) {
        return workers.length > 0 && call.kind == Operation.Kind.READ && !call.object.equals(foreign);
    }

    WorkerNode workerOf(ObjectId file) {
        return workers[(int) ((file.directory() + file.file()) % workers.length)];
    }

    private void cut(int client, int master, long lasts) {
        network.cut(client, master, 1);
        at(lasts, () -> network.cut(client, master, -1));
    }

    private void restart(Machine process, long after) {
        if (process.isUp()) {
            process.kill();
            at(after, process::start);
        }
    }

    /** {@code client} was granted something: nobody may believe the contrary. */
    void checkExclusive(ClientNode client) {
        if (plan.beyond()) {
            return;
        }
        for (ObjectId file : files) {
            checkExclusive(client, file);
        }
        for (ObjectId directory : directories) {
            checkExclusive(client, directory);
        }
    }

    private void checkExclusive(ClientNode client, ObjectId object) {
        boolean writes = client.covers(object, Mode.WRITE);
        boolean reads = client.covers(object, Mode.READ);
        for (ClientNode other : clients) {
            if (other == client || !other.isUp() || !reads) {
                continue;
            }
            if (other.covers(object, Mode.WRITE) || (writes && other.covers(object, Mode.READ))) {
                history.violated("two leases: " + client.name + (writes ? " writes " : " reads ") + object + " and "
                        + other.name + (other.covers(object, Mode.WRITE) ? " writes it" : " reads it"));
            }
        }
    }

    /** A lock was granted: nobody may believe in one that conflicts. */
    void checkLocks(LockRunner granted) {
        for (LockRunner other : lockers) {
            if (!plan.beyond() && granted.conflictsWith(other)) {
                history.violated("two locks: of " + granted + " and " + other);
            }
        }
    }

    /** {@code client} serves from its cache: nobody else may be changing it. */
    void checkServed(ClientNode client, ObjectId object) {
        if (plan.beyond()) {
            return;
        }
        for (ClientNode other : clients) {
            if (other != client && other.isUp() && other.covers(object, Mode.WRITE)) {
                history.violated("read under a dead lease: " + client.name + " serves " + object
                        + " from its cache and " + other.name + " has it for writing");
            }
        }
    }

    /** The store executes a change of {@code client}'s: if it does not check tokens, nobody else may have been granted the object by now. */
    void checkChanged(ClientNode client, ObjectId object) {
        if (plan.beyond() || plan.fencing()) {
            return;
        }
        for (ClientNode other : clients) {
            if (other != client && other.isUp() && other.covers(object, Mode.READ)) {
                history.violated("changed under another's lease: the store takes a change of " + object + " from "
                        + client.name + " that " + other.name + " has leased");
            }
        }
    }
}
