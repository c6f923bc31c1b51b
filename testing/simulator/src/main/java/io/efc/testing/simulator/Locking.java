package io.efc.testing.simulator;

import io.efc.lease.LeaseConfig;
import java.util.ArrayList;
import java.util.List;

/** A program that locks bytes of files, uses them and unlocks them. */
record Locking(int client, boolean flock, List<Step> steps) {
    /** Bytes of a file that programs lock. */
    static final int BYTES = 6;

    static final int FILES = 2;

    /** What it asks for. */
    enum Kind {
        LOCK,
        UNLOCK,
        UNLOCK_ALL
    }

    /**
     * @param patienceNanos after so long it does not wait any more; 0: it waits for ever
     */
    record Step(
            Kind kind,
            int file,
            int from,
            int to,
            boolean exclusive,
            boolean waits,
            long patienceNanos,
            long thinkNanos) {}

    Locking with(List<Step> fewer) {
        return new Locking(client, flock, fewer);
    }

    /** What a seed has programs lock, nothing of most. It has numbers of its own, so that the rest of a plan does not depend on it. */
    static List<Locking> of(long seed, int clients) {
        Chance chance = new Chance(seed ^ 0x10C5);
        List<Locking> all = new ArrayList<>();
        if (chance.perMille(600)) {
            return all;
        }
        for (int n = 2 + chance.index(4); n > 0; n--) {
            boolean flock = chance.perMille(250);
            all.add(new Locking(chance.index(clients), flock, steps(chance, flock)));
        }
        return all;
    }

    /** Sometimes tight. */
    static LeaseConfig.LockLimits limits(long seed) {
        Chance chance = new Chance(seed ^ 0x11417);
        return chance.perMille(100)
                ? new LeaseConfig.LockLimits(2 + chance.index(6), 1 + chance.index(4), 1 + chance.index(3), 1)
                : new LeaseConfig.LockLimits(1000, 100, 100, 10);
    }

    /** A program with flocks has one at a time: circles of flocks are for their owners to avoid. */
    private static List<Step> steps(Chance chance, boolean flock) {
        List<Step> steps = new ArrayList<>();
        int file = chance.index(FILES);
        for (int n = 2 + chance.index(8); n > 0; n--) {
            int dice = chance.index(100);
            Kind kind = dice < 15 ? Kind.UNLOCK_ALL : dice < 35 ? Kind.UNLOCK : Kind.LOCK;
            int from = flock ? 0 : chance.index(BYTES);
            int to = flock ? BYTES - 1 : from + chance.index(BYTES - from);
            boolean waits = chance.coin();
            long patience = waits && chance.perMille(300) ? chance.below(400 * Plan.MILLI) : 0;
            long think = chance.below((chance.coin() ? 20 : 300) * Plan.MILLI);
            steps.add(new Step(
                    kind, flock ? file : chance.index(FILES), from, to, chance.coin(), waits, patience, think));
        }
        return steps;
    }
}
