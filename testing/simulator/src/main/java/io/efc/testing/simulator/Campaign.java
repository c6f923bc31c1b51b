package io.efc.testing.simulator;

import io.efc.base.Check;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Many seeds on several threads; each seed's run stays single-threaded. */
public final class Campaign {
    /** How many seeds one campaign may have. */
    public static final long SEEDS_MAX = 1_000_000_000;

    /** Of so many failing seeds the text is kept; all are counted. */
    private static final int FAILURES_KEPT = 20;

    /**
     * What a campaign found.
     *
     * @param faults how often each happened
     * @param transitions how often each transition of the protocol was taken
     * @param failures the first failing seeds and what was wrong
     */
    public record Report(
            long seeds,
            long violations,
            long steps,
            Map<String, Long> faults,
            Map<String, Long> transitions,
            Map<Long, String> failures) {}

    private final long from;
    private final long seeds;
    private final int threads;
    private final AtomicLong next = new AtomicLong();
    private final Tally tally = new Tally();
    private final TreeMap<Long, String> failures = new TreeMap<>();
    private volatile boolean isStopped;
    private long done;
    private long violations;
    private long steps;

    public Campaign(long from, long seeds, int threads) {
        Check.argument(seeds >= 1 && seeds <= SEEDS_MAX, "%d seeds are not 1 to %d", seeds, SEEDS_MAX);
        Check.argument(threads >= 1, "%d threads run nothing", threads);
        this.from = from;
        this.seeds = seeds;
        this.threads = threads;
    }

    /** Runs to the end, or until {@link #stop}; {@code progress} hears how many seeds are done, from several threads. */
    public Report run(LongConsumer progress) {
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            workers.add(Thread.ofPlatform().name("efc-simulator-" + i).start(() -> work(progress)));
        }
        for (Thread worker : workers) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                stop();
                Thread.currentThread().interrupt();
            }
        }
        return report();
    }

    /** Ends {@link #run} after the seeds that are being run. */
    public void stop() {
        isStopped = true;
    }

    private void work(LongConsumer progress) {
        while (!isStopped) {
            long at = next.getAndIncrement();
            if (at >= seeds) {
                return;
            }
            Tally of = new Tally();
            Outcome outcome = Simulator.run(Plan.of(from + at), Parts.SOUND, of, false);
            progress.accept(add(outcome, of));
        }
    }

    private synchronized long add(Outcome outcome, Tally of) {
        tally.add(of);
        steps += outcome.steps();
        String violation = outcome.violation();
        if (violation != null) {
            violations++;
            failures.put(outcome.seed(), violation);
            if (failures.size() > FAILURES_KEPT) {
                failures.pollLastEntry();
            }
        }
        return ++done;
    }

    private synchronized Report report() {
        return new Report(
                done, violations, steps, named(tally.faults()), named(tally.transitions()), Map.copyOf(failures));
    }

    private static Map<String, Long> named(Map<? extends Enum<?>, Long> counts) {
        Map<String, Long> named = new LinkedHashMap<>();
        counts.forEach((what, count) -> named.put(what.name(), count));
        return named;
    }
}
