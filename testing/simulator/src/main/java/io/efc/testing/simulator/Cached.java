package io.efc.testing.simulator;

import io.efc.lease.ObjectId;
import org.jspecify.annotations.Nullable;

/** What a client knows of a file or of a directory's names, and what it has kept back. */
final class Cached {
    final ObjectId object;
    /** Which parts of {@link #state} are known: 1 for a file, a bit for each name. */
    long known;

    long state;
    /** Counts changes at their begin and end: what was asked before is not cached after. */
    int changes;
    /** Changes that may be on their way to the store. */
    int changing;
    /** Written and not yet flushed. */
    boolean isDirty;
    /** Counts writes; {@link #flushedWrites} of them are in the store. */
    long writes;

    long flushedWrites;

    @Nullable
    Call flush;
    /** What the store is known to have. */
    long base;

    boolean isBaseKnown;
    /** When the store was asked, for what is looked after from time to time. */
    long checkedNanos;

    Cached(ObjectId object) {
        this.object = object;
    }

    void know(long newState, long mask) {
        state = newState;
        known = mask;
    }

    void forget() {
        known = 0;
        isDirty = false;
        flush = null;
        isBaseKnown = false;
        flushedWrites = writes;
    }
}
