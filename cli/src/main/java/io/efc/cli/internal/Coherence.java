package io.efc.cli.internal;

import io.efc.cli.internal.CoherenceTree.Change;
import io.efc.cli.internal.CoherenceTree.Look;
import io.efc.cli.internal.CoherenceTree.Mismatch;
import io.efc.client.ClientConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The experiment that strong consistency is for. A pair is a change of a small tree through mount 1 and, as soon as its system call has
 * returned, five looks at the whole of it through mount 2, in an order that turns, so that each kind of look is the first one after each kind
 * of change. A pair of which any look saw another state than the model is stale. The mounts are those of the running cluster; with more than
 * two the reader takes one after the other.
 */
final class Coherence {
    private static final String REVOKES = "efc_client_lease_revoke_seconds";

    private static final Change[] CHANGES = Change.values();
    private static final Look[] LOOKS = Look.values();

    /**
     * What is asked for.
     *
     * @param duration after which it ends with fewer pairs, or null
     * @param killEvery how often the master that leads is killed, or null
     */
    record Settings(
            long pairs,
            @Nullable Duration duration,
            @Nullable Duration killEvery) {}

    /**
     * The pairs of one kind of change.
     *
     * @param look the first look after the change, the one that may have to wait
     * @param write the change itself
     */
    record Kind(Change change, long pairs, long stale, Latencies.Micros look, Latencies.Micros write) {}

    /** The first stale pair. */
    record Stale(long pair, String changed, Look look, Mismatch mismatch) {
        @Override
        public String toString() {
            return "pair " + pair + " is stale: mount 1 " + changed + ", then "
                    + look.name().toLowerCase(java.util.Locale.ROOT) + " on mount 2 " + mismatch;
        }
    }

    /**
     * What came out.
     *
     * @param revoke how long clients took to give a lease up, or, if they told none, the reader's first looks
     * @param fromMetrics which of the two
     * @param revokes leases given up meanwhile
     * @param kills of the master; -1 if none was asked for
     * @param stallNanos the longest single change or look
     * @param changeStallNanos the longest pair during which no master led because of a kill
     */
    record Outcome(
            long pairs,
            long stale,
            Latencies.Micros revoke,
            boolean fromMetrics,
            long revokes,
            double seconds,
            List<Kind> kinds,
            @Nullable Stale first,
            long kills,
            long stallNanos,
            long changeStallNanos) {
        /** The fields of {@code -o json}, in their order. */
        Map<String, Object> toResult() {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("pairs", pairs);
            result.put("stale", stale);
            result.put("revokeMicros", revoke);
            result.put("revokeSource", fromMetrics ? "clients" : "reader");
            result.put("revokes", revokes);
            result.put("seconds", Math.round(seconds * 1000) / 1000.0);
            Map<String, Object> changes = new LinkedHashMap<>();
            for (Kind kind : kinds) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("pairs", kind.pairs);
                one.put("stale", kind.stale);
                one.put("lookMicros", kind.look);
                one.put("changeMicros", kind.write);
                changes.put(kind.change.word(), one);
            }
            result.put("changes", changes);
            if (kills >= 0) {
                result.put("masterKills", kills);
                result.put("masterChangeStallMillis", millis(changeStallNanos));
            }
            result.put("longestStallMillis", millis(stallNanos));
            if (first != null) {
                result.put("firstStale", first.toString());
            }
            return result;
        }

