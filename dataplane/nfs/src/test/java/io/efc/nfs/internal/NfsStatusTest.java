package io.efc.nfs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Errno;
import org.junit.jupiter.api.Test;

class NfsStatusTest {
    @Test
    void everyStatusIsAnErrorExceptOk() {
        for (NfsStatus s : NfsStatus.values()) {
            assertThat(s.errno().isOk()).as(s.name()).isEqualTo(s == NfsStatus.OK);
            if (s != NfsStatus.UNKNOWN) {
                assertThat(NfsStatus.of(s.code())).isEqualTo(s);
            }
        }
        assertThat(NfsStatus.of(123_456)).isEqualTo(NfsStatus.UNKNOWN);
    }

    @Test
    void statusesThatUnixHasTooAreThatErrno() {
        assertThat(NfsStatus.NOENT.errno()).isEqualTo(Errno.ENOENT);
        assertThat(NfsStatus.NOTEMPTY.errno()).as("66 is not Linux's number").isEqualTo(Errno.ENOTEMPTY);
        assertThat(NfsStatus.STALE.errno()).isEqualTo(Errno.ESTALE);
        assertThat(NfsStatus.BADHANDLE.errno()).isEqualTo(Errno.ESTALE);
        assertThat(NfsStatus.DQUOT.errno()).isEqualTo(Errno.EDQUOT);
        assertThat(NfsStatus.SYMLINK.errno()).isEqualTo(Errno.ELOOP);
        assertThat(NfsStatus.NOXATTR.errno()).isEqualTo(Errno.ENODATA);
    }
}
