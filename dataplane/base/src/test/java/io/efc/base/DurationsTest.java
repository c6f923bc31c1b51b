package io.efc.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DurationsTest {
    @Test
    void readsWhatPeopleWrite() {
        assertThat(Durations.parse("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(Durations.parse("30s")).isEqualTo(Duration.ofSeconds(30));
        assertThat(Durations.parse("1.5m")).isEqualTo(Duration.ofSeconds(90));
        assertThat(Durations.parse("1h30m")).isEqualTo(Duration.ofMinutes(90));
        assertThat(Durations.parse("0s")).isZero();
    }

    @Test
    void refusesWhatIsNone() {
        for (String wrong : List.of("", "5", "s", "5 s", "-1s", "1d", "1s x", "x1s", "1.2345s", "12345678901s")) {
            assertThatThrownBy(() -> Durations.parse(wrong))
                    .as(wrong)
                    .hasMessage("'" + wrong + "' is not a duration like 500ms, 30s, 5m, 1h30m");
        }
    }
}
