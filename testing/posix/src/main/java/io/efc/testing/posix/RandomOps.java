package io.efc.testing.posix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Seeded random operations on a file system under test and on a local one, whose outcomes must be the same: results and errnos,
 * data, attributes, and now and then the whole trees. On a difference it looks for a short sequence that still shows it.
 *
 * <pre>
 * java -cp … io.efc.testing.posix.RandomOps --dir UNDER-TEST --reference LOCAL [--ops N] [--seed S] [--processes P]
 * </pre>
 *
 * Every process works in a directory of its own with a seed of its own. Exit code 1: a difference.
 */
public final class RandomOps {
    /** Symbolic links may lead one level up. */
    private static final String INNER = "/tree";

    private static final int TREE_EVERY = 2000;
    private static final int REPLAYS_MAX = 400;
    private static final long REPLAY_NANOS_MAX = 60_000_000_000L;

    private final Path tested;
    private final Path reference;
    private final long seed;
    private final Set<Capability> lacking;
    private int replays;

    /** @param tested a directory of the file system under test; both must exist and be writable */
    public RandomOps(Path tested, Path reference, long seed) {
        this(tested, reference, seed, EnumSet.noneOf(Capability.class));
    }

    /** @param known what the file system under test is known to lack, beside what shows when it is tried */
    public RandomOps(Path tested, Path reference, long seed, Set<Capability> known) {
        this.tested = tested;
        this.reference = reference;
        this.seed = seed;
        Set<Capability> absent = EnumSet.noneOf(Capability.class);
        absent.addAll(known);
        for (Path side : List.of(tested, reference)) {
            try (Runner runner = new Runner(side.toString())) {
                absent.addAll(runner.lacking());
            }
        }
        this.lacking = absent;
    }

    /** What one side or both lack, and no operation asks for. */
    public Set<Capability> lacking() {
        return Set.copyOf(lacking);
    }

