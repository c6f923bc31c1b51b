package io.efc.master.internal;

/**
 * What commands change. Deterministic: no clock, no threads, no I/O, and the order of anything it returns or encodes depends on its content
 * only. Called by one thread at a time.
 */
public interface StateMachine {
    /** What a command did. */
    enum Outcome {
        /** The ring has a new epoch. */
        RING_CHANGED,
        /** Something else changed. */
        CHANGED,
        /** Nothing: it was so already, or is about somebody unknown. */
        UNCHANGED
    }

    Outcome apply(Command command);

    /** The whole state. */
    byte[] snapshot();

    /** Replaces the state by one that {@link #snapshot} gave. */
    void restore(byte[] snapshot);
}
