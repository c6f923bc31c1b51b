package io.efc.testing.simulator;

import io.efc.lease.ObjectId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What programs asked and were answered, object by object, and what was found wrong on the way. */
final class History {
    private final Map<ObjectId, List<Operation>> operations = new LinkedHashMap<>();
    private @Nullable String violation;

    void add(ObjectId object, Operation operation) {
        operations.computeIfAbsent(object, o -> new ArrayList<>()).add(operation);
    }

    /** Something is wrong beyond doubt; the first finding counts. */
    void violated(String what) {
        if (violation == null) {
            violation = what;
        }
    }

    /** The first violation, null if there is none. */
    @Nullable
    String verdict() {
        if (violation != null) {
            return violation;
        }
        for (Map.Entry<ObjectId, List<Operation>> of : operations.entrySet()) {
            Operation impossible = Linearizer.firstImpossible(0, of.getValue());
            if (impossible != null) {
                return "not linearizable: " + of.getKey() + ": no order of the operations explains " + impossible;
            }
        }
        return null;
    }

    boolean isViolated() {
        return violation != null;
    }

    /** What was found on the way, without a search in the history. */
    @Nullable
    String finding() {
        return violation;
    }
}
