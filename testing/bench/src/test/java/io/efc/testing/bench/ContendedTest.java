package io.efc.testing.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.testing.bench.Contended.Writer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContendedTest {
    private static final List<Writer> WRITERS = List.of(new Writer(2, 2, 0, 1), new Writer(1, 1, 0, 1));

    @Test
    void everyLineIsAccountedFor() {
        assertThat(Contended.faults(List.of("w0 0", "w1 0", "w0 1"), WRITERS)).isZero();
        assertThat(Contended.faults(List.of("w0 0", "w1 0"), WRITERS)).isEqualTo(1);
        assertThat(Contended.faults(List.of("w0 0", "w0 1"), WRITERS)).isEqualTo(1);
        assertThat(Contended.faults(List.of("w0 1", "w1 0", "w0 0"), WRITERS)).isEqualTo(1);
        assertThat(Contended.faults(List.of("w0 0", "w1 0", "w0 1", "w0 1"), WRITERS))
                .isEqualTo(1);
        assertThat(Contended.faults(List.of("w0 0", "w1 w0 1", "0"), WRITERS)).isEqualTo(2);
        assertThat(Contended.faults(List.of("w0 0", "w1 0", "w0 1", "w1 1"), WRITERS))
                .isEqualTo(1);
    }

    @Test
    void aWarmStatThatAsksAnybodyIsWrong() {
        assertThat(MetadataRow.none("x", 0, "lines").isWrong()).isFalse();
        assertThat(MetadataRow.none("x", 1, "lines").isWrong()).isTrue();
        MetadataRow row = new MetadataRow(
                new Row("stat", 2000, "ops/s", "ttl=1s", 1000),
                new MetadataRow.Cost(0, 0),
                new MetadataRow.Cost(1.5, 0),
                false);
        assertThat(row.json())
                .isEqualTo(
                        "{\"name\":\"stat\",\"value\":2000,\"unit\":\"ops/s\",\"reference\":\"ttl=1s\",\"referenceValue\":1000,\"ratio\":2.000,"
                                + "\"nasPerOperation\":0,\"masterPerOperation\":0,\"referenceNasPerOperation\":1.500,\"referenceMasterPerOperation\":0}");
        assertThat(row.line()).endsWith(" 0         0    1.5000         0");
    }
}
