package io.efc.testing.simulator;

import io.efc.lease.LeaseClient.Standing;
import io.efc.lease.Mode;
import io.efc.lease.ObjectId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program: one operation after the other, each through the leases. */
final class Runner {
    /** Nobody was answered: until {@code ended} the client itself may have shown what was before. */
    private record Abandoned(Call call, long invoked, long ended) {}

    private final ClientNode client;
    private final World world;
    private final String by;
    private final ArrayDeque<Plan.Step> steps;
    private final List<Abandoned> abandoned = new ArrayList<>();

    private Plan.@Nullable Step step;
    private long invoked;
    /** Counts what it waits for, so that it is woken by the right thing only. */
    private int turn;

    private boolean isWaiting;
    private @Nullable Call change;
    /** The change may be on its way to the store. */
    private boolean isUnderWay;

    private long syncedWrites = -1;
    private boolean isEnded;
    /** When it last began or ended something. */
    private long since;

    Runner(ClientNode client, String by, List<Plan.Step> steps) {
        this.client = client;
        this.world = client.world;
        this.by = client.name + "." + by;
        this.steps = new ArrayDeque<>(steps);
    }

    /** Thinks, then begins the next operation. */
    void next() {
        step = null;
        change = null;
        syncedWrites = -1;
        isWaiting = false;
        since = world.now();
        turn++;
        Plan.Step following = steps.peek();
        if (following == null) {
            if (!isEnded) {
                isEnded = true;
                world.programEnded();
            }
            return;
        }
        client.after(following.thinkNanos(), () -> {
            step = steps.remove();
            invoked = world.now();
            since = invoked;
            proceed();
        });
    }

    void killed() {
        Call c = change;
        if (c != null) {
            abandoned.add(new Abandoned(c, invoked, world.now()));
        }
        isUnderWay = false;
        turn++;
    }

    void restarted() {
        if (!isEnded) {
            next();
        }
    }

    void recordUnanswered() {
        Call c = change;
        if (c != null) {
            abandoned.add(new Abandoned(c, invoked, world.now()));
        }
        for (Abandoned a : abandoned) {
            if (a.call.appliedAt >= 0) {
                record(a.call.object, a.call, a.invoked, Math.max(a.call.appliedAt, a.ended), a.call.result);
            }
        }
    }

    private void record(ObjectId object, Call call, long from, long to, long result) {
        world.history.add(object, new Operation(by, call.kind, from, to, call.a, call.b, result));
        world.trace.note(
                world.now(), result, () -> by + ": " + call.kind + " " + object + " " + call.a + " -> " + result);
    }

    // What wakes it.

    void wake() {
        if (isWaiting) {
            isWaiting = false;
            proceed();
        }
    }

    void settled(ObjectId object) {
        Plan.Step s = step;
        if (isWaiting && s != null) {
            ObjectId mine = object(s);
            if (mine.equals(object) || (mine.hasParent() && mine.parent().equals(object))) {
                wake();
            }
        }
    }

    /** There is no such lease, which is right for what may not be written. */
    void denied(ObjectId object) {
        Plan.Step s = step;
        if (isWaiting && s != null && object(s).equals(object)) {
            if (s.kind() != Plan.Kind.WRITE_FOREIGN) {
                world.history.violated("denied: " + s);
            }
            next();
        }
    }

    void flushed() {
        Plan.Step s = step;
        if (syncedWrites >= 0 && s != null && client.cached(object(s)).flushedWrites >= syncedWrites) {
            next();
        }
    }

    void sessionLost() {
        turn++;
        if (syncedWrites >= 0) {
            next();
        } else if (step != null) {
            isWaiting = true;
        }
    }

    void drained() {
        isUnderWay = false;
    }

    /** It is between two operations. */
    boolean isIdle() {
        return step == null;
    }

    /** What it waits for if that lasts longer than {@link Plan#PATIENCE} without a fault. */
    String waiting() {
        boolean isPatient = isEnded || world.now() - Math.max(since, Plan.CALM) < Plan.PATIENCE;
        return isPatient ? "" : "[" + by + " in " + step + "]";
    }

