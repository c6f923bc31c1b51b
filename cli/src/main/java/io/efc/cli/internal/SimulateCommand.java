package io.efc.cli.internal;

import io.efc.testing.simulator.Campaign;
import io.efc.testing.simulator.Simulator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code efc simulate}: protocols run through faults that no real cluster has in a lifetime. */
@Command(
        name = "simulate",
        description = "Run a protocol through simulated faults.",
        subcommands = SimulateCommand.LeasesCommand.class)
final class SimulateCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new Failure("which protocol? accepted: efc simulate leases --seeds 10000");
    }

    /** How many seeds. */
    static final class SeedsConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            long seeds = number(text, "1 to " + Campaign.SEEDS_MAX);
            if (seeds < 1 || seeds > Campaign.SEEDS_MAX) {
                throw new TypeConversionException(
                        "'" + text + "' is no number of seeds; accepted: 1 to " + Campaign.SEEDS_MAX);
            }
            return seeds;
        }
    }

    /** The first seed. */
    static final class FromConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return number(text, Long.MIN_VALUE + " to " + Long.MAX_VALUE);
        }
    }

    private static long number(String text, String accepted) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is not a number; accepted: " + accepted);
        }
    }

    /** {@code efc simulate leases}: the lease protocol's production classes in the simulator. */
    @Command(
            name = "leases",
            description = {
                "Run the lease protocol of clients and masters, the classes that production runs, through lost, repeated and late messages,"
                        + " crashes, pauses, partitions and drifting clocks, and check every history.",
                "Exit code 1 if a seed violates anything; the first such seed is shrunk and its trace printed on standard error."
            })
    static final class LeasesCommand implements Callable<Integer> {
        private static final long REDRAW_NANOS = 200_000_000;

        @Option(
                names = "--seeds",
                paramLabel = "N",
                required = true,
                converter = SeedsConverter.class,
                description = "How many seeds to run.")
        private long seeds;

        @Option(
                names = "--from",
                paramLabel = "S",
                defaultValue = "0",
                converter = FromConverter.class,
                description = "The first seed; a failing one is run again by --from SEED --seeds 1.")
        private long from;

        @Option(names = "-o", paramLabel = "FORMAT", description = "table or json.", defaultValue = "table")
        private Output.Format format = Output.Format.table;

        private final boolean terminal = Output.isTerminal();
        private final AtomicLong drawn = new AtomicLong(System.nanoTime());

        @Override
        public Integer call() {
            Campaign campaign = new Campaign(from, seeds, Runtime.getRuntime().availableProcessors());
            CountDownLatch printed = new CountDownLatch(1);
            Thread hook = Thread.ofPlatform().unstarted(() -> {
                campaign.stop();
                await(printed);
            });
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                long began = System.nanoTime();
                Campaign.Report report = campaign.run(this::draw);
                print(report, (System.nanoTime() - began) / 1e9);
                return report.violations() == 0 ? 0 : 1;
            } finally {
                printed.countDown();
            }
        }

        private static void await(CountDownLatch printed) {
            try {
                printed.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void draw(long done) {
            long now = System.nanoTime();
            long last = drawn.get();
            if (terminal && now - last > REDRAW_NANOS && drawn.compareAndSet(last, now)) {
                System.err.print("\r\033[K" + done + " of " + seeds + " seeds");
                System.err.flush();
            }
        }

        private void print(Campaign.Report report, double seconds) {
            if (terminal) {
                System.err.print("\r\033[K");
            }
            if (format == Output.Format.table || format == Output.Format.wide) {
                System.out.print(table("FAULT", report.faults()));
                System.out.println();
                System.out.print(table("TRANSITION", report.transitions()));
                System.out.printf(
                        "%n%d seeds from %d, %d violations, %d steps, %.0f seeds/s%n",
                        report.seeds(), from, report.violations(), report.steps(), report.seeds() / seconds);
            } else {
                Map<String, Object> result = new LinkedHashMap<>();
                result.put("seeds", report.seeds());
                result.put("violations", report.violations());
                result.put("steps", report.steps());
                result.put("faults", report.faults());
                result.put("transitions", report.transitions());
                System.out.println(Output.text(result, format));
            }
            report.failures().forEach((seed, what) -> System.err.println("efc: seed " + seed + ": " + what));
            report.failures().keySet().stream().min(Long::compare).ifPresent(LeasesCommand::explain);
        }

        private static void explain(long seed) {
            System.err.println("efc: seed " + seed + ", shrunk:");
            System.err.print(Simulator.shrink(seed).trace());
        }

        private static Table table(String what, Map<String, Long> counts) {
            Table table = new Table(what, "COUNT");
            counts.forEach(table::row);
            return table;
        }
    }
}
