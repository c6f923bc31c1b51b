package io.efc.testing.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MasterLoadTest {
    @Test
    void theFullLoadIsAMillionLeasesOfFiveThousandSessions() {
        assertThat(MasterBench.Load.FULL.leases()).isEqualTo(1_000_000);
        assertThat(MasterBench.Load.FULL.sessions()).isEqualTo(5_000);
        assertThat(MasterBench.Load.FULL.each()).isEqualTo(200);
    }

    @Test
    void refusesFilesSoManyThatTheDirectoryWouldBeLeasedInstead() {
        assertThatThrownBy(() -> new MasterBench.Load(10, 100, 1, 32, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 31");
    }

    @Test
    void refusesLeasesThatCannotBeSharedOutEvenly() {
        assertThatThrownBy(() -> new MasterBench.Load(3, 100, 1, 20, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("multiple");
    }

    @Test
    void theReferenceGivesEveryLeaseThatWasAskedFor() {
        assertThat(InProcess.grantsPerSecond(20, 100, 20)).isPositive();
    }
}
