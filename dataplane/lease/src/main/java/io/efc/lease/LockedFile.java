package io.efc.lease;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The locks on one file, and who waits for some. */
final class LockedFile {
    /** Who has locks, over all sessions. */
    record Owner(long session, long owner, boolean flock) {}

    /** A lock that somebody has. */
    record Taken(Owner owner, LockRange range) {}

    final ObjectId id;
    final LinkedHashMap<Owner, OwnedRanges> held = new LinkedHashMap<>(2);
    final LinkedHashSet<LockWaiter> queue = new LinkedHashSet<>(0);

    LockedFile(ObjectId id) {
        this.id = id;
    }

    boolean isIdle() {
        return held.isEmpty() && queue.isEmpty();
    }

    OwnedRanges of(Owner owner) {
        return held.computeIfAbsent(owner, o -> new OwnedRanges());
    }

    /** The first lock that keeps {@code owner} from having {@code wanted}. */
    @Nullable
    LockRange conflict(Owner owner, LockRange wanted) {
        for (Map.Entry<Owner, OwnedRanges> other : held.entrySet()) {
            LockRange inTheWay =
                    other.getKey().equals(owner) ? null : other.getValue().conflict(wanted);
            if (inTheWay != null) {
                return inTheWay;
            }
        }
        return null;
    }

    /** All who keep {@code owner} from having {@code wanted}. */
    List<Owner> inTheWay(Owner owner, LockRange wanted) {
        List<Owner> all = new ArrayList<>();
        held.forEach((other, ranges) -> {
            if (!other.equals(owner) && ranges.conflict(wanted) != null) {
                all.add(other);
            }
        });
        return all;
    }

    /** Whether somebody who came before {@code waiter}, and does not wait for it, waits for what it may not have beside it. */
    boolean isBehind(LockWaiter waiter) {
        for (LockWaiter other : queue) {
            if (other == waiter) {
                return false;
            }
            if (!other.owner.equals(waiter.owner)
                    && other.range.conflictsWith(waiter.range)
                    && !holdsUp(waiter.owner, other)) {
                return true;
            }
        }
        return false;
    }

    private boolean holdsUp(Owner owner, LockWaiter other) {
        OwnedRanges own = held.get(owner);
        return own != null && own.conflict(other.range) != null;
    }
}
