package io.efc.fuse.internal;

import io.efc.base.Errno;
import io.efc.base.Metrics;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Requests that may wait for another process without bound (SETLKW): each runs on a virtual thread with a copy of its message, so that
 * no reader thread is held. Their number is bounded.
 */
final class Waiters {
    /** Bounds memory (20 KiB each) and says how many processes may wait for locks of one mount. */
    static final int WAITERS_MAX = 1024;

    private final Dispatcher dispatcher;
    private final InFlight inFlight;
    private final Semaphore permits = new Semaphore(WAITERS_MAX);
    private final ConcurrentLinkedQueue<Exchange> idle = new ConcurrentLinkedQueue<>();
    private volatile boolean cancelled;

    Waiters(Dispatcher dispatcher, InFlight inFlight, Metrics metrics) {
        this.dispatcher = dispatcher;
        this.inFlight = inFlight;
        metrics.gauge(
                "efc_fuse_lock_waiters",
                "Lock requests that wait for another process.",
                () -> WAITERS_MAX - permits.availablePermits());
    }

    /** Serves the request elsewhere; false if there are too many already. */
    boolean start(Exchange request, long bytes, Operation operation) {
        if (!permits.tryAcquire()) {
            return false;
        }
        Exchange taken = idle.poll();
        Exchange x = taken == null ? new Exchange(Buffers.small()) : taken;
        x.copyFrom(request, bytes);
        x.parse(bytes);
        Thread.ofVirtual().name("fuse-wait-" + x.unique()).start(() -> run(x, operation));
        return true;
    }

    private void run(Exchange x, Operation operation) {
        inFlight.add(x);
        try {
            dispatcher.run(x, operation);
        } finally {
            inFlight.remove(x);
            idle.add(x);
            permits.release();
        }
    }

    /**
     * True for a wait that {@link #cancel} ended: it gets no reply, so that the kernel sends the request again to a successor, or drops it
     * with the connection.
     */
    boolean abandoned(Exchange x, Errno outcome) {
        return cancelled && outcome == Errno.EINTR;
    }

    /** Ends all waits without an answer; false if some still run after {@code nanos}. */
    boolean cancel(long nanos) throws InterruptedException {
        cancelled = true;
        long deadline = System.nanoTime() + nanos;
        do {
            inFlight.interruptAll();
            if (permits.tryAcquire(WAITERS_MAX, 10, TimeUnit.MILLISECONDS)) {
                permits.release(WAITERS_MAX);
                return true;
            }
        } while (System.nanoTime() - deadline < 0);
        return false;
    }
}
