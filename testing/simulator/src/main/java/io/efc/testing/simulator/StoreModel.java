package io.efc.testing.simulator;

import io.efc.lease.ObjectId;
import io.efc.lease.StoreFence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The NAS: a register for each file and the names of each directory. It executes each call once, as an NFS 4.1 session does, and checks tokens if
 * it is one that does.
 */
final class StoreModel {
    private record Change(long at, long state) {}

    private final World world;
    private final StoreFence fence;
    private final Map<ObjectId, Long> states = new LinkedHashMap<>();
    private final Map<ObjectId, Long> versions = new HashMap<>();
    private final Map<ObjectId, List<Change>> past = new HashMap<>();

    StoreModel(World world) {
        this.world = world;
        this.fence = world.parts.fence();
    }

    long state(ObjectId object) {
        return states.getOrDefault(object, 0L);
    }

    /** How often the object was changed, as far as one can see. */
    long version(ObjectId object) {
        return versions.getOrDefault(object, 0L);
    }

    /** The state at a moment that has been. */
    long stateAt(ObjectId object, long at) {
        long state = 0;
        for (Change change : past.getOrDefault(object, List.of())) {
            if (change.at <= at) {
                state = change.state;
            }
        }
        return state;
    }

    /** Whether {@code state} was the object's at some moment of this time. */
    boolean wasState(ObjectId object, long state, long from, long to) {
        if (stateAt(object, from) == state) {
            return true;
        }
        return past.getOrDefault(object, List.of()).stream()
                .anyMatch(c -> c.state == state && c.at >= from && c.at <= to);
    }

    void set(ObjectId object, long state) {
        states.put(object, state);
        past.computeIfAbsent(object, o -> new ArrayList<>()).add(new Change(world.now(), state));
    }

    /** A copy of {@code call} arrived. */
    void receive(ClientNode from, Call call, long token) {
        boolean refused = false;
        long result;
        if (!call.isChange()) {
            if (world.plan.fencing()) {
                fence.read(call.object, token);
            }
            result = world.isReadThroughWorkers(call)
                    ? version(call.object)
                    : world.operation(call, 0).answer(state(call.object));
        } else if (call.appliedAt >= 0) {
            result = call.result;
        } else if (world.plan.fencing() && !fence.mayWrite(call.object, token)) {
            world.tally.count(Fault.STORE_REFUSED_TOKEN);
            refused = true;
            result = 0;
        } else {
            world.checkChanged(from, call.object);
            result = execute(call);
        }
        boolean no = refused;
        world.trace.note(
                world.now(),
                result,
                () -> "store: " + call.kind + " " + call.object + " by " + from.name + " token " + token + " -> "
                        + (no ? "refused" : result + ", now " + state(call.object)));
        world.network.toClient(world.network.isCutFromStore(from), from, () -> {
            if (!call.isAnswered) {
                call.then.arrived(call, result, no, token);
            }
        });
    }

    private long execute(Call call) {
        long state = state(call.object);
        Operation operation = world.operation(call, 0);
        call.result = operation.answer(state);
        call.appliedAt = world.now();
        set(call.object, operation.then(state));
        if (!call.isFlush || !world.parts.has(Defect.VERSION_KEPT)) {
            versions.merge(call.object, 1L, Long::sum);
        }
        if (call.orphanOf != null) {
            world.history.add(
                    call.object,
                    new Operation(call.orphanOf, call.kind, call.orphanedAt, world.now(), call.a, call.b, 1));
        }
        return call.result;
    }
}
