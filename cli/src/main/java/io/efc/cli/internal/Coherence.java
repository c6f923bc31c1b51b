package io.efc.cli.internal;

import io.efc.cli.internal.CoherencePairs.Stale;
import io.efc.cli.internal.CoherencePairs.Tally;
import io.efc.cli.internal.CoherenceTree.Change;
import io.efc.client.ClientConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The experiment that strong consistency is for. A pair is a change of a small tree through mount 1 and, as soon as its system call has
 * returned, five looks at the whole of it through mount 2, in an order that turns, so that each kind of look is the first one after each kind
 * of change. A pair of which any look saw another state than the model is stale. The mounts are the first two of the running cluster.
 */
final class Coherence {
    private static final String REVOKES = "efc_client_lease_revoke_seconds";

    private static final long PROGRESS_MILLIS = 100;

    /**
     * What is asked for.
     *
     * @param parallel trees that are changed and looked at side by side, each by a thread of its own
     * @param duration after which it ends with fewer pairs, or null
     * @param killEvery how often the master that leads is killed, or null
     */
    record Settings(
            long pairs,
            int parallel,
            @Nullable Duration duration,
            @Nullable Duration killEvery) {}

    /**
     * The pairs of one kind of change.
     *
     * @param look the first look after the change, the one that may have to wait
     * @param write the change itself
     */
    record Kind(Change change, long pairs, long stale, Latencies.Micros look, Latencies.Micros write) {}

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

    private final RunDirectory run;
    private final Settings settings;
    private volatile boolean stopped;

    Coherence(RunDirectory run, Settings settings) {
        this.run = run;
        this.settings = settings;
    }

    /** Ends after the pair under way; any thread. */
    void stop() {
        stopped = true;
    }

    Outcome run() {
        List<ProcessRecord> mounts = mounts(run);
        Path writer = Path.of(mounts.get(0).address());
        Path reader = Path.of(mounts.get(1).address());
        NavigableMap<Double, Double> before = revokes(mounts);
        MasterKiller killer = settings.killEvery == null ? null : new MasterKiller(run, settings.killEvery, this::stop);
        List<CoherencePairs> trees;
        long began = System.nanoTime();
        try {
            if (killer != null) {
                killer.start();
            }
            trees = pairs(writer, reader, began, killer == null ? () -> 0 : killer::changes);
        } finally {
            if (killer != null) {
                killer.close();
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        return outcome(trees, seconds, before, revokes(mounts), killer == null ? -1 : killer.kills());
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

    /** @param masterChanges see {@link MasterKiller#changes} */
    private List<CoherencePairs> pairs(Path writer, Path reader, long began, IntSupplier masterChanges) {
        long limit = settings.duration == null ? Long.MAX_VALUE : settings.duration.toNanos();
        AtomicLong begun = new AtomicLong();
        List<CoherencePairs> trees = new ArrayList<>();
        AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
        try (Progress progress = new Progress("pairs", settings.pairs, r -> Math.round(r) + "");
                ExecutorService threads = Executors.newThreadPerTaskExecutor(
                        Thread.ofPlatform().name("coherence-", 0).factory())) {
            for (int i = 0; i < settings.parallel; i++) {
                String name = "coherence-" + ProcessHandle.current().pid() + "-" + i;
                CoherencePairs tree = new CoherencePairs(masterChanges);
                trees.add(tree);
                threads.execute(() -> {
                    try {
                        tree.run(
                                writer.resolve(name),
                                reader.resolve(name),
                                () -> !stopped
                                        && System.nanoTime() - began < limit
                                        && begun.getAndIncrement() < settings.pairs);
                    } catch (RuntimeException e) {
                        failure.compareAndSet(null, e);
                        stopped = true;
                    }
                });
            }
            threads.shutdown();
            while (!threads.awaitTermination(PROGRESS_MILLIS, TimeUnit.MILLISECONDS)) {
                progress.at(Math.min(begun.get(), settings.pairs));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped = true;
        }
        RuntimeException e = failure.get();
        if (e != null) {
            throw e;
        }
        return trees;
    }

    private Outcome outcome(
            List<CoherencePairs> trees,
            double seconds,
            NavigableMap<Double, Double> before,
            NavigableMap<Double, Double> after,
            long kills) {
        Map<Change, Tally> tallies = CoherencePairs.tallies();
        trees.forEach(tree -> tree.tallies.forEach(
                (change, tally) -> Objects.requireNonNull(tallies.get(change)).add(tally)));
        List<Kind> kinds = new ArrayList<>();
        Latencies looks = new Latencies();
        long stale = 0;
        long stall = 0;
        long changeStall =
                trees.stream().mapToLong(CoherencePairs::changeStallNanos).max().orElse(0);
        for (Map.Entry<Change, Tally> e : tallies.entrySet()) {
            Tally t = e.getValue();
            kinds.add(new Kind(e.getKey(), t.look.count(), t.stale, t.look.micros(), t.write.micros()));
            looks.add(t.look);
            stale += t.stale;
            stall = Math.max(stall, Math.max(t.look.maxNanos(), t.write.maxNanos()));
        }
        Stale first = trees.stream()
                .map(CoherencePairs::first)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        NavigableMap<Double, Double> grown = new TreeMap<>();
        after.forEach((bound, count) -> grown.put(bound, count - before.getOrDefault(bound, 0.0)));
        long revokes = grown.isEmpty() ? 0 : Math.round(grown.lastEntry().getValue());
        return new Outcome(
                looks.count(),
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
