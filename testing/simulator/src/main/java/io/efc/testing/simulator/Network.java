package io.efc.testing.simulator;

import io.efc.lease.ToClient;
import io.efc.lease.ToMaster;

/** Carries messages: late, twice, in another order, or not at all. */
final class Network {
    private static final long MICRO = 1_000;

    private final World world;
    private final int[][] cutFromMaster;
    private final int[] cutFromStore;

    Network(World world) {
        this.world = world;
        this.cutFromMaster = new int[world.plan.clients()][world.plan.masters()];
        this.cutFromStore = new int[world.plan.clients()];
    }

    void cut(int client, int master, int by) {
        cutFromMaster[client][master] += by;
    }

    void cutFromStore(int client, int by) {
        cutFromStore[client] += by;
    }

    boolean isCutFromStore(ClientNode client) {
        return cutFromStore[client.index] > 0;
    }

    /** To every master, since the client does not know which one leads. */
    void toMasters(ClientNode from, ToMaster message) {
        for (MasterNode master : world.masters) {
            carry(cutFromMaster[from.index][master.index] > 0, Long.MAX_VALUE, () -> {
                world.trace.note(world.now(), 1, () -> from.name + " > " + master.name + ": " + message);
                master.run(() -> master.receive(message));
            });
        }
    }

    void toClient(MasterNode from, ClientNode to, ToClient message) {
        carry(cutFromMaster[to.index][from.index] > 0, Long.MAX_VALUE, () -> {
            world.trace.note(world.now(), 2, () -> from.name + " > " + to.name + ": " + message);
            to.run(() -> to.receive(message));
        });
    }

    void toClient(boolean isCut, ClientNode to, Runnable work) {
        int incarnation = to.life;
        carry(isCut, Long.MAX_VALUE, () -> {
            if (to.life == incarnation) {
                to.run(work);
            }
        });
    }

    /** Between a worker and clients or the store. */
    void toWorker(WorkerNode to, Runnable work) {
        carry(false, Long.MAX_VALUE, () -> to.run(work));
    }

    void fromWorkerToStore(Runnable work) {
        carry(false, Long.MAX_VALUE, work);
    }

    /** A change takes effect within the store's bound or never, unless the store checks tokens. */
    void toStore(ClientNode from, Call call, long token) {
        boolean bounded = !world.plan.fencing();
        long bound = world.plan.config().times().storeNanos();
        if (call.isChange() && world.isNoisy() && !call.isSent && world.chance.perMille(40)) {
            world.tally.count(Fault.STORE_CALL_LATE);
            call.heldUntil = world.now() + world.chance.below(3 * Plan.LIFE);
        }
        long held = call.heldUntil - world.now();
        if (held <= 0) {
            long most = call.isChange() && bounded ? bound : Long.MAX_VALUE;
            carry(isCutFromStore(from), most, () -> world.store.receive(from, call, token));
        } else if (!isCutFromStore(from)) {
            world.at(bounded ? bound : held, () -> world.store.receive(from, call, token));
        }
    }

    private void carry(boolean isCut, long mostNanos, Runnable deliver) {
        Chance chance = world.chance;
        boolean noisy = world.isNoisy();
        int copies = 1;
        if (isCut) {
            return;
        }
        if (noisy && chance.perMille(30)) {
            world.tally.count(Fault.MESSAGE_DROPPED);
            copies = 0;
        } else if (noisy && chance.perMille(30)) {
            world.tally.count(Fault.MESSAGE_DUPLICATED);
            copies = 2;
        }
        for (int i = 0; i < copies; i++) {
            long delay = chance.between(100 * MICRO, 2_000 * MICRO);
            if (noisy && chance.perMille(40)) {
                world.tally.count(Fault.MESSAGE_DELAYED);
                delay += chance.coin() ? chance.below(50_000 * MICRO) : chance.below(1_500_000 * MICRO);
            }
            world.at(Math.min(delay, mostNanos), deliver);
        }
    }
}
