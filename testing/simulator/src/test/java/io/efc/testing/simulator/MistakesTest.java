package io.efc.testing.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.lease.FlawedParts;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each mistake put into the protocol, or into the client around it, is found within 10 000 seeds; most are within ten. */
@Tag("slow")
class MistakesTest {
    private static final long SEEDS = 10_000;

    static Stream<FlawedParts> mistakes() {
        return FlawedParts.all().stream();
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void isFound(FlawedParts mistake) {
        long seed = 0;
        while (seed < SEEDS
                && Simulator.run(Plan.of(seed), mistake, new Tally(), false).violation() == null) {
            seed++;
        }
        assertThat(seed).as("seeds without finding %s", mistake).isLessThan(SEEDS);
    }
}
