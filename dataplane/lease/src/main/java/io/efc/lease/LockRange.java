package io.efc.lease;

import io.efc.base.Check;
import org.jspecify.annotations.Nullable;

/**
 * A lock of fcntl(2) or flock(2), or the bytes of one to be given up or looked for.
 *
 * @param owner whose it is, a number that means something to its client only
 * @param flock flock's and fcntl's locks do not meet
 * @param start first byte
 * @param end last byte; {@link Long#MAX_VALUE}: to the end of the file, wherever that will be
 * @param pid the owner's process, for people
 */
public record LockRange(long owner, boolean flock, long start, long end, boolean exclusive, int pid) {
    public LockRange {
        Check.argument(start >= 0 && end >= start, "a lock of bytes %d to %d", start, end);
    }

    /** The whole file, as a range to be given up. */
    public static LockRange everything(long owner, boolean flock) {
        return new LockRange(owner, flock, 0, Long.MAX_VALUE, false, 0);
    }

    boolean overlaps(LockRange other) {
        return start <= other.end && other.start <= end;
    }

    /** Whether two owners may not have these at once. */
    boolean conflictsWith(LockRange other) {
        return flock == other.flock && (exclusive || other.exclusive) && overlaps(other);
    }

    LockRange between(long from, long to) {
        return new LockRange(owner, flock, from, to, exclusive, pid);
    }

    LockRange shared() {
        return new LockRange(owner, flock, start, end, false, pid);
    }

    /** Whether both are one lock: the other begins behind this one's last byte. */
    private boolean goesOnIn(LockRange next) {
        return end != Long.MAX_VALUE && end + 1 == next.start && exclusive == next.exclusive && pid == next.pid;
    }

    /** Both as one lock; null if they are not one. */
    @Nullable
    LockRange with(LockRange next) {
        return goesOnIn(next) ? new LockRange(owner, flock, start, next.end, exclusive, pid) : null;
    }
}
