package io.efc.base;

/** A monotonic clock, injected wherever time is read so that tests and the simulator can drive it. */
@FunctionalInterface
public interface Ticker {
    /** Nanoseconds from an arbitrary origin; never goes backwards; only differences mean anything. */
    long nanos();

    /** The machine's monotonic clock. */
    static Ticker system() {
        return System::nanoTime;
    }
}
