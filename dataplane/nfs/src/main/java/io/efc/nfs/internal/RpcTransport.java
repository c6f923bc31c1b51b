package io.efc.nfs.internal;

import io.efc.base.Check;
import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Fence;
import io.efc.nfs.NfsConfig;
import io.efc.nfs.NfsException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls to one server over several connections. A call goes out on the connection with the fewest in flight; when its connection breaks it is sent
 * again, same xid and same bytes, on the next that is up: the caller waits and notices nothing. Whether that executes it twice is for the protocol
 * above to prevent (v4.1: slots; v3: the server's reply cache).
 *
 * <pre>{@code
 * RpcCall call = transport.begin(caller, program, version, procedure, op);
 * try {
 *     call.args().i32(...);
 *     transport.call(call);        // or send(), more calls, await()
 *     ... call.reply() ...
 * } finally {
 *     transport.end(call);
 * }
 * }</pre>
 *
 * <p>All methods may be used by many threads; a call by one.
 */
public final class RpcTransport implements AutoCloseable {
    /** Calls in flight over all connections; whoever comes next waits. A power of two: the xid's low bits are the call's index. */
    static final int CALLS_MAX = 256;

    private static final int INDEX_BITS = 8;

    /** A reply's head and metadata beside the bulk. */
    private static final int RECORD_OVERHEAD_BYTES = 1 << 20;

    /** How long an interrupted caller waits for a reply that has begun to arrive before it breaks the connection. */
    private static final long RECEIVING_NANOS_MAX = 1_000_000_000L;

    /** How often a call that waits looks whether it may go on. */
    private static final long FENCE_LOOK_NANOS = 100_000_000L;

    private final Connector connector;
    private final RpcMetrics metrics;
    private final long requestNanos;
    private volatile long softNanos;
    private final long softNanosMounted;
    private final Consumer<RpcConnection> opened;
    private final RpcConnection[] connections;

    /** Of the garbage collector, since a caller may still look at its call's buffers when the transport is closed under it. */
    private final Arena arena = Arena.ofAuto();

    private final @Nullable RpcCall[] calls = new RpcCall[CALLS_MAX];
    private final RpcCall[] free = new RpcCall[CALLS_MAX];
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition callFree = lock.newCondition();
    private final Condition connectionChanged = lock.newCondition();
    private int freeCount;
    private int made;
    private int sequence = ThreadLocalRandom.current().nextInt();
    private int turn;
    private Errno connectError = Errno.OK;
    private volatile boolean closed;

    /**
     * @param opened runs in a thread of its own whenever a connection came up, before others use it; its calls on it are {@link #pin pinned}. The
     *     connection is ready for everyone when it returns, and is broken if it throws
     */
    public RpcTransport(
            NfsConfig config, int port, int connections, RpcMetrics metrics, Consumer<RpcConnection> opened) {
        this.connector = new Connector(config.host(), port, config.reservedPort(), config.connectTimeout());
        this.metrics = metrics;
        this.requestNanos = config.requestTimeout().toNanos();
        this.softNanos = config.connectTimeout().toNanos();
        this.softNanosMounted = config.softTimeout().toNanos();
        this.opened = opened;
        this.connections = new RpcConnection[connections];
        int recordBytesMax = config.readBytesMax() + RECORD_OVERHEAD_BYTES;
        for (int i = 0; i < connections; i++) {
            this.connections[i] = new RpcConnection(this, i, arena, recordBytesMax);
        }
    }

    /**
     * Opens the connections and waits for the first.
     *
     * @throws NfsException ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH … if the server cannot be reached within {@code bound}; the transport is closed then
     */
    public void connect(Duration bound) {
        for (RpcConnection c : connections) {
            c.start();
        }
        long deadline = System.nanoTime() + bound.toNanos();
        try {
            waitForConnection(RpcConnection.OPEN, null, deadline);
        } catch (NfsException e) {
            close();
            throw e.errno() == Errno.ETIMEDOUT && connectError != Errno.OK ? connector.unreachable(connectError) : e;
        }
    }

    /** The mount is done: what was bounded by the connect timeout until now is bounded by the soft timeout, if at all. */
    public void mounted() {
        softNanos = softNanosMounted;
    }

    /** {@code host:port}. */
    public String name() {
        return connector.name();
    }

    public int connectionCount() {
        return connections.length;
    }

    /** The {@code i}th connection, from 0. */
    public RpcConnection connection(int i) {
        return connections[i];
    }

    /**
     * Takes a call from the pool, waiting if all are in use, and encodes its head. The calling thread owns it until {@link #end}.
     *
     * @throws NfsException EINTR if interrupted, ENOTCONN if the transport is closed
     */
    public RpcCall begin(Credentials caller, int program, int version, int procedure, RpcMetrics.Op op) {
        RpcCall call = take();
        call.reset();
        call.waiter = Thread.currentThread();
        call.op = op;
        call.fence = Fence.current();
        RpcMessage.putCall(call.args(), caller, program, version, procedure);
        return call;
    }

    private RpcCall take() {
        lock.lock();
        try {
            while (freeCount == 0 && made == CALLS_MAX) {
                checkOpen();
                callFree.await();
            }
            checkOpen();
            RpcCall call;
            if (freeCount > 0) {
                call = free[--freeCount];
            } else {
                call = new RpcCall(arena, made);
                calls[made++] = call;
            }
            call.xid = sequence++ << INDEX_BITS | call.index;
            return call;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NfsException(Errno.EINTR, "waiting for a call to end");
        } finally {
            lock.unlock();
        }
    }

    /** Has {@code call} use {@code connection} only, from the moment TCP is up; it fails with ECONNRESET if that breaks. */
    public void pin(RpcCall call, RpcConnection connection) {
        call.pinned = connection;
    }

    /** Has {@code call} use any connection on which TCP is up, whether ready for everyone or not. */
    public void useAnyConnection(RpcCall call) {
        call.anyConnection = true;
    }

    /** Sends a call and waits for its reply. */
    public void call(RpcCall call) {
        send(call);
        await(call);
    }

    /**
     * Sends a call, waiting for a connection if there is none.
     *
     * @throws NfsException EINTR, ENOTCONN (closed), ETIMEDOUT (soft mounts), ECONNRESET (pinned calls), EIO (its {@link Fence} does not hold)
     */
    public void send(RpcCall call) {
        RpcMetrics.Op op = call.op;
        if (!call.everSent && op != null) {
            op.requests.increment();
        }
        RpcConnection pinned = call.pinned;
        if (pinned != null) {
            if (!pinned.send(call, RpcConnection.OPEN)) {
                throw new NfsException(Errno.ECONNRESET, "connection " + pinned.number() + " to " + name());
            }
            return;
        }
        int least = call.anyConnection ? RpcConnection.OPEN : RpcConnection.READY;
        long soft = softNanos;
        long deadline = soft == 0 ? Long.MAX_VALUE : System.nanoTime() + soft;
        while (true) {
            checkOpen();
            checkFence(call);
            RpcConnection c = leastLoaded(least);
            if (c == null) {
                waitForConnection(least, call, deadline);
            } else if (c.send(call, least)) {
                return;
            }
        }
    }

    private @Nullable RpcConnection leastLoaded(int least) {
        RpcConnection best = null;
        int first = turn++ & Integer.MAX_VALUE;
        for (int i = 0; i < connections.length; i++) {
            RpcConnection c = connections[(first + i) % connections.length];
            if (c.state() >= least && (best == null || c.inFlight.get() < best.inFlight.get())) {
                best = c;
            }
        }
        return best;
    }

    /** @param call that waits; null: none yet */
    private void waitForConnection(int least, @Nullable RpcCall call, long deadlineNanos) {
        boolean interrupted = false;
        lock.lock();
        try {
            while (leastLoaded(least) == null) {
                checkOpen();
                long left = deadlineNanos == Long.MAX_VALUE ? requestNanos : deadlineNanos - System.nanoTime();
                if (left <= 0) {
                    throw new NfsException(Errno.ETIMEDOUT, "connecting to " + name());
                }
                if (call != null && call.fence != null) {
                    checkFence(call);
                    left = Math.min(left, FENCE_LOOK_NANOS);
                }
                try {
                    connectionChanged.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                    if (call == null || call.interruptible) {
                        throw new NfsException(Errno.EINTR, "waiting for a connection to " + name());
                    }
                }
            }
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Waits for the reply of a call that was sent, sending it again as often as its connection breaks.
     *
     * @throws NfsException EINTR or ETIMEDOUT: the call was given up and must not be used any more; EIO: the reply was malformed, or the call's {@link
     *     Fence} does not hold; ENOTCONN: closed
     */
    public void await(RpcCall call) {
        boolean interrupted = false;
        long soft = softNanos;
        long softDeadline = soft == 0 ? Long.MAX_VALUE : System.nanoTime() + soft;
        try {
            while (true) {
                int state = call.state();
                if (state == RpcCall.DONE) {
                    answered(call);
                    return;
                }
                if (state == RpcCall.FAILED) {
                    throw new NfsException(Errno.EIO, call.op().name() + ": " + call.failure);
                }
                if (state == RpcCall.LOST) {
                    resend(call);
                    continue;
                }
                if (Thread.interrupted()) {
                    interrupted = true;
                }
                if (interrupted && call.interruptible && abandon(call)) {
                    throw new NfsException(Errno.EINTR, call.op().name());
                }
                if (soft > 0 && System.nanoTime() - softDeadline > 0 && abandon(call)) {
                    throw new NfsException(Errno.ETIMEDOUT, call.op().name() + " to " + name());
                }
                park(call, soft, softDeadline);
                if (brokenOff(call)) {
                    throw fencedOff(call);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Gives up a call that is not answered and may not go on, with its connection; whether it did. */
    private boolean brokenOff(RpcCall call) {
        RpcConnection c = call.connection;
        boolean unanswered = call.state() == RpcCall.SENT || call.state() == RpcCall.RECEIVING;
        if (c == null || !unanswered || !call.isFencedOff() || !abandon(call)) {
            return false;
        }
        // What the socket still holds of it must not reach the server any more.
        c.reset("the right to go on with " + call.op().name() + " is over");
        return true;
    }

    private static void checkFence(RpcCall call) {
        if (call.isFencedOff()) {
            throw fencedOff(call);
        }
    }

    private static NfsException fencedOff(RpcCall call) {
        return new NfsException(Errno.EIO, call.op().name() + ": the right to change the file is over");
    }

    private void park(RpcCall call, long soft, long softDeadline) {
        long now = System.nanoTime();
        long left = call.sentNanos + requestNanos - now;
        if (left <= 0) {
            RpcConnection c = call.connection;
            if (c != null && call.state() == RpcCall.SENT) {
                c.kill("no answer to " + call.op().name() + " for " + requestNanos / 1_000_000 + " ms");
            }
            left = RECEIVING_NANOS_MAX;
        }
        if (soft > 0) {
            left = Math.min(left, Math.max(1, softDeadline - now));
        }
        if (call.fence != null) {
            left = Math.min(left, FENCE_LOOK_NANOS);
        }
        LockSupport.parkNanos(call, left);
    }

    private void answered(RpcCall call) {
        RpcMetrics.Op op = call.op();
        op.latency.record(System.nanoTime() - call.sentNanos);
        if (call.outcome() != RpcOutcome.SUCCESS) {
            op.error();
        }
    }

    private void resend(RpcCall call) {
        checkOpen();
        RpcConnection pinned = call.pinned;
        if (pinned != null) {
            throw new NfsException(Errno.ECONNRESET, "connection " + pinned.number() + " to " + name());
        }
        send(call);
    }

    /** Gives a call up; false if its reply came first or is about to: look again. */
    private boolean abandon(RpcCall call) {
        long since = System.nanoTime();
        while (true) {
            RpcConnection c = Objects.requireNonNull(call.connection);
            call.waiter = null;
            if (call.move(RpcCall.SENT, c, RpcCall.ABANDONED)) {
                return true;
            }
            call.waiter = Thread.currentThread();
            if (call.state() != RpcCall.RECEIVING) {
                return false;
            }
            if (System.nanoTime() - since > RECEIVING_NANOS_MAX) {
                c.kill("the server stopped within a reply, and its caller was interrupted");
                since = System.nanoTime();
            }
            LockSupport.parkNanos(call, RECEIVING_NANOS_MAX / 100);
        }
    }

    /** Whether the calling thread still owns a call that it began: it does not once {@link #await} gave it up. */
    boolean owns(RpcCall call) {
        return call.waiter == Thread.currentThread();
    }

    /** Gives a call back; what it replied is not to be used any more. Nothing if it was given up in {@link #await}. */
    public void end(RpcCall call) {
        if (!owns(call)) {
            return;
        }
        int state = call.state();
        RpcCall.Orphan orphan = call.orphan;
        if (state == RpcCall.LOST && orphan != null) {
            orphan.lost(call);
        }
        Check.state(state != RpcCall.SENT && state != RpcCall.RECEIVING, "a call in state %d cannot end", state);
        release(call);
    }

    private void release(RpcCall call) {
        call.waiter = null;
        call.connection = null;
        lock.lock();
        try {
            free[freeCount++] = call;
            callFree.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The call that a reply's xid names, or null. */
    @Nullable
    RpcCall inFlight(int xid) {
        RpcCall call = calls[xid & CALLS_MAX - 1];
        return call != null && call.xid == xid ? call : null;
    }

    /** Ends a call that its owner gave up, now that its reply is there. */
    void freeOrphan(RpcCall call, boolean answered) {
        RpcCall.Orphan orphan = call.orphan;
        if (orphan != null) {
            if (answered) {
                orphan.answered(call);
            } else {
                orphan.lost(call);
            }
        }
        call.setState(RpcCall.DONE);
        release(call);
    }

    /** {@code connection} broke: whoever waits for a call on it sends it again. */
    void lose(RpcConnection connection) {
        for (RpcCall call : calls) {
            if (call == null || call.connection != connection) {
                continue;
            }
            if (call.move(RpcCall.SENT, connection, RpcCall.LOST)) {
                LockSupport.unpark(call.waiter);
            } else if (call.state() == RpcCall.ABANDONED) {
                freeOrphan(call, false);
            }
        }
    }

    void opened(RpcConnection connection) {
        changed();
        Thread.ofPlatform().daemon().name("efc-nfs-open-" + connection.number()).start(() -> {
            try {
                opened.accept(connection);
                connection.ready();
            } catch (NfsException e) {
                connection.kill("setting it up: " + e.getMessage());
            }
        });
    }

    void connectFailed(Errno errno) {
        lock.lock();
        try {
            connectError = errno;
        } finally {
            lock.unlock();
        }
    }

    void changed() {
        lock.lock();
        try {
            connectionChanged.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits {@code nanos}, less if the transport is closed meanwhile. */
    void sleepUnlessClosed(long nanos) {
        long deadline = System.nanoTime() + nanos;
        lock.lock();
        try {
            long left = nanos;
            while (!closed && left > 0) {
                connectionChanged.awaitNanos(left);
                left = deadline - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    boolean closed() {
        return closed;
    }

    long requestNanos() {
        return requestNanos;
    }

    RpcMetrics metrics() {
        return metrics;
    }

    Connector connector() {
        return connector;
    }

    private void checkOpen() {
        if (closed) {
            throw new NfsException(Errno.ENOTCONN, name() + " is unmounted");
        }
    }

    /** Ends all connections; calls in flight fail with ENOTCONN. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            callFree.signalAll();
            connectionChanged.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        for (RpcConnection c : connections) {
            c.kill("closed");
            interrupted |= joined(c);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean joined(RpcConnection c) {
        boolean interrupted = false;
        while (true) {
            try {
                c.join();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }
}
