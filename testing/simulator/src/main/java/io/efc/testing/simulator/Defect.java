package io.efc.testing.simulator;

/** Mistakes that a client around the state machine could make; the model makes one on purpose to see it found. */
public enum Defect {
    /** Says that a lease is given up before what was kept back is flushed. */
    YIELDED_BEFORE_FLUSH,
    /** Says that a lease is given up while changes under it are on their way to the store. */
    CHANGES_NOT_AWAITED,
    /** Keeps a file's data when its lease is gone. */
    DATA_KEPT,
    /** Keeps present names when their lease is gone. */
    NAMES_KEPT,
    /** Keeps absent names when their lease is gone. */
    ABSENT_NAMES_KEPT,
    /** Serves what it has cached without asking whether the lease lives. */
    COVER_UNCHECKED,
    /** Caches what the store answered though the lease under which it asked is gone. */
    FILL_UNCHECKED,
    /** Sends changes to the store without asking whether it still may. */
    STORE_UNCHECKED,
    /** Begins a new session, which ends the old one, while changes under that are on their way to the store. */
    CLEARED_EARLY,
    /** Answers fsync before the store has. */
    SYNCED_EARLY,
    /** What is flushed has the version of what was there before, by which workers know it. */
    VERSION_KEPT,
    /** Never looks for changes from outside. */
    OUTSIDE_UNCHECKED
}
