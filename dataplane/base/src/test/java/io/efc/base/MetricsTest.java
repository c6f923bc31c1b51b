package io.efc.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MetricsTest {
    private final Metrics metrics = new Metrics();

    @Test
    void writesPrometheusText() {
        metrics.counter("efc_reads_total", "Reads.", "op", "re\"ad").add(3);
        metrics.gauge("efc_open_files", "Open files.", () -> 1.5);
        StringBuilder out = new StringBuilder();
        metrics.writePrometheus(out);
        assertThat(out.toString()).isEqualTo("""
                        # HELP efc_open_files Open files.
                        # TYPE efc_open_files gauge
                        efc_open_files 1.50000000
                        # HELP efc_reads_total Reads.
                        # TYPE efc_reads_total counter
                        efc_reads_total{op="re\\"ad"} 3
                        """);
    }

    @Test
    void givesTheSameMeterForTheSameLabels() {
        assertThat(metrics.counter("a_total", "A.", "x", "1")).isSameAs(metrics.counter("a_total", "A.", "x", "1"));
        assertThat(metrics.counter("a_total", "A.", "x", "2")).isNotSameAs(metrics.counter("a_total", "A.", "x", "1"));
        assertThatThrownBy(() -> metrics.histogram("a_total", "A."))
                .hasMessageContaining("a_total is a counter, not a histogram");
    }

    @Test
    void putsDurationsUnderTheNextPowerOfTwoOfMicroseconds() {
        Metrics.Histogram h = metrics.histogram("t_seconds", "T.");
        h.record(1_000);
        h.record(1_001);
        h.record(3_000_000);
        h.record(-5);
        assertThat(h.count()).isEqualTo(4);
        assertThat(h.quantileNanos(0.5)).isEqualTo(1_000);
        assertThat(h.quantileNanos(0.75)).isEqualTo(2_000);
        assertThat(h.quantileNanos(1)).isEqualTo(4_096_000);
        StringBuilder out = new StringBuilder();
        metrics.writePrometheus(out);
        assertThat(out).contains("t_seconds_bucket{le=\"+Inf\"} 4").contains("t_seconds_count 4");
    }
}
