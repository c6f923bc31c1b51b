package io.efc.cli.internal;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The metrics of one process as its /metrics page shows them, in Prometheus' text format 0.0.4. */
final class Scrape {
    private static final int TIMEOUT_MILLIS = 2000;

    /** One line: the name, the labels as they are written, the value. */
    private record Sample(String name, String labels, double value) {}

    private final List<Sample> samples;

    private Scrape(List<Sample> samples) {
        this.samples = samples;
    }

    /** Reads 127.0.0.1:{@code port}. */
    static Scrape of(int port) throws IOException {
        return parse(get(port, "/metrics"));
    }

    /** The body of a page, whatever its status. */
    static String get(int port, String page) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + page).toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        try (var in = connection.getResponseCode() < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            connection.disconnect();
        }
    }

    static Scrape parse(String text) {
        List<Sample> samples = new ArrayList<>();
        for (String line : text.lines().toList()) {
            int space = line.lastIndexOf(' ');
            if (line.startsWith("#") || space < 0) {
                continue;
            }
            int brace = line.indexOf('{');
            String name = brace < 0 ? line.substring(0, space) : line.substring(0, brace);
            String labels = brace < 0 ? "" : line.substring(brace + 1, line.lastIndexOf('}'));
            samples.add(new Sample(name, labels, number(line.substring(space + 1))));
        }
        return new Scrape(samples);
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** The sum of all series of {@code name} that carry all of {@code labels}, each as {@code key="value"}; 0 if there is none. */
    double sum(String name, String... labels) {
        return samples.stream()
                .filter(s -> s.name.equals(name) && List.of(labels).stream().allMatch(s.labels::contains))
                .mapToDouble(Sample::value)
                .sum();
    }

    /** A histogram's cumulative counts by upper bound, all its series together; empty if there is none. */
    NavigableMap<Double, Double> buckets(String name) {
        NavigableMap<Double, Double> buckets = new TreeMap<>();
        for (Sample s : samples) {
            int at = s.labels.indexOf("le=\"");
            if (s.name.equals(name + "_bucket") && at >= 0) {
                String bound = s.labels.substring(at + 4, s.labels.indexOf('"', at + 4));
                buckets.merge(number(bound), s.value, Double::sum);
            }
        }
        return buckets;
    }

    /** Whether there is a series of that name. */
    boolean has(String name) {
        return samples.stream().anyMatch(s -> s.name.equals(name));
    }
}
