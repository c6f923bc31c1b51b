package io.efc.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "2Gi, 2147483648",
        "2GiB, 2147483648",
        "1.5Ki, 1536",
        "10G, 10000000000",
        "1k, 1000",
        "1K, 1000",
        "512Mi, 536870912",
        "1GB, 1000000000",
        "0.1Ki, 103",
        "7Ei, 8070450532247928832",
        " 3 , 3"
    })
    void readsQuantities(String text, long bytes) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"15Gx", "", "Gi", ".", "-1", "1..2", "1 Gi", "8Ei", "9e3", "1.2.3Gi", "KiB"})
    void refusesWithTheTextAndWhatIsAccepted(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("such as 2Gi");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1000, 1024, 1536, 1L << 31, 3L << 40, Long.MAX_VALUE})
    void writesWhatItReads(long bytes) {
        ByteSize size = new ByteSize(bytes);
        assertThat(ByteSize.parse(size.toString())).isEqualTo(size);
    }

    @Test
    void roundsOnlyForPeople() {
        assertThat(ByteSize.ofMiB(1536).toHuman()).isEqualTo("1.50GiB");
        assertThat(new ByteSize(1023).toHuman()).isEqualTo("1023B");
    }
}
