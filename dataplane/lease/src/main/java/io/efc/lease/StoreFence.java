package io.efc.lease;

import io.efc.base.Check;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a store, or whatever stands before one, needs in order to refuse changes of a holder whose lease is long gone: the highest token seen
 * for each object. Reads show their token too, so that a change which arrives after the next holder's first read is refused.
 *
 * <p>It remembers a bounded number of objects. When the one raised longest ago is forgotten, every object that is not remembered takes its token for its own: a holder
 * may then be refused wrongly and has to acquire anew, but never let in wrongly. Not thread-safe.
 */
public final class StoreFence {
    private final int objectsMax;
    private final Set<Flaw> flaws;
    private final LinkedHashMap<ObjectId, Long> highest = new LinkedHashMap<>();
    private long floor;

    public StoreFence(int objectsMax) {
        this(objectsMax, Set.of());
    }

    StoreFence(int objectsMax, Set<Flaw> flaws) {
        Check.argument(objectsMax > 0, "a fence of %d objects remembers nothing", objectsMax);
        this.objectsMax = objectsMax;
        this.flaws = flaws;
    }

    /** A read of {@code object} under {@code token}: always let in. */
    public void read(ObjectId object, long token) {
        raise(object, token);
    }

    /** Whether a change of {@code object} under {@code token} is let in. */
    public boolean mayWrite(ObjectId object, long token) {
        if (token < highest(object) && !flaws.contains(Flaw.TOKEN_UNCHECKED)) {
            return false;
        }
        raise(object, token);
        return true;
    }

    private long highest(ObjectId object) {
        Long known = highest.get(object);
        return known == null ? floor : known;
    }

    private void raise(ObjectId object, long token) {
        if (token <= highest(object)) {
            return;
        }
        highest.putLast(object, token);
        if (highest.size() > objectsMax) {
            Map.Entry<ObjectId, Long> eldest = highest.pollFirstEntry();
            floor = Math.max(floor, eldest.getValue());
        }
    }
}
