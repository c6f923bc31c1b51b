package io.efc.cli.internal;

import io.efc.cli.internal.CoherenceTree.Change;
import io.efc.cli.internal.CoherenceTree.Look;
import io.efc.cli.internal.CoherenceTree.Mismatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** One of the trees of the coherence experiment and the pairs that are made of it, one after the other. Used by one thread. */
final class CoherencePairs {
    private static final Change[] CHANGES = Change.values();
    private static final Look[] LOOKS = Look.values();

    /** The first stale pair. */
    record Stale(long pair, String changed, Look look, Mismatch mismatch) {
        @Override
        public String toString() {
            return "pair " + pair + " is stale: mount 1 " + changed + ", then "
                    + look.name().toLowerCase(java.util.Locale.ROOT) + " on mount 2 " + mismatch;
        }
    }

    /** What is counted of one kind of change. */
    static final class Tally {
        /** The first look after the change, the one that may have to wait. */
        final Latencies look = new Latencies();
        /** The change itself. */
        final Latencies write = new Latencies();

        long stale;

        void add(Tally other) {
            look.add(other.look);
            write.add(other.write);
            stale += other.stale;
        }
    }

    final Map<Change, Tally> tallies = tallies();
    private final IntSupplier masterChanges;
    private @Nullable Stale first;
    private long changeStallNanos;

    /** @param masterChanges odd while no master leads, and another number afterwards */
    CoherencePairs(IntSupplier masterChanges) {
        this.masterChanges = masterChanges;
    }

    static Map<Change, Tally> tallies() {
        Map<Change, Tally> tallies = new EnumMap<>(Change.class);
        for (Change c : CHANGES) {
            tallies.put(c, new Tally());
        }
        return tallies;
    }

    /**
     * Makes the tree, changes it and looks at it as long as {@code more} says so, and removes it.
     *
     * @param writer the directory to be made, where it is changed
     * @param reader the same directory, where it is looked at
     */
    void run(Path writer, Path reader, BooleanSupplier more) {
        try (CoherenceTree tree = new CoherenceTree(writer, reader)) {
            for (long pair = 0; more.getAsBoolean(); pair++) {
                int changes = masterChanges.getAsInt();
                long start = System.nanoTime();
                pair(tree, pair);
                if (changes % 2 != 0 || masterChanges.getAsInt() != changes) {
                    changeStallNanos = Math.max(changeStallNanos, System.nanoTime() - start);
                }
            }
        } catch (IOException e) {
            throw new Failure("the experiment failed: " + e, e);
        }
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
        tally.stale += wrong ? 1 : 0;
    }

    /** The longest pair during which no master led for a while. */
    long changeStallNanos() {
        return changeStallNanos;
    }

    /** The first pair of this tree that was stale, or null. */
    @Nullable
    Stale first() {
        return first;
    }
}
