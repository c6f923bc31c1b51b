package io.efc.lease;

import io.efc.base.Metrics;
import io.efc.base.Metrics.Counter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Objects;

/** A counter for each {@link LeaseEvent}: one metric, labelled {@code event} with the event's name in lower case. Any thread. */
public final class LeaseEventCounters {
    private final EnumMap<LeaseEvent, Counter> counters = new EnumMap<>(LeaseEvent.class);

    public LeaseEventCounters(Metrics metrics, String name, String help) {
        for (LeaseEvent e : LeaseEvent.values()) {
            counters.put(e, metrics.counter(name, help, "event", e.name().toLowerCase(Locale.ROOT)));
        }
    }

    public void count(LeaseEvent event) {
        Objects.requireNonNull(counters.get(event)).increment();
    }
}
