package io.efc.testing.support;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another process does. */
public final class Waiting {
    private static final long POLL_NANOS = 10_000_000;

    private Waiting() {}

    /**
     * Returns as soon as {@code condition} holds.
     *
     * @throws IllegalStateException if it does not within {@code limit}; the message says {@code what} was expected
     */
    public static void until(String what, Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("waited " + limit.toMillis() + " ms in vain until " + what);
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted while waiting until " + what);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