    /** Runs {@code count} operations: empty if the sides agreed throughout, else an account of the difference. */
    public String run(long count) {
        List<Long> numbers = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            numbers.add(i);
        }
        Difference first = replay(numbers, true);
        return first == null ? "" : account(first, count);
    }

    /** A difference and where it showed. */
    record Difference(int position, String call, String tested, String reference) {}

    private @Nullable Difference replay(List<Long> numbers, boolean trees) {
        String name = "random-" + ProcessHandle.current().pid() + "-" + replays++;
        String a = tested.resolve(name).toString();
        String b = reference.resolve(name).toString();
        for (String outer : List.of(a, b)) {
            Trees.makeDirectory(outer);
            Trees.makeDirectory(outer + INNER);
        }
        try (Side left = Side.in(a + INNER);
                Side right = Side.in(b + INNER)) {
            return compare(numbers, left, right, trees);
        } finally {
            Trees.remove(a);
            Trees.remove(b);
        }
    }

    /** Runs these operations on both sides up to the first difference. */
    @Nullable
    Difference compare(List<Long> numbers, Side left, Side right, boolean trees) {
        for (int i = 0; i < numbers.size(); i++) {
            RandomOp op = RandomOp.of(seed, numbers.get(i), lacking);
            String l = op.run().apply(left);
            String r = op.run().apply(right);
            if (!l.equals(r)) {
                return new Difference(i, op.text(), l, r);
            }
            boolean last = i == numbers.size() - 1;
            if (last || (trees && i % TREE_EVERY == TREE_EVERY - 1)) {
                Difference difference = trees(i, left, right);
                if (difference != null) {
                    return difference;
                }
            }
        }
        return null;
    }

    private static @Nullable Difference trees(int position, Side left, Side right) {
        List<String> l = left.tree();
        List<String> r = right.tree();
        for (int i = 0; i < Math.max(l.size(), r.size()); i++) {
            String a = i < l.size() ? l.get(i) : "(nothing)";
            String b = i < r.size() ? r.get(i) : "(nothing)";
            if (!a.equals(b)) {
                return new Difference(position, "the whole tree", a, b);
            }
        }
        return null;
    }

    private String account(Difference first, long count) {
        List<Long> shortest = shorten(first.position);
        Difference again = replay(shortest, false);
        StringBuilder text = new StringBuilder(String.format(
                "seed %d, operation %d of %d: %s%n  under test: %s%n  reference:  %s%n",
                seed, first.position, count, first.call, first.tested, first.reference));
        if (again == null) {
            return text + "it does not show in a shorter sequence; run the seed again\n";
        }
        text.append(String.format("shortest sequence found, %d operations:%n", shortest.size()));
        for (long number : shortest) {
            text.append(String.format(
                    "  %6d  %s%n", number, RandomOp.of(seed, number, lacking).text()));
        }
        return text.append(String.format(
                        "  then %s%n  under test: %s%n  reference:  %s%n", again.call, again.tested, again.reference))
                .toString();
    }

    /** A sequence that ends with the operation at {@code position} and still shows a difference. */
    private List<Long> shorten(int position) {
        long deadline = System.nanoTime() + REPLAY_NANOS_MAX;
        List<Long> sequence = range(0, position);
        for (int length = 16; length <= position; length *= 4) {
            List<Long> tail = range(position - length + 1, position);
            if (replay(tail, false) != null) {
                sequence = tail;
                break;
            }
        }
        for (int step = Math.max(1, sequence.size() / 2); step >= 1; step /= 2) {
            for (int at = 0; at < sequence.size() - 1; ) {
                if (replays > REPLAYS_MAX || System.nanoTime() > deadline) {
                    return sequence;
                }
                List<Long> without = new ArrayList<>(sequence);
                without.subList(at, Math.min(at + step, sequence.size() - 1)).clear();
                if (replay(without, false) != null) {
                    sequence = without;
                } else {
                    at += step;
                }
            }
        }
        return sequence;
    }

    private static List<Long> range(long from, long to) {
        List<Long> numbers = new ArrayList<>();
        for (long i = from; i <= to; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    /** Runs and exits. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Options o = Options.of(args, "--dir", "--reference", "--ops", "--seed", "--processes");
        long operations = o.number("--ops", 20_000);
        long seed = o.number("--seed", System.nanoTime() & 0xffff_ffffL);
        int processes = (int) o.number("--processes", 1);
        Path tested = o.directory("--dir");
        Path reference = o.directory("--reference");
        if (processes > 1) {
            System.exit(several(processes, tested, reference, operations, seed));
        }
        RandomOps run = new RandomOps(tested, reference, seed);
        System.out.println("seed " + seed + ", " + operations + " operations"
                + (run.lacking.isEmpty() ? "" : ", without " + run.lacking));
        String difference = run.run(operations);
        System.out.print(difference.isEmpty() ? "both sides agree\n" : difference);
        System.exit(difference.isEmpty() ? 0 : 1);
    }

    private static int several(int processes, Path tested, Path reference, long operations, long seed)
            throws IOException, InterruptedException {
        List<Process> children = new ArrayList<>();
        List<Path> directories = new ArrayList<>();
        for (int i = 0; i < processes; i++) {
            Path a = Files.createDirectories(tested.resolve("process-" + i));
            Path b = Files.createDirectories(reference.resolve("process-" + i));
            directories.addAll(List.of(a, b));
            children.add(new ProcessBuilder(JavaCommand.of(
                            RandomOps.class,
                            "--dir",
                            a.toString(),
                            "--reference",
                            b.toString(),
                            "--ops",
                            Long.toString(operations),
                            "--seed",
                            Long.toString(seed + i)))
                    .inheritIO()
                    .start());
        }
        int failed = 0;
        for (Process child : children) {
            if (!child.waitFor(30, TimeUnit.MINUTES)) {
                child.destroyForcibly();
                failed++;
            } else if (child.exitValue() != 0) {
                failed++;
            }
        }
        if (failed == 0) {
            for (Path directory : directories) {
                Files.delete(directory);
            }
        }
        return failed == 0 ? 0 : 1;
    }
}