    // One operation.

    private ObjectId object(Plan.Step s) {
        return switch (s.kind()) {
            case READ, WRITE, WRITE_SYNC, RELEASE, QUIT -> ObjectId.file(1, s.directory() + 1, s.file() + 1);
            case LOOKUP, LIST, CREATE, UNLINK, RENAME -> ObjectId.directory(1, s.directory() + 1);
            case READ_FOREIGN -> ObjectId.dataset(Plan.FOREIGN);
            case WRITE_FOREIGN -> world.foreign;
        };
    }

    private void proceed() {
        Plan.Step s = step;
        if (s == null || world.history.isViolated()) {
            return;
        }
        turn++;
        Call sent = change;
        if (sent != null && isUnderWay) {
            sendChange(sent);
            return;
        }
        if (s.kind() == Plan.Kind.RELEASE) {
            release(object(s));
            return;
        }
        if (s.kind() == Plan.Kind.QUIT) {
            next();
            client.quit();
            return;
        }
        if (client.makes(Defect.COVER_UNCHECKED) && s.kind() == Plan.Kind.READ && client.cached(object(s)).known != 0) {
            Cached c = client.cached(object(s));
            answer(c, query(Operation.Kind.READ, c, 0), c.state);
            return;
        }
        boolean writes = isChange(s.kind());
        Standing standing = client.acquire(object(s), writes ? Mode.WRITE : Mode.READ);
        switch (standing) {
            case HELD -> held(s);
            case DIRECT -> direct(s);
            case WAIT -> isWaiting = true;
            case BUSY -> again();
        }
    }

    private static boolean isChange(Plan.Kind kind) {
        return switch (kind) {
            case WRITE, WRITE_SYNC, CREATE, UNLINK, RENAME, WRITE_FOREIGN -> true;
            default -> false;
        };
    }

    private void again() {
        int of = turn;
        client.after(ClientNode.RETRY, () -> {
            if (of == turn) {
                proceed();
            }
        });
    }

    private void held(Plan.Step s) {
        Cached c = client.cached(s.kind() == Plan.Kind.READ_FOREIGN ? world.foreign : object(s));
        switch (s.kind()) {
            case READ -> serve(s, c, 1, query(Operation.Kind.READ, c, 0));
            case LOOKUP -> serve(s, c, 1L << s.file(), query(Operation.Kind.LOOKUP, c, s.file()));
            case LIST -> serve(s, c, (1L << world.plan.names()) - 1, query(Operation.Kind.LIST, c, 0));
            case WRITE, WRITE_SYNC -> {
                if (change == null) {
                    write(s, c);
                } else {
                    change(s, c);
                }
            }
            case CREATE, UNLINK, RENAME -> change(s, c);
            case READ_FOREIGN -> readForeign(c);
            case WRITE_FOREIGN -> world.history.violated("granted: a write lease in a read-only dataset");
            case RELEASE, QUIT -> throw new IllegalStateException(s + " needs no lease");
        }
    }

    private void direct(Plan.Step s) {
        Cached c = client.cached(object(s));
        if (isChange(s.kind())) {
            change(s, c);
            return;
        }
        Operation.Kind kind = switch (s.kind()) {
            case LOOKUP -> Operation.Kind.LOOKUP;
            case LIST -> Operation.Kind.LIST;
            default -> Operation.Kind.READ;
        };
        Call call = query(kind, c, s.file());
        fetch(call, 0, c);
    }

    private Call query(Operation.Kind kind, Cached c, int name) {
        int of = turn;
        return new Call(kind, c.object, name, 0, (call, result, refused, token) -> {
            if (of == turn && world.isReadThroughWorkers(call)) {
                readFromWorker(c, call, result, token);
            } else if (of == turn) {
                call.isAnswered = true;
                fetched(c, call, result, token);
            }
        });
    }

