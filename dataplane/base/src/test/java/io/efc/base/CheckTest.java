package io.efc.base;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CheckTest {
    @Test
    void saysTheValuesThatBrokeAState() {
        assertThatThrownBy(() -> Check.state(false, "%d of %d", 3, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("3 of 2");
    }

    @Test
    void refusesRangesThatOverflow() {
        assertThatCode(() -> Check.range(3, 5, 8)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Check.range(Long.MAX_VALUE, 2, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Check.range(4, 5, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Check.range(-1, 1, 8)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