        private static double millis(long nanos) {
            return Math.round(nanos / 1e4) / 100.0;
        }
    }

    /** What is counted of one kind of change. */
    private static final class Tally {
        private final Latencies look = new Latencies();
        private final Latencies write = new Latencies();
        private long stale;
    }

    private final RunDirectory run;
    private final Settings settings;
    private final Map<Change, Tally> tallies = new EnumMap<>(Change.class);
    private @Nullable Stale first;
    private long stale;
    private long changeStall;
    private volatile boolean stopped;

    Coherence(RunDirectory run, Settings settings) {
        this.run = run;
        this.settings = settings;
        for (Change c : CHANGES) {
            tallies.put(c, new Tally());
        }
    }

    /** Ends after the pair under way; any thread. */
    void stop() {
        stopped = true;
    }

    Outcome run() {
        List<ProcessRecord> mounts = mounts(run);
        String name = "coherence-" + ProcessHandle.current().pid();
        Path writer = Path.of(mounts.get(0).address()).resolve(name);
        Path reader = Path.of(mounts.get(1).address()).resolve(name);
        NavigableMap<Double, Double> before = revokes(mounts);
        MasterKiller killer = settings.killEvery == null ? null : new MasterKiller(run, settings.killEvery, this::stop);
        long pairs;
        long began = System.nanoTime();
        try (CoherenceTree tree = new CoherenceTree(writer, reader)) {
            if (killer != null) {
                killer.start();
            }
            pairs = pairs(tree, began, killer);
        } catch (IOException e) {
            throw new Failure("the experiment failed: " + e, e);
        } finally {
            if (killer != null) {
                killer.close();
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        return outcome(pairs, seconds, before, revokes(mounts), killer == null ? -1 : killer.kills());
    }

    /** The mounts to be compared; refuses a cluster that has none. */
    static List<ProcessRecord> mounts(RunDirectory run) {
        List<ProcessRecord> records = run.processes();
        if (records.isEmpty()) {
            throw new Failure("no dataset is running (looked in " + run.root() + "); efc up starts one");
        }
        Blueprint blueprint = Blueprint.running(run.manifest());
        if (blueprint.store().readOnly()) {
            throw new Failure("the dataset '" + blueprint.name()
                    + "' is read-only, nobody can change it; accepted: one without readOnly: true");
        }
        if (!(blueprint.consistency() instanceof ClientConfig.Strong)) {
            throw new Failure(
                    "the mounts of '" + blueprint.name()
                            + "' are not strongly consistent (spec.fuse.properties.consistency of its EFCRuntime); accepted: strong");
        }
        List<ProcessRecord> mounts = records.stream()
                .filter(r -> r.name().startsWith("client-") && r.isAlive())
                .toList();
        if (mounts.size() < 2) {
            throw new Failure("the experiment needs two mounts and there is " + mounts.size() + " (looked in "
                    + run.root() + "); efc up makes two");
        }
        return mounts;
    }

    private long pairs(CoherenceTree tree, long began, @Nullable MasterKiller killer) {
        long limit = settings.duration == null ? Long.MAX_VALUE : settings.duration.toNanos();
        long pair = 0;
        try (Progress progress = new Progress("pairs", settings.pairs, r -> Math.round(r) + "")) {
            while (!stopped && pair < settings.pairs && System.nanoTime() - began < limit) {
                int changes = killer == null ? 0 : killer.changes();
                long start = System.nanoTime();
                pair(tree, pair++);
                if (killer != null && (changes % 2 != 0 || killer.changes() != changes)) {
                    changeStall = Math.max(changeStall, System.nanoTime() - start);
                }
                progress.at(pair);
            }
        }
        return pair;
    }

    private void pair(CoherenceTree tree, long pair) {
        Change change = CHANGES[(int) (pair % CHANGES.length)];
        Tally tally = Objects.requireNonNull(tallies.get(change));
        long t0 = System.nanoTime();
        String changed = tree.change(change, pair);
        long t1 = System.nanoTime();
        tally.write.record(t1 - t0);
        boolean wrong = false;
        for (int i = 0; i < LOOKS.length; i++) {
            Look look = LOOKS[(int) ((pair + i) % LOOKS.length)];
            Mismatch mismatch = tree.look(look, pair);
            if (i == 0) {
                tally.look.record(System.nanoTime() - t1);
            }
            if (mismatch != null && first == null) {
                first = new Stale(pair, changed, look, mismatch);
            }
            wrong |= mismatch != null;
        }
        if (wrong) {
            stale++;
            tally.stale++;
        }
    }

    private Outcome outcome(
            long pairs,
            double seconds,
            NavigableMap<Double, Double> before,
            NavigableMap<Double, Double> after,
            long kills) {
        List<Kind> kinds = new ArrayList<>();
        Latencies looks = new Latencies();
        long stall = 0;
        for (Change c : CHANGES) {
            Tally t = Objects.requireNonNull(tallies.get(c));
            kinds.add(new Kind(c, t.look.count(), t.stale, t.look.micros(), t.write.micros()));
            looks.add(t.look);
            stall = Math.max(stall, Math.max(t.look.maxNanos(), t.write.maxNanos()));
        }
        NavigableMap<Double, Double> grown = new TreeMap<>();
        after.forEach((bound, count) -> grown.put(bound, count - before.getOrDefault(bound, 0.0)));
        long revokes = grown.isEmpty() ? 0 : Math.round(grown.lastEntry().getValue());
        return new Outcome(
                pairs,
                stale,
                revokes > 0 ? micros(grown) : looks.micros(),
                revokes > 0,
                revokes,
                seconds,
                kinds,
                first,
                kills,
                stall,
                changeStall);
    }

    private static NavigableMap<Double, Double> revokes(List<ProcessRecord> mounts) {
        NavigableMap<Double, Double> sum = new TreeMap<>();
        for (ProcessRecord mount : mounts) {
            try {
                Scrape.of(mount.metricsPort())
                        .buckets(REVOKES)
                        .forEach((bound, count) -> sum.merge(bound, count, Double::sum));
            } catch (IOException e) {
                throw new Failure("the metrics of " + mount.name() + " cannot be read: " + e.getMessage(), e);
            }
        }
        return sum;
    }

    /**
     * Upper bounds of quantiles.
     *
     * @param buckets how many took at most so many seconds
     */
    static Latencies.Micros micros(NavigableMap<Double, Double> buckets) {
        double all = buckets.lastEntry().getValue();
        return new Latencies.Micros(bound(buckets, 0.50 * all), bound(buckets, 0.99 * all), bound(buckets, all));
    }

    private static double bound(NavigableMap<Double, Double> buckets, double rank) {
        double last = 0;
        for (Map.Entry<Double, Double> e : buckets.entrySet()) {
            if (!Double.isInfinite(e.getKey())) {
                last = Math.rint(e.getKey() * 1e6);
            }
            if (e.getValue() >= rank) {
                return last;
            }
        }
        return last;
    }
}