    /** The content of the version that the store has, under the lease or ticket with which the store was asked for that. */
    private void readFromWorker(Cached c, Call call, long version, long token) {
        int of = turn;
        WorkerNode worker = world.workerOf(c.object);
        world.network.toWorker(
                worker,
                () -> worker.read(
                        c.object,
                        version,
                        content -> world.network.toClient(false, client, () -> {
                            if (of != turn || call.isAnswered) {
                                return;
                            }
                            call.isAnswered = true;
                            if (content == WorkerNode.GONE) {
                                proceed();
                            } else {
                                fetched(c, call, content, token);
                            }
                        })));
    }

    /** From the cache if it is known, else from the store into the cache. */
    private void serve(Plan.Step s, Cached c, long mask, Call call) {
        if ((c.known & ~c.touched & mask) == mask) {
            world.checkServed(client, c.object);
            answer(c, call, s.kind() == Plan.Kind.LOOKUP ? Operation.name(c.state, s.file()) : c.state);
        } else {
            fetch(call, mask, c);
        }
    }

    private void fetch(Call call, long mask, Cached c) {
        long token = client.lease.token(client.clock(), leased(c), Mode.READ);
        call.mask = mask;
        call.changes = c.changes;
        call.token = token;
        call.askedNanos = client.clock();
        send(call, c);
    }

    private ObjectId leased(Cached c) {
        return c.object.equals(world.foreign) ? ObjectId.dataset(Plan.FOREIGN) : c.object;
    }

    private void send(Call call, Cached c) {
        int of = turn;
        world.network.toStore(client, call, call.token);
        client.after(ClientNode.RETRY, () -> {
            if (of == turn && !call.isAnswered) {
                if (client.lease.token(client.clock(), leased(c), Mode.READ) == call.token) {
                    send(call, c);
                } else {
                    proceed();
                }
            }
        });
    }

    /** The store's answer may be believed only if what it was asked under still holds, and cached only if nothing has changed since. */
    private void fetched(Cached c, Call call, long result, long token) {
        boolean holds = client.lease.token(client.clock(), leased(c), Mode.READ) == token;
        long mask = call.mask;
        if (!holds && !client.makes(Defect.FILL_UNCHECKED)) {
            proceed();
            return;
        }
        if (mask == 0) {
            answer(c, call, result);
            return;
        }
        boolean isCurrent = call.changes == c.changes && c.changing == 0 && !c.isDirty;
        if (!isCurrent && c.object.isDirectory()) {
            answer(c, call, result);
            return;
        }
        if (isCurrent) {
            long state = call.kind == Operation.Kind.LOOKUP ? Operation.with(c.state, call.a, result) : result;
            c.know(state, c.object.isDirectory() ? c.known | mask : mask);
            c.checkedNanos = call.askedNanos;
            if (c.object.hasParent()) {
                c.has(result, 0);
            }
        }
        proceed();
    }

    private void answer(Cached c, Call call, long result) {
        record(c.object, call, invoked, world.now(), result);
        next();
    }

    private void readForeign(Cached c) {
        long age = client.clock() - c.checkedNanos;
        if (c.known != 0 && (age < Plan.UFS_CHECK || client.makes(Defect.OUTSIDE_UNCHECKED))) {
            long slack = Plan.UFS_CHECK + Plan.UFS_CHECK / 4;
            if (!world.plan.beyond()
                    && !world.store.wasState(world.foreign, c.state, Math.max(0, invoked - slack), world.now())) {
                world.history.violated("outside change not found: " + by + " reads " + c.state + " of " + world.foreign
                        + " too long after it was changed");
            }
            next();
        } else {
            c.known = 0;
            fetch(query(Operation.Kind.READ, c, 0), 1, c);
        }
    }

    /** Kept back: it is answered at once. */
    private void write(Plan.Step s, Cached c) {
        long value = world.newValue();
        c.know(value, 1);
        c.isDirty = true;
        c.writes++;
        c.changes++;
        record(
                c.object,
                new Call(Operation.Kind.WRITE, c.object, value, 0, (a, b, r, t) -> {}),
                invoked,
                world.now(),
                1);
        client.after(world.chance.between(20, 300) * Plan.MILLI, () -> client.flush(c));
        if (s.kind() == Plan.Kind.WRITE_SYNC) {
            syncedWrites = c.writes;
            client.flush(c);
            flushed();
        } else {
            next();
        }
    }

