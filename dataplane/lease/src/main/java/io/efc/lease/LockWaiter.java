package io.efc.lease;

/** A request about a lock that is not answered yet. */
final class LockWaiter {
    /** What is asked. */
    enum Kind {
        /** Which lock is in the way. */
        TEST,
        /** The lock now or never. */
        TRY,
        /** The lock when it is free. */
        WAIT
    }

    final MasterSession session;
    final long id;
    final ObjectId object;
    final LockRange range;
    final Kind kind;
    final LockedFile.Owner owner;
    /** When it began to wait. */
    long sinceNanos;

    LockWaiter(MasterSession session, long id, ObjectId object, LockRange range, Kind kind) {
        this.session = session;
        this.id = id;
        this.object = object;
        this.range = range;
        this.kind = kind;
        this.owner = new LockedFile.Owner(session.id, range.owner(), range.flock());
    }
}
