package io.efc.cli.internal;

import io.efc.base.Durations;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code efc demo coherence}: what one mount changes, the other sees at once. */
@Command(
        name = "coherence",
        description = {
            "Write, create, rename, unlink, truncate and chmod in turn on the first mount, and look at once on the second by read, stat,"
                    + " lookup, readdir and mmap.",
            "Exit code 1 if anything was stale; the first stale pair is explained on standard error."
        })
final class CoherenceCommand implements Callable<Integer> {
    /** Enough for a kill's master to be started again. */
    private static final int PRINT_SECONDS = 90;

    /** How many pairs. */
    static final class PairsConverter implements ITypeConverter<Long> {
        private static final long MAX = 1_000_000_000_000L;

        @Override
        public Long convert(String text) {
            return count(text, "pairs", MAX);
        }
    }

    /** How many side by side. */
    static final class ParallelConverter implements ITypeConverter<Integer> {
        private static final int MAX = 256;

        @Override
        public Integer convert(String text) {
            return (int) count(text, "trees", MAX);
        }
    }

    private static long count(String text, String what, long max) {
        try {
            long count = Long.parseLong(text);
            if (count > 0 && count <= max) {
                return count;
            }
        } catch (NumberFormatException e) {
            // Refused below with what is accepted.
        }
        throw new TypeConversionException("'" + text + "' is no number of " + what + "; accepted: 1 to " + max);
    }

    /** Durations of at least a tenth of a second. */
    static final class DurationConverter implements ITypeConverter<Duration> {
        private static final Duration MIN = Duration.ofMillis(100);

        @Override
        public Duration convert(String text) {
            try {
                Duration duration = Durations.parse(text);
                if (duration.compareTo(MIN) >= 0) {
                    return duration;
                }
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
            throw new TypeConversionException("'" + text + "' is too short; accepted: 100ms or more");
        }
    }

    @Option(
            names = "--pairs",
            paramLabel = "N",
            required = true,
            converter = PairsConverter.class,
            description = "How many changes, each followed by looks.")
    private long pairs;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "4",
            converter = ParallelConverter.class,
            description = "Trees that are changed and looked at side by side; ${DEFAULT-VALUE} if not given.")
    private int parallel;

    @Option(
            names = "--duration",
            paramLabel = "D",
            converter = DurationConverter.class,
            description = "End after this time if there were fewer pairs: 60s, 10m.")
    private @Nullable Duration duration;

    @Option(
            names = "--kill-master-every",
            paramLabel = "D",
            converter = DurationConverter.class,
            description = "Kill the master that leads this often meanwhile, and start it again.")
    private @Nullable Duration killEvery;

    @Option(names = "-o", paramLabel = "FORMAT", description = "table or json.", defaultValue = "table")
    private Output.Format format = Output.Format.table;

    @Override
    public Integer call() {
        Coherence experiment =
                new Coherence(RunDirectory.standard(), new Coherence.Settings(pairs, parallel, duration, killEvery));
        CountDownLatch printed = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().unstarted(() -> {
            experiment.stop();
            await(printed);
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Coherence.Outcome outcome = experiment.run();
            boolean people = format == Output.Format.table || format == Output.Format.wide;
            System.out.println(people ? CoherenceText.of(outcome) : Output.text(outcome.toResult(), format));
            System.out.flush();
            if (outcome.first() != null) {
                System.err.println("efc: " + outcome.first() + "; this is a defect of EFC");
            }
            return outcome.stale() == 0 ? 0 : 1;
        } finally {
            printed.countDown();
        }
    }

    private static void await(CountDownLatch printed) {
        try {
            printed.await(PRINT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
