package io.efc.testing.simulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for an order of a history's operations that respects real time and in which each has the result that it had: the search of Wing and Gong
 * ("Testing and verifying concurrent objects", 1993) with the memory of Lowe's just-in-time variant ("Testing for linearizability", 2017).
 *
 * <p>The history is walked through in time. A configuration is a state of the object and the set of operations under way that have taken effect in it;
 * when an operation is answered, only configurations survive in which it has taken effect. So the window of the search is what is under way at
 * once, however long the history.
 */
final class Linearizer {
    /** More configurations than that have never been seen with the programs that a plan has; beyond it the search would not end. */
    private static final int CONFIGURATIONS_MAX = 200_000;

    private record Configuration(long state, long done) {}

    private record Event(long time, boolean isAnswer, int operation) {}

    private final List<Operation> history;
    private final long[] slotOf;
    private final ArrayList<@Nullable Operation> slots = new ArrayList<>();

    private Linearizer(List<Operation> history) {
        this.history = history;
        this.slotOf = new long[history.size()];
    }

    /** The first operation whose answer no order explains, null if all can be explained. */
    static @Nullable Operation firstImpossible(long initial, List<Operation> history) {
        return new Linearizer(history).search(initial);
    }

    private @Nullable Operation search(long initial) {
        Set<Configuration> configurations = new HashSet<>();
        configurations.add(new Configuration(initial, 0));
        for (Event event : events()) {
            Operation operation = history.get(event.operation);
            if (!event.isAnswer) {
                int slot = slots.indexOf(null);
                if (slot < 0) {
                    slot = slots.size();
                    slots.add(operation);
                } else {
                    slots.set(slot, operation);
                }
                slotOf[event.operation] = slot;
                continue;
            }
            int slot = (int) slotOf[event.operation];
            configurations = answered(configurations, slot);
            slots.set(slot, null);
            if (configurations.isEmpty()) {
                return operation;
            }
        }
        return null;
    }

    private List<Event> events() {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < history.size(); i++) {
            events.add(new Event(history.get(i).invoked(), false, i));
            events.add(new Event(history.get(i).answered(), true, i));
        }
        events.sort(Comparator.comparingLong(Event::time).thenComparing(Event::isAnswer));
        return events;
    }

    /** Everything that the configurations can become until the operation in {@code slot} has taken effect. */
    private Set<Configuration> answered(Set<Configuration> from, int slot) {
        long wanted = 1L << slot;
        Set<Configuration> reached = new HashSet<>();
        Set<Configuration> seen = new HashSet<>(from);
        ArrayDeque<Configuration> todo = new ArrayDeque<>(from);
        while (!todo.isEmpty()) {
            Configuration c = todo.remove();
            if ((c.done & wanted) != 0) {
                reached.add(new Configuration(c.state, c.done & ~wanted));
                continue;
            }
            for (int i = 0; i < slots.size(); i++) {
                Operation next = slots.get(i);
                if (next == null || (c.done & 1L << i) != 0) {
                    continue;
                }
                long state = next.apply(c.state);
                if (state >= 0) {
                    Configuration then = new Configuration(state, c.done | 1L << i);
                    if (seen.add(then)) {
                        todo.add(then);
                    }
                }
            }
            if (seen.size() > CONFIGURATIONS_MAX) {
                throw new IllegalStateException(
                        "a history with " + slots.size() + " operations under way at once is beyond the search");
            }
        }
        return reached;
    }
}
