package io.efc.testing.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RowTest {
    @Test
    void jsonHasTheSixFields() {
        Row row = new Row("cold sequential read", 1234.5678, "MB/s", "libnfs", 1500);
        assertThat(Table.json(List.of(row)))
                .isEqualTo(
                        "[{\"name\":\"cold sequential read\",\"value\":1235,\"unit\":\"MB/s\",\"reference\":\"libnfs\","
                                + "\"referenceValue\":1500,\"ratio\":0.8230}]");
    }

    @Test
    void aRowWithoutReferenceHasNoRatio() {
        Row row = new Row("client RSS an inode", 219.4, "bytes", "", 0);
        assertThat(row.ratio()).isZero();
        assertThat(Table.line(row)).endsWith("219.4 bytes");
    }

    @Test
    void numbersKeepFourDigits() {
        assertThat(List.of(Row.number(0), Row.number(0.0012345), Row.number(12.3456), Row.number(123456)))
                .containsExactly("0", "0.001235", "12.35", "123456");
    }

    @Test
    void theMedianIsTheMiddle() {
        Sampled odd = new Sampled();
        for (double v : new double[] {9, 1, 5, 100, 3}) {
            odd.add(v);
        }
        assertThat(odd.median()).isEqualTo(5);
        odd.add(7);
        assertThat(odd.median()).isEqualTo(6);
        assertThatThrownBy(() -> new Sampled().median()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void wrongUsageIsCodeTwo() {
        assertThat(Main.run()).isEqualTo(2);
        assertThat(Main.run("slow")).isEqualTo(2);
        assertThat(Main.run("quick", "-o", "xml")).isEqualTo(2);
        assertThat(Main.run("quick", "--rows", "no such row")).isEqualTo(2);
        assertThat(Main.run("quick", "--size", "15Gx")).isEqualTo(2);
        assertThat(Main.run("quick", "--size", "1Mi")).isEqualTo(2);
        assertThat(Main.run("quick", "--list")).isZero();
    }
}
