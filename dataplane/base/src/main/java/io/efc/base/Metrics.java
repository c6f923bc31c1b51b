package io.efc.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * A process's counters, gauges and latency histograms, written in Prometheus' text format 0.0.4. Recording never allocates and never
 * locks; making a meter does both and happens once, at start.
 *
 * <p>Names follow Prometheus: {@code efc_<module>_<what>_<unit>}, counters end in {@code _total}, times are seconds. Labels come as
 * name, value, name, value.
 */
public final class Metrics {
    /** A meter's place in the output. */
    private record Series(String labels, Object meter) {}

    /** All series of one name. */
    private record Family(String help, String type, List<Series> series) {}

    private final Map<String, Family> families = new TreeMap<>();

    /** A count that only grows. */
    public static final class Counter {
        private final LongAdder value = new LongAdder();

        private Counter() {}

        public void increment() {
            value.increment();
        }

        /** Adds {@code n}, 0 or more. */
        public void add(long n) {
            value.add(n);
        }

        public long value() {
            return value.sum();
        }
    }

    /**
     * Durations in buckets whose bounds grow by a factor of 2, from 1 µs to 2^25 µs (33 s), so that recording is a shift and two
     * increments.
     */
    public static final class Histogram {
        private static final int BUCKETS = 27;

        private final LongAdder[] buckets = new LongAdder[BUCKETS];
        private final LongAdder sumNanos = new LongAdder();

        private Histogram() {
            for (int i = 0; i < BUCKETS; i++) {
                buckets[i] = new LongAdder();
            }
        }

        /** Records one duration; a negative one counts as 0. */
        public void record(long nanos) {
            long n = Math.max(0, nanos);
            long micros = (n + 999) / 1000;
            int bucket = micros <= 1 ? 0 : 64 - Long.numberOfLeadingZeros(micros - 1);
            buckets[Math.min(bucket, BUCKETS - 1)].increment();
            sumNanos.add(n);
        }

        public long count() {
            long total = 0;
            for (LongAdder b : buckets) {
                total += b.sum();
            }
            return total;
        }

        public long sumNanos() {
            return sumNanos.sum();
        }

        /** An upper bound of the {@code q}-quantile, 0 to 1, in nanoseconds; 0 if nothing was recorded. */
        public long quantileNanos(double q) {
            long rank = (long) Math.ceil(q * count());
            long seen = 0;
            for (int i = 0; i < BUCKETS; i++) {
                seen += buckets[i].sum();
                if (seen >= rank && seen > 0) {
                    return 1000L << i;
                }
            }
            return 0;
        }
    }

    /** A new counter, or the one that this name and these labels already have. */
    public Counter counter(String name, String help, String... labels) {
        return meter(name, help, "counter", labels, Counter.class, new Counter());
    }

    /** A new histogram, or the one that this name and these labels already have. */
    public Histogram histogram(String name, String help, String... labels) {
        return meter(name, help, "histogram", labels, Histogram.class, new Histogram());
    }

    /** A value that is asked for whenever the metrics are read. It takes the place of an earlier one with this name and these labels. */
    public synchronized void gauge(String name, String help, DoubleSupplier value, String... labels) {
        Family family = families.get(name);
        if (family != null) {
            String text = labelText(labels);
            family.series.removeIf(s -> s.labels.equals(text));
        }
        meter(name, help, "gauge", labels, DoubleSupplier.class, value);
    }

    private synchronized <T> T meter(String name, String help, String type, String[] labels, Class<T> kind, T fresh) {
        Family family = families.computeIfAbsent(name, n -> new Family(help, type, new ArrayList<>()));
        Check.argument(family.type.equals(type), name + " is a " + family.type + ", not a " + type);
        String text = labelText(labels);
        for (Series s : family.series) {
            if (s.labels.equals(text)) {
                return kind.cast(s.meter);
            }
        }
        family.series.add(new Series(text, fresh));
        return fresh;
    }

    private static String labelText(String[] labels) {
        Check.argument(labels.length % 2 == 0, "labels come in pairs, not %d", labels.length);
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < labels.length; i += 2) {
            String value =
                    labels[i + 1].replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
            b.append(i == 0 ? "" : ",")
                    .append(labels[i])
                    .append("=\"")
                    .append(value)
                    .append('"');
        }
        return b.toString();
    }

    /** Writes everything in Prometheus' text format. */
    public synchronized void writePrometheus(Appendable out) {
        try {
            for (Map.Entry<String, Family> e : families.entrySet()) {
                String name = e.getKey();
                Family family = e.getValue();
                out.append("# HELP ")
                        .append(name)
                        .append(' ')
                        .append(family.help)
                        .append('\n');
                out.append("# TYPE ")
                        .append(name)
                        .append(' ')
                        .append(family.type)
                        .append('\n');
                for (Series s : family.series) {
                    switch (s.meter) {
                        case Counter c -> line(out, name, s.labels, Long.toString(c.value()));
                        case Histogram h -> histogram(out, name, s.labels, h);
                        case DoubleSupplier g -> line(out, name, s.labels, number(g.getAsDouble()));
                        default -> throw new IllegalStateException("meter " + s.meter.getClass());
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void histogram(Appendable out, String name, String labels, Histogram h) throws IOException {
        String before = labels.isEmpty() ? "" : labels + ",";
        long seen = 0;
        for (int i = 0; i < Histogram.BUCKETS; i++) {
            seen += h.buckets[i].sum();
            String bound = i == Histogram.BUCKETS - 1 ? "+Inf" : number((1L << i) / 1e6);
            line(out, name + "_bucket", before + "le=\"" + bound + "\"", Long.toString(seen));
        }
        line(out, name + "_sum", labels, number(h.sumNanos() / 1e9));
        line(out, name + "_count", labels, Long.toString(seen));
    }

    private static void line(Appendable out, String name, String labels, String value) throws IOException {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        out.append(' ').append(value).append('\n');
    }

    private static String number(double d) {
        return d == Math.rint(d) && Math.abs(d) < 1e15
                ? Long.toString((long) d)
                : String.format(Locale.ROOT, "%.9g", d);
    }
}
