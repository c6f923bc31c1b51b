package io.efc.testing.simulator;

import io.efc.lease.LeaseConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Everything about a run that is decided before it: the cluster, what its programs do, and which faults hit it when. A seed makes a plan; a shrunk
 * failure is a plan with less in it. Times are nanoseconds from the run's start.
 *
 * @param seed also seeds the network
 * @param masters 1 or 3
 * @param workers 0: clients read from the store themselves
 * @param fencing whether the store checks tokens; if not, a change takes effect within a bound or never
 * @param driftPpm how much faster each process's clock runs, clients first
 * @param beyond whether a client's clock drifts beyond the bound, so that only progress is promised
 * @param noisy whether messages are dropped, repeated and delayed
 * @param programs what each program does
 * @param lockings what programs lock
 */
record Plan(
        long seed,
        LeaseConfig config,
        int clients,
        int masters,
        int workers,
        int directories,
        int files,
        int names,
        boolean fencing,
        List<Integer> driftPpm,
        boolean beyond,
        boolean noisy,
        List<Program> programs,
        List<Locking> lockings,
        List<Incident> incidents) {
    static final long MILLI = 1_000_000;
    static final long LIFE = 1_000 * MILLI;
    /** Incidents begin before it, and everything is healed then. */
    static final long CALM = 4_000 * MILLI;
    /** An operation that is not answered for so long then never will be. */
    static final long PATIENCE = 10 * LIFE;
    /** Outside changes are found within it. */
    static final long UFS_CHECK = 400 * MILLI;
    /** The dataset that only somebody outside changes. */
    static final long FOREIGN = 2;

    /** What a program asks of the file system. */
    enum Kind {
        READ,
        WRITE,
        WRITE_SYNC,
        LOOKUP,
        LIST,
        CREATE,
        UNLINK,
        RENAME,
        READ_FOREIGN,
        WRITE_FOREIGN,
        RELEASE,
        QUIT
    }

    /**
     * @param file index of a file, or of a name
     * @param other second name of a rename
     */
    record Step(Kind kind, int directory, int file, int other, long thinkNanos) {}

    /** A single-threaded program on a client. */
    record Program(int client, List<Step> steps) {}

    /**
     * A fault that lasts.
     *
     * @param other of three masters the one that a client still reaches; -1: none
     */
    record Incident(Fault fault, int target, int other, long at, long lasts) {}

    Plan with(List<Program> newPrograms, List<Locking> newLockings, List<Incident> newIncidents, boolean newNoisy) {
        return new Plan(
                seed,
                config,
                clients,
                masters,
                workers,
                directories,
                files,
                names,
                fencing,
                driftPpm,
                beyond,
                newNoisy,
                newPrograms,
                newLockings,
                newIncidents);
    }

    /** The plan that a seed makes. */
    static Plan of(long seed) {
        Chance chance = new Chance(seed);
        int clients = 2 + chance.index(3);
        int masters = chance.coin() ? 1 : 3;
        int directories = 1 + chance.index(2);
        int files = 1 + chance.index(3);
        int names = 2 + chance.index(2);
        boolean fencing = chance.coin();
        int bound = chance.coin() ? 10_000 : 100_000;
        boolean beyond = chance.perMille(30);
        LeaseConfig config = config(chance, clients, bound, fencing, Locking.limits(seed));
        int[] drift = new int[clients + masters];
        for (int i = 0; i < drift.length; i++) {
            drift[i] = switch (chance.index(4)) {
                case 0 -> bound;
                case 1 -> -bound;
                case 2 -> (int) chance.between(-bound, bound);
                default -> 0;
            };
        }
        if (beyond) {
            drift[chance.index(clients)] = -3 * bound;
        }
        List<Program> programs = new ArrayList<>();
        int mix = chance.index(4);
        for (int c = 0; c < clients; c++) {
            for (int t = 1 + chance.index(2); t > 0; t--) {
                programs.add(new Program(c, steps(chance, mix, directories, files, names)));
            }
        }
        boolean noisy = chance.perMille(800);
        List<Incident> incidents = incidents(chance, clients, masters);
        int workers = chance.index(3);
        for (int n = workers == 0 ? 0 : chance.index(3); n > 0; n--) {
            long at = chance.below(CALM - 100 * MILLI);
            long lasts = chance.below(CALM - at);
            incidents.add(new Incident(Fault.WORKER_CRASHED, chance.index(workers), 0, at, lasts));
        }
        return new Plan(
                seed,
                config,
                clients,
                masters,
                workers,
                directories,
                files,
                names,
                fencing,
                Arrays.stream(drift).boxed().toList(),
                beyond,
                noisy,
                programs,
                Locking.of(seed, clients),
                incidents);
    }

    private static LeaseConfig config(
            Chance chance, int clients, int driftPpm, boolean fencing, LeaseConfig.LockLimits locks) {
        long store = fencing ? 0 : chance.between(100, 250);
        long recall = chance.between(200, 800);
        long beat = chance.between(100, 250);
        // A ticket has to last that long at least in spite of the drift.
        long renewals = 2 * beat + LIFE / MILLI / 16 + 1;
        long ticket = (store * (1_000_000 + driftPpm) + renewals * 1_000_000) / (1_000_000 - driftPpm) + 1;
        LeaseConfig.Times times = new LeaseConfig.Times(
                LIFE,
                driftPpm,
                store * MILLI,
                recall * MILLI,
                chance.between(Math.max(500, ticket), 1000) * MILLI,
                chance.between(200, 800) * MILLI,
                beat * MILLI,
                chance.between(40, 150) * MILLI);
        boolean tight = chance.perMille(300);
        LeaseConfig.Limits limits = new LeaseConfig.Limits(
                tight && chance.coin() ? clients : 100,
                tight ? 2 + chance.index(5) : 1000,
                tight ? 1 + chance.index(3) : 100,
                tight ? 1 + chance.index(4) : 100,
                1 + chance.index(3),
                chance.coin() ? 1 + chance.index(2) : 100,
                1000,
                chance.coin() ? 4 : 1000,
                chance.index(4),
                locks);
        return new LeaseConfig(times, limits, Set.of(FOREIGN));
    }

    private static List<Step> steps(Chance chance, int mix, int directories, int files, int names) {
        List<Step> steps = new ArrayList<>();
        for (int n = 5 + chance.index(20); n > 0; n--) {
            Kind kind;
            int dice = chance.index(100);
            if (dice < 4) {
                kind = dice == 0 ? Kind.WRITE_FOREIGN : Kind.READ_FOREIGN;
            } else if (dice == 7) {
                kind = Kind.QUIT;
            } else if (dice < 8) {
                kind = Kind.RELEASE;
            } else if (mix == 0 || (mix > 1 && chance.coin())) {
                kind = switch (chance.index(6)) {
                    case 0 -> Kind.CREATE;
                    case 1 -> Kind.UNLINK;
                    case 2 -> Kind.RENAME;
                    case 3 -> Kind.LIST;
                    default -> Kind.LOOKUP;
                };
            } else {
                kind = switch (chance.index(8)) {
                    case 0, 1 -> Kind.WRITE;
                    case 2 -> Kind.WRITE_SYNC;
                    default -> Kind.READ;
                };
            }
            boolean onNames = kind == Kind.LOOKUP || kind == Kind.CREATE || kind == Kind.UNLINK || kind == Kind.RENAME;
            long think = chance.coin() ? chance.below(20 * MILLI) : chance.below(500 * MILLI);
            steps.add(new Step(
                    kind,
                    chance.index(directories),
                    chance.index(onNames ? names : files),
                    chance.index(names),
                    think));
        }
        return steps;
    }

    private static List<Incident> incidents(Chance chance, int clients, int masters) {
        List<Incident> incidents = new ArrayList<>();
        for (int n = chance.index(8); n > 0; n--) {
            Fault fault = switch (chance.index(11)) {
                case 0 -> Fault.CLIENT_CRASHED;
                case 1, 2 -> Fault.CLIENT_PAUSED;
                case 3, 4 -> Fault.CLIENT_CUT_FROM_MASTERS;
                case 5 -> Fault.CLIENT_CUT_FROM_STORE;
                case 6 -> Fault.MASTER_CRASHED;
                case 7 -> Fault.MASTER_PAUSED;
                case 8 -> masters == 1 ? Fault.MASTER_CRASHED : Fault.MASTER_CUT_FROM_MASTERS;
                case 9 -> Fault.MASTER_CUT_FROM_CLIENTS;
                default -> masters == 1 ? Fault.CLIENT_PAUSED : Fault.LEADER_CHANGED;
            };
            boolean ofMaster = fault.name().startsWith("MASTER");
            long at = chance.below(CALM - 100 * MILLI);
            long lasts = chance.coin() ? chance.below(400 * MILLI) : chance.below(3 * LIFE);
            lasts = Math.min(lasts, CALM - at);
            int target = chance.index(ofMaster ? masters : clients);
            incidents.add(new Incident(fault, target, chance.index(masters + 1) - 1, at, lasts));
            if (fault == Fault.MASTER_CUT_FROM_MASTERS && chance.coin()) {
                // One client still believes the old leader.
                incidents.add(new Incident(Fault.CLIENT_CUT_FROM_MASTERS, chance.index(clients), target, at, lasts));
            }
        }
        if (chance.perMille(300)) {
            for (int n = 1 + chance.index(4); n > 0; n--) {
                incidents.add(new Incident(Fault.CHANGED_FROM_OUTSIDE, 0, 0, chance.below(CALM), 0));
            }
        }
        return incidents;
    }
}
