package io.efc.lease;

import io.efc.base.Check;
import java.util.Set;

/**
 * What clients and masters of one runtime have to agree on. All of them are built from the same values.
 *
 * @param readOnlyDatasets datasets that nobody may write, which can be leased as a whole
 */
public record LeaseConfig(Times times, Limits limits, Set<Long> readOnlyDatasets) {
    public LeaseConfig {
        readOnlyDatasets = Set.copyOf(readOnlyDatasets);
    }

    /**
     * What masters and clients of a runtime agree on: the defaults, without tickets for contended objects, whose leases go from hand to hand
     * instead. A ticket would let two clients append to a file at once, and a kernel's pages cannot be held to its end.
     */
    public static LeaseConfig of(Set<Long> readOnlyDatasets) {
        Times d = Times.defaults();
        Times times = new Times(
                d.lifeNanos, d.driftPpm, d.storeNanos, d.recallNanos, d.directNanos, 1, d.beatNanos, d.retryNanos);
        return new LeaseConfig(times, Limits.defaults(), readOnlyDatasets);
    }

    /** The defaults with nothing read-only. */
    public static LeaseConfig defaults() {
        return new LeaseConfig(Times.defaults(), Limits.defaults(), Set.of());
    }

    /**
     * Durations, in nanoseconds of real time; each side turns them into durations of its own clock with the drift bound.
     *
     * @param lifeNanos a session lives so long after a renewal
     * @param driftPpm how much faster or slower than real time any clock may run, in millionths
     * @param storeNanos a change sent to the store takes effect within this time or never; 0 where the store checks tokens
     *     ({@link StoreFence})
     * @param recallNanos a holder that has not yielded after this time loses its session
     * @param directNanos a ticket for operations straight at the store lasts so long, from the renewal that the master heard last: long enough for
     *     changes until the next renewal but one
     * @param quietNanos a contended object is cached again when for so long only one session has asked for it
     * @param beatNanos between two renewals
     * @param retryNanos until an unacknowledged message is sent again
     */
    public record Times(
            long lifeNanos,
            int driftPpm,
            long storeNanos,
            long recallNanos,
            long directNanos,
            long quietNanos,
            long beatNanos,
            long retryNanos) {
        private static final long MILLI = 1_000_000;

        public Times {
            Check.argument(lifeNanos > 0, "a session's life is %d ns, not positive", lifeNanos);
            Check.argument(
                    driftPpm >= 0 && driftPpm <= 200_000, "a drift bound of %d ppm is not in 0 to 200000", driftPpm);
            Check.argument(
                    storeNanos >= 0 && storeNanos <= lifeNanos / 4,
                    "the store's %d ns are more than a quarter of a session's life of %d ns",
                    storeNanos,
                    lifeNanos);
            Check.argument(recallNanos > 0, "a recall is waited for %d ns, not a positive time", recallNanos);
            Check.argument(
                    directNanos >= lifeNanos / 2 && directNanos <= lifeNanos,
                    "a ticket of %d ns is not between half of and a whole session's life of %d ns",
                    directNanos,
                    lifeNanos);
            Check.argument(quietNanos > 0, "a quiet time of %d ns is not positive", quietNanos);
            Check.argument(
                    beatNanos > 0 && beatNanos <= lifeNanos / 4,
                    "renewals every %d ns are less than four in a session's life of %d ns",
                    beatNanos,
                    lifeNanos);
            long changes = directNanos - drift(directNanos, driftPpm) - storeNanos - drift(storeNanos, driftPpm);
            long renewals = 2 * beatNanos + lifeNanos / 16;
            Check.argument(
                    changes >= renewals,
                    "a ticket lets changes through for %d ns, less than the %d ns of two renewals",
                    changes,
                    renewals);
            Check.argument(retryNanos > 0, "a retry after %d ns is not after a positive time", retryNanos);
        }

        /** A life of 10 s, renewed every second, 1000 ppm of drift, 2 s for the store. */
        public static Times defaults() {
            return new Times(
                    10_000 * MILLI,
                    1_000,
                    2_000 * MILLI,
                    5_000 * MILLI,
                    5_000 * MILLI,
                    3_000 * MILLI,
                    1_000 * MILLI,
                    500 * MILLI);
        }

        /** What of a real duration is surely over for nobody else yet when a clock at its slowest shows the result. */
        long shortened(long nanos) {
            return nanos - drift(nanos, driftPpm);
        }

        /** When a clock at its fastest shows the result, the real duration is over. */
        long lengthened(long nanos) {
            return nanos + drift(nanos, driftPpm);
        }

        private static long drift(long nanos, int driftPpm) {
            return Math.ceilDiv(nanos, 1_000_000) * driftPpm;
        }
    }

    /**
     * Bounds. Whoever meets one works straight at the store, or is told to ask again; none is an error.
     *
     * @param sessionsMax sessions of a master
     * @param leasesMax leases in a master's table
     * @param leasesOfSessionMax leases of one session
     * @param waitersMax requests that wait at a master
     * @param exceptionsMax files that a directory's lease may leave out
     * @param escalateAt leases of a session for files of one directory, from which on it is given the directory's
     * @param unackedMax messages that one session's channel keeps for sending again
     * @param tokenBatch tokens that a master reserves in the replicated log at once
     * @param slotsLog2 size of the fixed table of tickets given while the lease table is full
     * @param locks of fcntl(2) and flock(2)
     */
    public record Limits(
            int sessionsMax,
            int leasesMax,
            int leasesOfSessionMax,
            int waitersMax,
            int exceptionsMax,
            int escalateAt,
            int unackedMax,
            int tokenBatch,
            int slotsLog2,
            LockLimits locks) {
        public Limits {
            positive("sessionsMax", sessionsMax);
            positive("leasesMax", leasesMax);
            positive("leasesOfSessionMax", leasesOfSessionMax);
            positive("waitersMax", waitersMax);
            positive("exceptionsMax", exceptionsMax);
            positive("escalateAt", escalateAt);
            positive("unackedMax", unackedMax);
            positive("tokenBatch", tokenBatch);
            Check.argument(slotsLog2 >= 0 && slotsLog2 <= 24, "slotsLog2 is %d, not 0 to 24", slotsLog2);
        }

        /** For a master of a gigabyte: two million leases, ten thousand sessions. */
        public static Limits defaults() {
            return new Limits(10_000, 2_000_000, 200_000, 100_000, 64, 32, 65_536, 65_536, 16, LockLimits.defaults());
        }
    }

    /**
     * Bounds of fcntl's and flock's locks, with a file's ranges of one owner counted each. Who meets one is told ENOLCK.
     *
     * @param locksMax locks in a master's table
     * @param locksOfSessionMax locks of one session; by unlocking parts of them it may come to have twice as many
     * @param waitersMax requests that wait at a master
     * @param waitersOfSessionMax of one session
     */
    public record LockLimits(int locksMax, int locksOfSessionMax, int waitersMax, int waitersOfSessionMax) {
        public LockLimits {
            positive("locksMax", locksMax);
            positive("locksOfSessionMax", locksOfSessionMax);
            positive("waitersMax", waitersMax);
            positive("waitersOfSessionMax", waitersOfSessionMax);
        }

        /** Half a million locks, a tenth of them one client's; more waiters than FUSE lets a mount have. */
        public static LockLimits defaults() {
            return new LockLimits(500_000, 50_000, 100_000, 2_048);
        }
    }

    private static void positive(String name, int value) {
        Check.argument(value > 0, name + " is " + value + ", not positive");
    }
}
