package io.efc.lease;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The locks of one owner on one file, as POSIX has them: in order, disjoint, and one where two of the same kind meet. */
final class OwnedRanges {
    private List<LockRange> ranges = new ArrayList<>(1);

    List<LockRange> all() {
        return ranges;
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    int size() {
        return ranges.size();
    }

    /** Takes the place of what the owner has there. */
    void put(LockRange range) {
        List<LockRange> next = new ArrayList<>(ranges.size() + 2);
        boolean placed = false;
        for (LockRange r : ranges) {
            if (r.overlaps(range)) {
                if (r.start() < range.start()) {
                    add(next, r.between(r.start(), range.start() - 1));
                }
                if (r.end() > range.end()) {
                    add(next, range);
                    placed = true;
                    add(next, r.between(range.end() + 1, r.end()));
                }
                continue;
            }
            if (!placed && r.start() > range.end()) {
                add(next, range);
                placed = true;
            }
            add(next, r);
        }
        if (!placed) {
            add(next, range);
        }
        ranges = next;
    }

    private static void add(List<LockRange> to, LockRange range) {
        LockRange whole = to.isEmpty() ? null : to.getLast().with(range);
        if (whole == null) {
            to.add(range);
        } else {
            to.set(to.size() - 1, whole);
        }
    }

    /** Gives up what there is between the range's ends; false if that is nothing. */
    boolean remove(LockRange range) {
        if (!overlaps(range)) {
            return false;
        }
        List<LockRange> left = new ArrayList<>(ranges.size() + 1);
        for (LockRange r : ranges) {
            if (!r.overlaps(range)) {
                left.add(r);
                continue;
            }
            if (r.start() < range.start()) {
                left.add(r.between(r.start(), range.start() - 1));
            }
            if (r.end() > range.end()) {
                left.add(r.between(range.end() + 1, r.end()));
            }
        }
        ranges = left;
        return true;
    }

    /** Makes what is exclusive between the range's ends shared; false if that is nothing. */
    boolean weaken(LockRange range) {
        boolean any = false;
        for (LockRange r : List.copyOf(ranges)) {
            if (r.exclusive() && r.overlaps(range)) {
                put(r.between(Math.max(r.start(), range.start()), Math.min(r.end(), range.end()))
                        .shared());
                any = true;
            }
        }
        return any;
    }

    /** Whether giving up the range leaves more pieces than there are. */
    boolean splits(LockRange range) {
        return ranges.stream().anyMatch(r -> r.start() < range.start() && r.end() > range.end());
    }

    boolean overlaps(LockRange range) {
        return ranges.stream().anyMatch(range::overlaps);
    }

    /** Whether the owner has all of the range, exclusively if the range says so. */
    boolean covers(LockRange range) {
        long from = range.start();
        for (LockRange r : ranges) {
            if (r.start() > from) {
                return false;
            }
            if (r.end() >= from) {
                if (range.exclusive() && !r.exclusive()) {
                    return false;
                }
                if (r.end() >= range.end()) {
                    return true;
                }
                from = r.end() + 1;
            }
        }
        return false;
    }

    /** The first that keeps another owner from having {@code wanted}. */
    @Nullable
    LockRange conflict(LockRange wanted) {
        for (LockRange r : ranges) {
            if (r.conflictsWith(wanted)) {
                return r;
            }
        }
        return null;
    }
}
