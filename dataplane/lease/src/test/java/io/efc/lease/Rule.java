package io.efc.lease;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.function.Consumer;

/** A rule of the protocol: it holds in a sound cluster, and its check notices the flaws that break it. */
final class Rule {
    private Rule() {}

    static void holds(Consumer<Cluster> rule, Flaw... brokenBy) {
        holds(LeaseConfig.defaults(), rule, brokenBy);
    }

    static void holds(LeaseConfig config, Consumer<Cluster> rule, Flaw... brokenBy) {
        rule.accept(new Cluster(config, Set.of()));
        for (Flaw flaw : brokenBy) {
            assertThatThrownBy(() -> rule.accept(new Cluster(config, Set.of(flaw))))
                    .as("with %s", flaw)
                    .isInstanceOf(AssertionError.class);
        }
    }
}
