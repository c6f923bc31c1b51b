package io.efc.lease;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;

/** A session's locks as the master sees them. */
final class SessionLocks {
    /** Files on which it has locks, or had. */
    final LinkedHashSet<LockedFile> files = new LinkedHashSet<>(0);
    /** Requests that are not answered, by number. */
    final LinkedHashMap<Long, LockWaiter> waiters = new LinkedHashMap<>(0);
    /** Ranges held on all files. */
    int ranges;
}
