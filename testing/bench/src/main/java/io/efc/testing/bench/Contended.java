package io.efc.testing.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Two programs that append lines to one file, each through its own mount, and ask for its size after each line. */
final class Contended {
    private static final int SECONDS = 5;
    private static final double MILLIS_PER_SECOND = 1000;

    /** Both programs have to be running when they begin. */
    private static final int BEGIN_MILLIS = 1000;

    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Bench bench;
    private final Path program;

    Contended(Bench bench) {
        this.bench = bench;
        this.program = Probe.compile(bench.local(), "contend");
    }

    /**
     * What one program says of itself.
     *
     * @param stale sizes that were smaller than what the program had seen and written before
     */
    record Writer(long lines, long sizes, long stale, double seconds) {
        double perSecond() {
            return (lines + sizes) / seconds;
        }

        static Writer parse(String text) {
            String[] fields = text.strip().split(" ", -1);
            if (fields.length != 4) {
                throw new BenchException("four fields were expected: " + text);
            }
            return new Writer(
                    Long.parseLong(fields[0]),
                    Long.parseLong(fields[1]),
                    Long.parseLong(fields[2]),
                    Double.parseDouble(fields[3]));
        }
    }

    void run(Cluster cluster, Consumer<MetadataRow> rows) {
        Path file = bench.export().resolve("contended");
        try {
            Files.createFile(file);
            List<Writer> writers = write(List.of(cluster.mount(1), cluster.mount(2)));
            List<String> lines = Files.readAllLines(file);
            report(writers, faults(lines, writers), rows);
        } catch (IOException e) {
            throw new BenchException("the contended file is unusable: " + e, e);
        }
    }

    private List<Writer> write(List<Path> mounts) {
        double begin = (System.currentTimeMillis() + BEGIN_MILLIS) / MILLIS_PER_SECOND;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Writer>> running = new java.util.ArrayList<>();
            for (int i = 0; i < mounts.size(); i++) {
                List<String> command = List.of(
                        program.toString(),
                        mounts.get(i).resolve("contended").toString(),
                        tag(i),
                        Integer.toString(SECONDS),
                        String.format(java.util.Locale.ROOT, "%.3f", begin));
                running.add(CompletableFuture.supplyAsync(() -> Writer.parse(Commands.run(LIMIT, command)), threads));
            }
            return running.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            throw new BenchException("a program that appends failed: " + e.getMessage(), e);
        }
    }

    private static String tag(int writer) {
        return "w" + writer;
    }

    /** Lines that are missing, torn or out of their writer's order, and lines that nobody wrote. */
    static long faults(List<String> lines, List<Writer> writers) {
        long[] next = new long[writers.size()];
        long wrong = 0;
        for (String line : lines) {
            int found = -1;
            for (int i = 0; i < next.length; i++) {
                if (line.equals(tag(i) + " " + next[i])) {
                    found = i;
                }
            }
            if (found < 0) {
                wrong++;
            } else {
                next[found]++;
            }
        }
        long missing = 0;
        for (int i = 0; i < next.length; i++) {
            missing += Math.abs(writers.get(i).lines - next[i]);
        }
        return Math.max(wrong, missing);
    }

    private static void report(List<Writer> writers, long lost, Consumer<MetadataRow> rows) {
        double first = writers.get(0).perSecond();
        double second = writers.get(1).perSecond();
        rows.accept(MetadataRow.of(new Row("contended: append, size", first, "ops/s", "the other mount", second)));
        double fairness = Math.min(first, second) / Math.max(first, second);
        rows.accept(MetadataRow.of(new Row("contended: fairness", fairness, "min/max", "", 0)));
        rows.accept(MetadataRow.none("contended: lost lines", lost, "lines"));
        rows.accept(MetadataRow.none("contended: stale sizes", writers.get(0).stale + writers.get(1).stale, "sizes"));
    }
}
