package io.efc.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.lease.LeaseConfig.Limits;
import io.efc.lease.LeaseConfig.LockLimits;
import io.efc.lease.LeaseConfig.Times;
import org.junit.jupiter.api.Test;

class LeaseConfigTest {
    private static final long SECOND = 1_000_000_000;
    private static final LockLimits LOCKS = LockLimits.defaults();

    @Test
    void hasTheDocumentedDefaults() {
        assertThat(Times.defaults())
                .isEqualTo(new Times(
                        10 * SECOND, 1_000, 2 * SECOND, 5 * SECOND, 5 * SECOND, 3 * SECOND, SECOND, SECOND / 2));
        assertThat(Limits.defaults())
                .isEqualTo(new Limits(10_000, 2_000_000, 200_000, 100_000, 64, 32, 65_536, 65_536, 16, LOCKS));
        assertThat(LOCKS).isEqualTo(new LockLimits(500_000, 50_000, 100_000, 2_048));
        assertThat(LeaseConfig.defaults().readOnlyDatasets()).isEmpty();
    }

    @Test
    void roundsTheDriftUpSoThatNoNanosecondIsLost() {
        Times times = Times.defaults();
        assertThat(times.lengthened(10 * SECOND)).isEqualTo(10_010_000_000L);
        assertThat(times.shortened(10 * SECOND)).isEqualTo(9_990_000_000L);
        assertThat(times.lengthened(1)).isEqualTo(1_001);
        assertThat(times.lengthened(0)).isZero();
    }

    @Test
    void refusesTimesUnderWhichTheProofFails() {
        assertThatThrownBy(() -> new Times(SECOND, 0, SECOND / 4 + 1, 1, SECOND, 1, 1, 1))
                .hasMessageContaining("the store's 250000001 ns are more than a quarter");
        assertThatThrownBy(() -> new Times(SECOND, 200_001, 0, 1, SECOND, 1, 1, 1))
                .hasMessageContaining("200001 ppm");
        assertThatThrownBy(() -> new Times(SECOND, 0, 0, 1, SECOND + 1, 1, 1, 1))
                .hasMessageContaining("a ticket of 1000000001 ns");
        assertThatThrownBy(() -> new Times(SECOND, 0, 0, 1, SECOND, 1, SECOND / 4 + 1, 1))
                .hasMessageContaining("less than four");
        assertThat(new Times(SECOND, 0, SECOND / 16, 1, SECOND / 2, 1, SECOND * 3 / 16, 1))
                .isNotNull();
        assertThatThrownBy(() -> new Times(SECOND, 0, SECOND / 16 + 1, 1, SECOND / 2, 1, SECOND * 3 / 16, 1))
                .as("a ticket for reading only")
                .hasMessageContaining("lets changes through for 437499999 ns, less than the 437500000 ns");
        assertThatThrownBy(() -> new Times(0, 0, 0, 1, 0, 1, 1, 1)).hasMessageContaining("not positive");
    }

    @Test
    void refusesLimitsOfNothing() {
        assertThatThrownBy(() -> new Limits(1, 0, 1, 1, 1, 1, 1, 1, 0, LOCKS)).hasMessageContaining("leasesMax is 0");
        assertThatThrownBy(() -> new Limits(1, 1, 1, 1, 1, 1, 1, 1, 25, LOCKS)).hasMessageContaining("slotsLog2 is 25");
        assertThatThrownBy(() -> new LockLimits(1, 1, 0, 1)).hasMessageContaining("waitersMax is 0");
    }
}
