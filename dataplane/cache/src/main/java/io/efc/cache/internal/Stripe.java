package io.efc.cache.internal;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A lock for one part of the files and their blocks, and the pins that are waiting to be used again under it. */
final class Stripe {
    private static final int POOL_MAX = 32;

    final ReentrantLock lock = new ReentrantLock();
    private final @Nullable Pin[] pool = new Pin[POOL_MAX];
    private int pooled;

    Pin takePin() {
        if (pooled > 0) {
            Pin pin = pool[--pooled];
            pool[pooled] = null;
            if (pin != null) {
                return pin;
            }
        }
        return new Pin();
    }

    void recycle(Pin pin) {
        if (pooled < POOL_MAX) {
            pool[pooled++] = pin;
        }
    }
}
