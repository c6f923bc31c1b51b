package io.efc.rpc;

import io.efc.base.Check;
import io.efc.base.Libc;
import io.efc.rpc.internal.FrameBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One call's place on a connection: room for the request's and the reply's body, made once and used again. Got from {@link RpcClient#begin},
 * executed once, read, closed; all by one thread.
 *
 * <p>States: the caller takes a call from IDLE to WAITING and sends; the connection's thread takes it to RECEIVING while bytes land in the
 * caller's memory, and to DONE. A caller that gives up takes it from WAITING to GIVEN_UP, and by closing it to ABANDONED; when the late reply
 * comes, the connection's thread takes GIVEN_UP to DRAINED, or gives an ABANDONED call back itself. A caller cannot give up while RECEIVING:
 * its memory is being written to.
 */
public final class Call implements AutoCloseable {
    /** Room for a request's body. */
    public static final int REQUEST_BODY_BYTES = Exchange.REQUEST_BODY_BYTES;

    static final int IDLE = 0;
    static final int WAITING = 1;
    static final int RECEIVING = 2;
    static final int DONE = 3;
    static final int GIVEN_UP = 4;
    static final int DRAINED = 5;
    static final int ABANDONED = 6;

    /** While RECEIVING the connection's own time-out ends the wait. */
    private static final long RECEIVING_PARK_NANOS = 50_000_000;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Call.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final RpcClient client;
    private final int index;
    private final FrameBuffer request = new FrameBuffer(REQUEST_BODY_BYTES);
    private final FrameBuffer replySmall = new FrameBuffer(Exchange.REPLY_BODY_BYTES);
    private FrameBuffer reply = replySmall;
    private @Nullable Thread waiter;
    private volatile long id;

    @SuppressWarnings("UnusedVariable")
    private volatile int state;

    private @Nullable MemorySegment to;
    private long toOffset;
    private int bulkMax;
    private int bulkLength;
    private int descriptor = -1;
    private Status status = Status.LOST;

    Call(RpcClient client, int index) {
        this.client = client;
        this.index = index;
        this.id = index;
    }

    /** Room for the request's body, {@value #REQUEST_BODY_BYTES} bytes. */
    public MemorySegment body() {
        return request.body();
    }

    /** Sends the first {@code bodyLength} bytes of {@link #body} and waits for a reply without bulk bytes. */
    public Status execute(int type, int bodyLength, long deadlineNanos) {
        return execute(type, bodyLength, null, 0, 0, deadlineNanos);
    }

    /**
     * Sends the request and waits for its reply, whose bulk bytes, {@code bulkMax} at most, go straight to {@code to}. Nothing is written to
     * {@code to} once this has returned.
     *
     * @param deadlineNanos on {@link System#nanoTime}'s clock; the server is told
     * @return the server's status, or {@link Status#LOST}, {@link Status#TIMED_OUT}, {@link Status#INTERRUPTED}
     */
    public Status execute(
            int type, int bodyLength, @Nullable MemorySegment to, long toOffset, int bulkMax, long deadlineNanos) {
        return execute(request, type, bodyLength, to, toOffset, bulkMax, deadlineNanos);
    }

    Status execute(
            FrameBuffer out,
            int type,
            int bodyLength,
            @Nullable MemorySegment to,
            long toOffset,
            int bulkMax,
            long deadlineNanos) {
        long started = System.nanoTime();
        long left = deadlineNanos - started;
        if (left <= 0) {
            return Status.TIMED_OUT;
        }
        this.to = to;
        this.toOffset = toOffset;
        this.bulkMax = bulkMax;
        this.bulkLength = 0;
        this.reply = replySmall;
        this.waiter = Thread.currentThread();
        long fresh = id + (1L << 8);
        this.id = fresh;
        int micros = (int) Math.min(0xffff_ffffL, Math.max(1, left / 1000));
        out.seal(type, 0, fresh, micros, 0, bodyLength, 0);
        if (!client.send(this, out, bodyLength, started)) {
            return Status.LOST;
        }
        return await(started, deadlineNanos);
    }

    private Status await(long started, long deadlineNanos) {
        boolean interrupted = false;
        Status given = null;
        while (state != DONE && given == null) {
            interrupted |= Thread.interrupted();
            long left = deadlineNanos - System.nanoTime();
            if ((interrupted || left <= 0) && STATE.compareAndSet(this, WAITING, GIVEN_UP)) {
                given = interrupted ? Status.INTERRUPTED : Status.TIMED_OUT;
            } else {
                LockSupport.parkNanos(this, state == WAITING ? left : RECEIVING_PARK_NANOS);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (given == Status.TIMED_OUT) {
            client.timedOut(started);
        }
        return given == null ? status : given;
    }

    /** The reply's body. */
    public MemorySegment replyBody() {
        return reply.body();
    }

    public int replyLength() {
        return reply.bodyLength();
    }

    /** A copy of the reply's body. */
    public byte[] replyBytes() {
        byte[] copy = new byte[replyLength()];
        MemorySegment.copy(reply.body(), ValueLayout.JAVA_BYTE, 0, copy, 0, copy.length);
        return copy;
    }

    /** Bulk bytes that arrived. */
    public int bulkLength() {
        return bulkLength;
    }

    /** The descriptor that came with the reply, now the caller's; -1 if there was none. */
    public int takeDescriptor() {
        int taken = descriptor;
        descriptor = -1;
        return taken;
    }

    /** Gives the place back, unless its reply is still awaited. */
    @Override
    public void close() {
        if (descriptor >= 0) {
            Libc.close(takeDescriptor());
        }
        to = null;
        waiter = null;
        if (STATE.compareAndSet(this, GIVEN_UP, ABANDONED)) {
            return;
        }
        int now = state;
        Check.state(now == DONE || now == DRAINED || now == IDLE, "a call is closed in state %d", now);
        state = IDLE;
        client.giveBack(this);
    }

    // The rest is called by the client, by whoever the state says.

    int index() {
        return index;
    }

    long id() {
        return id;
    }

    void setWaiting() {
        state = WAITING;
    }

    /** Back to IDLE before anything was sent. */
    void setIdle() {
        state = IDLE;
    }

    /** The connection's thread: takes the reply to the caller's memory; false if the caller has given up. */
    boolean startReceiving() {
        return STATE.compareAndSet(this, WAITING, RECEIVING);
    }

    /** Where the reply's body goes. */
    FrameBuffer replyBuffer(FrameBuffer header) {
        if (header.bodyLength() > replySmall.bodyCapacity()) {
            reply = new FrameBuffer(header.bodyLength());
        }
        reply.copyHeader(header);
        return reply;
    }

    @Nullable
    MemorySegment destination(int length) {
        return length <= bulkMax ? to : null;
    }

    long destinationOffset() {
        return toOffset;
    }

    void done(Status outcome, int bulk, int fd) {
        status = outcome;
        bulkLength = bulk;
        descriptor = fd;
        Thread t = waiter;
        state = DONE;
        LockSupport.unpark(t);
    }

    /** The connection is gone: ends the wait, or gives an abandoned place back. */
    void lost() {
        if (STATE.compareAndSet(this, WAITING, RECEIVING)) {
            done(Status.LOST, 0, -1);
        } else {
            reclaim();
        }
    }

    /** The reply to an abandoned call came, or never will. */
    void reclaim() {
        if (!STATE.compareAndSet(this, GIVEN_UP, DRAINED) && STATE.compareAndSet(this, ABANDONED, IDLE)) {
            client.giveBack(this);
        }
    }
}
