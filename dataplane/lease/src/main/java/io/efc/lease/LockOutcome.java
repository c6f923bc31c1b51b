package io.efc.lease;

/** How a request about a lock ended. */
public enum LockOutcome {
    /** It is so: locked, unlocked, or, if it was only looked for, nobody is in the way. */
    DONE,
    /** Another owner's lock is in the way. */
    CONFLICT,
    /** Waiting would never end: somebody who is waited for waits for this owner (EDEADLK). */
    DEADLOCK,
    /** There are too many locks, or too many that wait (ENOLCK). */
    FULL,
    /** It was cancelled before it was granted. */
    CANCELLED
}
