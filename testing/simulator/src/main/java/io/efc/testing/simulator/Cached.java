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
    /** Names that those may have changed already: not served from the cache until they have landed. */
    long touched;
    /** Written and not yet flushed. */
    boolean isDirty;
    /** Counts writes; {@link #flushedWrites} of them are in the store. */
    long writes;

    long flushedWrites;

    @Nullable
    Call flush;
    /** What the store is known to have. */
    long base;
    /** Since when, in real time; 0: since it was asked. */
    long baseSince;

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

    /** The store has {@code value}. */
    void has(long value, long since) {
        base = value;
        baseSince = since;
        isBaseKnown = true;
    }

    /** One of the changes has landed, or never will. */
    void changed() {
        changing = Math.max(0, changing - 1);
        touched = changing == 0 ? 0 : touched;
    }

    /** None of the changes is on its way any more. */
    void drained() {
        changing = 0;
        touched = 0;
    }

    void forget() {
        known = 0;
        isDirty = false;
        flush = null;
        isBaseKnown = false;
        flushedWrites = writes;
    }
}