    /** Goes to the store before it is answered, and after what is being flushed. */
    private void change(Plan.Step s, Cached c) {
        if (c.flush != null) {
            again();
            return;
        }
        Call call = change;
        if (call == null) {
            Operation.Kind kind = switch (s.kind()) {
                case CREATE -> Operation.Kind.CREATE;
                case UNLINK -> Operation.Kind.UNLINK;
                case RENAME -> Operation.Kind.RENAME;
                default -> Operation.Kind.WRITE;
            };
            long a = kind == Operation.Kind.WRITE ? world.newValue() : s.file();
            long b = kind == Operation.Kind.RENAME ? s.other() : kind == Operation.Kind.CREATE ? world.newValue() : 0;
            call = new Call(kind, c.object, a, b, (answered, result, refused, token) -> {
                if (change == answered) {
                    changed(c, answered, result, refused, token);
                }
            });
            change = call;
        }
        isUnderWay = true;
        c.changing++;
        c.changes++;
        c.touched |= call.touches();
        c.isBaseKnown = false;
        call.changes = c.changes;
        sendChange(call);
    }

    private void sendChange(Call call) {
        long clock = client.clock();
        Cached c = client.cached(call.object);
        long token = client.lease.flushToken(clock, call.object);
        if (token == 0) {
            token = client.lease.token(clock, call.object, Mode.WRITE);
        }
        boolean may = client.lease.mayWrite(clock, call.object, token);
        if (may || (client.makes(Defect.STORE_UNCHECKED) && (token != 0 || call.isSent))) {
            client.transmit(call, token == 0 ? call.token : token);
        } else if (token == 0 || !call.isSent) {
            long store = world.plan.config().times().storeNanos();
            if (store == 0 || !call.isSent || clock - call.sentNanos >= client.bound(store)) {
                landed(c);
                if (token == 0) {
                    proceed();
                    return;
                }
            }
        }
        again();
    }

    /** Nothing of the change is on its way any more. */
    private void landed(Cached c) {
        if (isUnderWay) {
            isUnderWay = false;
            c.changed();
            c.changes++;
            client.flush(c);
            client.giveUpWhatCanBe();
        }
    }

    private void changed(Cached c, Call call, long result, boolean refused, long token) {
        if (refused) {
            client.lease.refused(c.object, token);
            if (token == call.token && isUnderWay) {
                landed(c);
                proceed();
            }
            return;
        }
        call.isAnswered = true;
        boolean holds = client.lease.token(client.clock(), c.object, Mode.READ) == token;
        boolean isAlone = c.changing == 1 && c.changes == call.changes && call.firstToken == token;
        learn(c, call, result, isAlone && holds && client.covers(c.object, Mode.READ));
        record(c.object, call, invoked, world.now(), result);
        Call done = change;
        change = null;
        landed(c);
        if (done != null) {
            next();
        }
    }

    private void learn(Cached c, Call call, long result, boolean holds) {
        if (call.kind == Operation.Kind.WRITE) {
            if (!c.isDirty) {
                c.known = 0;
            }
            return;
        }
        long touched = call.touches();
        boolean isKnown = (c.known & touched) == touched || call.kind == Operation.Kind.UNLINK;
        if (holds && result == 1 && (isKnown || call.kind == Operation.Kind.CREATE)) {
            c.know(world.operation(call, result).then(forced(c.state, call)), c.known | touched);
        } else {
            c.known &= ~touched;
        }
    }

    /** A name that was created was absent, whatever was known of it. */
    private static long forced(long state, Call call) {
        return call.kind == Operation.Kind.CREATE ? Operation.with(state, call.a, 0) : state;
    }

    private void release(ObjectId file) {
        Cached c = client.cached(file);
        if (!c.isDirty && c.flush == null && c.changing == 0) {
            if (client.lease.tokenOf(file) != 0) {
                c.forget();
                c.changes++;
            }
            client.lease.release(client.clock(), file, Mode.NONE, client);
            client.settleEffects();
        }
        next();
    }
}
