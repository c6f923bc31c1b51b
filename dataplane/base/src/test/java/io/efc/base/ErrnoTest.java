package io.efc.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrnoTest {
    @ParameterizedTest
    @EnumSource(Errno.class)
    void isFoundByItsNumber(Errno errno) {
        assertThat(Errno.of(errno.code())).isSameAs(errno);
        assertThat(Errno.ofResult(-errno.code())).isSameAs(errno);
    }

    @Test
    void takesWhatItDoesNotKnowForAnIoError() {
        assertThat(Errno.of(4095)).isSameAs(Errno.EIO);
        assertThat(Errno.of(-3)).isSameAs(Errno.EIO);
        assertThat(Errno.ofResult(17)).isSameAs(Errno.OK);
    }
}
