package io.efc.client.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The byte-range locks that programs of this mount have on one file, fcntl's and flock's apart: what POSIX says of splitting and merging
 * ranges, and who waits for whom within this client. Guarded by itself.
 */
final class LockTable {
    /** A lock; {@code end} is inclusive. */
    record Range(long owner, boolean flock, long start, long end, boolean exclusive, int pid) {
        boolean overlaps(long from, long to) {
            return start <= to && from <= end;
        }

        boolean conflicts(Range other) {
            return flock == other.flock
                    && owner != other.owner
                    && (exclusive || other.exclusive)
                    && overlaps(other.start, other.end);
        }
    }

    private List<Range> ranges = new ArrayList<>();

    /** A lock that stands in the way of {@code wanted}, or null. */
    synchronized @Nullable Range conflict(Range wanted) {
        for (Range r : ranges) {
            if (r.conflicts(wanted)) {
                return r;
            }
        }
        return null;
    }

    /** Takes {@code wanted}, replacing what its owner has there; false if another's lock is in the way. */
    synchronized boolean take(Range wanted) {
        if (conflict(wanted) != null) {
            return false;
        }
        boolean weaker = remove(wanted.owner, wanted.flock, wanted.start, wanted.end);
        ranges.add(wanted);
        if (weaker) {
            notifyAll();
        }
        return true;
    }

    /** Waits until something was given up, at most {@code millis}. */
    synchronized void await(Range wanted, long millis) throws InterruptedException {
        if (conflict(wanted) != null) {
            TimeUnit.MILLISECONDS.timedWait(this, millis);
        }
    }

    /** Gives up what {@code owner} has between {@code start} and {@code end}; true if that was anything. */
    synchronized boolean release(long owner, boolean flock, long start, long end) {
        boolean any = remove(owner, flock, start, end);
        if (any) {
            notifyAll();
        }
        return any;
    }

    /** True if {@code owner} has anything between {@code start} and {@code end}. */
    synchronized boolean holds(long owner, boolean flock, long start, long end) {
        return ranges.stream().anyMatch(r -> r.owner == owner && r.flock == flock && r.overlaps(start, end));
    }

    private boolean remove(long owner, boolean flock, long start, long end) {
        boolean any = false;
        List<Range> left = new ArrayList<>(ranges.size() + 1);
        for (Range r : ranges) {
            if (r.owner != owner || r.flock != flock || !r.overlaps(start, end)) {
                left.add(r);
                continue;
            }
            any = true;
            if (r.start < start) {
                left.add(new Range(owner, flock, r.start, start - 1, r.exclusive, r.pid));
            }
            if (r.end > end) {
                left.add(new Range(owner, flock, end + 1, r.end, r.exclusive, r.pid));
            }
        }
        ranges = left;
        return any;
    }

    /** What {@code owner} has: to be put back with {@link #restore}. */
    synchronized List<Range> of(long owner, boolean flock) {
        List<Range> found = new ArrayList<>();
        for (Range r : ranges) {
            if (r.owner == owner && r.flock == flock) {
                found.add(r);
            }
        }
        return found;
    }

    /** Makes {@code owner}'s locks {@code former} again. */
    synchronized void restore(long owner, boolean flock, List<Range> former) {
        remove(owner, flock, 0, Long.MAX_VALUE);
        ranges.addAll(former);
        notifyAll();
    }

    synchronized boolean isEmpty() {
        return ranges.isEmpty();
    }
}
