package io.efc.fuse.internal;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.Wakeup;
import java.lang.System.Logger;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that read requests, {@code fuse-<n>}. Two at first; whenever the last one that waits for a request gets one, another is
 * started, up to one more than may serve at once. So there is always one that reads: what it may not serve it {@link Deferred defers},
 * and an INTERRUPT gets through although all others wait for a store. Threads stay until the end.
 *
 * <p>They end when the kernel says that the connection is gone, or when they are {@link #stop}ped between two requests.
 *
 * <p>No deferred request is forgotten: who adds one tries for a permit afterwards, and who gives a permit back looks into the queue
 * afterwards, so at least one of the two serves it.
 */
final class Readers {
    private static final Logger LOG = System.getLogger(Readers.class.getName());
    private static final int AT_FIRST = 2;
    private static final long WAKE_INTERVAL_MILLIS = 5;

    /** Why there are no more requests. */
    enum End {
        /** The kernel ended the connection. */
        CONNECTION,
        /** {@link #stop} was called. */
        STOPPED,
        /** The descriptor cannot be read. */
        FAILED
    }

    private final Dispatcher dispatcher;
    private final Device device;
    private final int dataMax;
    private final int max;
    private final Semaphore permits;
    private final List<Reader> started = new CopyOnWriteArrayList<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger alive = new AtomicInteger();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile End end = End.STOPPED;

    /** @param max how many requests are served at once */
    Readers(Dispatcher dispatcher, int dataMax, int max) {
        this.dispatcher = dispatcher;
        this.device = dispatcher.device();
        this.dataMax = dataMax;
        this.max = max + 1;
        this.permits = new Semaphore(max);
    }

    void start() {
        alive.incrementAndGet();
        for (int i = 0; i < Math.min(AT_FIRST, max); i++) {
            add();
        }
        ended();
    }

    /** Starts another thread unless there are enough. */
    private void add() {
        int n;
        do {
            n = count.get();
            if (n >= max || stopping) {
                return;
            }
        } while (!count.compareAndSet(n, n + 1));
        alive.incrementAndGet();
        waiting.incrementAndGet();
        Reader r = new Reader(n);
        started.add(r);
        r.thread.start();
    }

    private void ended() {
        if (alive.decrementAndGet() == 0) {
            ended.countDown();
        }
    }

    /** Threads that exist. */
    int count() {
        return count.get();
    }

    /** True once the kernel has ended the connection, or it cannot be read. */
    boolean connectionOver() {
        return end != End.STOPPED;
    }

    /** Waits until no thread reads any more; false if that takes longer than {@code nanos}. */
    boolean awaitEnd(long nanos) throws InterruptedException {
        return ended.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** Lets every thread finish the request it serves and read no other; false if some still serve one after {@code nanos}. */
    boolean stop(long nanos) throws InterruptedException {
        stopping = true;
        long deadline = System.nanoTime() + nanos;
        do {
            for (Reader r : started) {
                r.wake();
            }
            if (ended.await(WAKE_INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                return true;
            }
        } while (System.nanoTime() - deadline < 0);
        return false;
    }

    /** One thread, its buffers and its exchange. */
    private final class Reader implements Runnable {
        private final Thread thread;
        private volatile int tid;
        private volatile boolean inRead;

        Reader(int number) {
            thread = Thread.ofPlatform().name("fuse-" + number).daemon(true).unstarted(this);
        }

        @Override
        public void run() {
            try {
                tid = Libc.gettid();
                Buffers buffers = Buffers.map(dataMax);
                try {
                    read(buffers);
                } finally {
                    buffers.unmap();
                }
            } catch (RuntimeException | Error e) {
                LOG.log(Logger.Level.ERROR, "fuse: a reader ended", e);
            } finally {
                waiting.decrementAndGet();
                count.decrementAndGet();
                started.remove(this);
                ended();
            }
        }

        private void read(Buffers buffers) {
            Exchange x = new Exchange(buffers);
            dispatcher.inFlight().add(x);
            try {
                loop(x, buffers);
            } finally {
                dispatcher.inFlight().remove(x);
            }
        }

        private void loop(Exchange x, Buffers buffers) {
            while (true) {
                inRead = true;
                if (stopping) {
                    inRead = false;
                    return;
                }
                long n = device.read(buffers.request(), buffers.requestAt(), buffers.requestBytes());
                inRead = false;
                if (n > 0) {
                    if (waiting.decrementAndGet() == 0) {
                        add();
                    }
                    received(x, n);
                    waiting.incrementAndGet();
                } else if (endsReading(n)) {
                    return;
                }
            }
        }

        private void received(Exchange x, long bytes) {
            dispatcher.received(x);
            if (Dispatcher.isUrgent(x, bytes)) {
                dispatcher.serve(x, bytes);
            } else if (permits.tryAcquire()) {
                serve(x, bytes);
            } else if (!dispatcher.defer(x, bytes)) {
                permits.acquireUninterruptibly();
                serve(x, bytes);
            }
            serveDeferred(x);
        }

        private void serve(Exchange x, long bytes) {
            dispatcher.serve(x, bytes);
            permits.release();
        }

        private void serveDeferred(Exchange x) {
            Deferred deferred = dispatcher.deferred();
            while (!deferred.isEmpty() && !stopping && permits.tryAcquire()) {
                int bytes = deferred.poll(x);
                if (bytes > 0) {
                    serve(x, bytes);
                } else {
                    permits.release();
                }
            }
        }

        /**
         * EINTR is a wake-up, EAGAIN an empty queue, ENOENT a request that was interrupted before it was read. ENODEV says that the
         * connection is gone (unmounted or aborted), ECONNABORTED the same with ABORT_ERROR.
         */
        private boolean endsReading(long result) {
            Errno errno = Errno.ofResult(result);
            switch (errno) {
                case EINTR, EAGAIN, ENOENT -> {
                    return false;
                }
                case OK, ENODEV, ENOTCONN, ECONNABORTED -> connectionEnded(End.CONNECTION);
                default -> {
                    LOG.log(Logger.Level.ERROR, "fuse: reading requests failed: {0}", errno.text());
                    connectionEnded(End.FAILED);
                }
            }
            return true;
        }

        private void connectionEnded(End reason) {
            if (!stopping) {
                end = reason;
                stopping = true;
                dispatcher.inFlight().interruptAll();
            }
        }

        void wake() {
            if (inRead && tid != 0) {
                Check.state(Thread.currentThread() != thread, "a reader cannot stop the readers");
                Wakeup.wake(tid);
            }
        }
    }
}
