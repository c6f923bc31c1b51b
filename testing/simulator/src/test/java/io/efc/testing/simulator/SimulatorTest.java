package io.efc.testing.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.lease.FlawedParts;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The protocol survives what the simulator does to it, and the simulator does what it says. */
class SimulatorTest {
    @Test
    void noSeedOfTwoThousandViolatesAnything() {
        Campaign.Report report = new Campaign(0, 2_000, 2).run(done -> {});
        assertThat(report.failures()).as("failing seeds").isEmpty();
        assertThat(report.seeds()).isEqualTo(2_000);
    }

    @Test
    @Tag("slow")
    void everyFaultAndEveryTransitionIsExercised() {
        Campaign.Report report = new Campaign(100_000, 10_000, 2).run(done -> {});
        assertThat(report.failures()).as("failing seeds").isEmpty();
        assertThat(report.faults().values()).as(report.faults().toString()).doesNotContain(0L);
        assertThat(report.transitions().values())
                .as(report.transitions().toString())
                .doesNotContain(0L);
    }

    @Test
    void aSeedReplaysByteForByte() {
        for (long seed = 0; seed < 50; seed++) {
            Outcome first = Simulator.replay(seed);
            Outcome second = Simulator.replay(seed);
            assertThat(second.trace()).isNotEmpty().isEqualTo(first.trace());
            assertThat(second.hash()).isEqualTo(first.hash());
            assertThat(Simulator.run(Plan.of(seed), Parts.SOUND, new Tally(), false)
                            .hash())
                    .as("without text")
                    .isEqualTo(first.hash());
        }
    }

    @Test
    void aFailingPlanIsShrunkAndStillFails() {
        FlawedParts flawed = FlawedParts.all().stream()
                .filter(p -> p.toString().equals("[RECALL_NOT_SENT]"))
                .findFirst()
                .orElseThrow();
        Plan plan = Plan.of(0);
        assertThat(Simulator.run(plan, flawed, new Tally(), false).violation()).isNotNull();
        Plan small = Shrinker.shrink(plan, flawed);
        assertThat(Shrinker.size(small)).isLessThan(Shrinker.size(plan)).isLessThanOrEqualTo(6);
        Outcome outcome = Simulator.run(small, flawed, new Tally(), true);
        assertThat(outcome.violation()).isNotNull();
        assertThat(outcome.trace()).contains("Granted");
    }

    @Test
    void aStoppedCampaignReportsWhatWasDone() {
        Campaign campaign = new Campaign(0, Campaign.SEEDS_MAX, 1);
        Campaign.Report report = campaign.run(done -> {
            if (done == 5) {
                campaign.stop();
            }
        });
        assertThat(report.seeds()).isEqualTo(5);
        assertThat(report.steps()).isPositive();
    }

    @Test
    void theTablesNameEveryFault() {
        Map<String, Long> faults = new Campaign(0, 1, 1).run(done -> {}).faults();
        assertThat(faults).hasSize(Fault.values().length);
    }
}
