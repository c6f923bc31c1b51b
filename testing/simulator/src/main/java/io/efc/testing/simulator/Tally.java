package io.efc.testing.simulator;

import io.efc.lease.LeaseEvent;
import java.util.EnumMap;
import java.util.Map;

/** How often what happened. One owner; sums are made with {@link #add}. */
final class Tally {
    private final EnumMap<Fault, Long> faults = new EnumMap<>(Fault.class);
    private final EnumMap<LeaseEvent, Long> events = new EnumMap<>(LeaseEvent.class);

    void count(Fault fault) {
        faults.merge(fault, 1L, Long::sum);
    }

    void count(LeaseEvent event) {
        events.merge(event, 1L, Long::sum);
    }

    void add(Tally other) {
        other.faults.forEach((k, v) -> faults.merge(k, v, Long::sum));
        other.events.forEach((k, v) -> events.merge(k, v, Long::sum));
    }

    /** Every fault, those that never happened too. */
    Map<Fault, Long> faults() {
        EnumMap<Fault, Long> all = new EnumMap<>(Fault.class);
        for (Fault fault : Fault.values()) {
            all.put(fault, faults.getOrDefault(fault, 0L));
        }
        return all;
    }

    /** Every transition that a sound cluster takes, those that never happened too; a refused claim is a violation and in no table. */
    Map<LeaseEvent, Long> transitions() {
        EnumMap<LeaseEvent, Long> all = new EnumMap<>(LeaseEvent.class);
        for (LeaseEvent event : LeaseEvent.values()) {
            all.put(event, events.getOrDefault(event, 0L));
        }
        all.remove(LeaseEvent.CLAIM_REFUSED);
        return all;
    }
}
