package io.efc.nfs.internal;

import io.efc.base.Check;
import io.efc.base.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One call: its arguments, its way through the connections, its reply. Pooled by {@link RpcTransport}, so that a call costs no garbage.
 *
 * <p>Whoever began it owns it until {@link RpcTransport#end}: encodes {@link #args}, sends, waits, decodes {@link #reply}. In between it belongs to
 * {@link #state}:
 *
 * <pre>
 *   BUILDING → SENT → RECEIVING → DONE | FAILED
 *               │ ↖── send again ── LOST (its connection broke; the waiter sends it again)
 *               └→ ABANDONED → the reader thread frees it when the late reply or the connection's end is there
 * </pre>
 *
 * The reader thread writes to reply and sink in RECEIVING only, the owner gives the call up only from SENT: so nothing is written to the caller's
 * memory after the caller has gone.
 */
public final class RpcCall {
    /** Learns how a call that its owner gave up ended. Runs in a reader thread: quick, no waiting. */
    interface Orphan {
        /** The late reply is there to be decoded. */
        void answered(RpcCall call);

        /** Nobody will ever know whether the server executed it. */
        void lost(RpcCall call);
    }

    static final int BUILDING = 0;
    static final int SENT = 1;
    static final int RECEIVING = 2;
    static final int DONE = 3;
    static final int FAILED = 4;
    static final int LOST = 5;
    static final int ABANDONED = 6;

    /** The state's bits; the number of the connection that the call is on stands above them. */
    private static final int STATE_BITS = 4;

    private static final int STATE_MASK = (1 << STATE_BITS) - 1;

    /** Record marker before the message. */
    static final int MARKER_BYTES = 4;

    private static final int ARGS_BYTES = 1024;

    /** Names, targets, xattr values; bulk is never copied here. */
    private static final int ARGS_BYTES_MAX = 128 << 10;

    private static final int REPLY_BYTES = 4096;

    /** struct msghdr and three struct iovec. */
    private static final int MSGHDR_BYTES = 56;

    private static final int PARTS = 3;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(RpcCall.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final int index;
    final MemorySegment msghdr;
    private final Arena arena;
    private final XdrWriter args;
    private final XdrReader reply = new XdrReader();
    private MemorySegment replyBuffer;
    private long payloadAddress;
    private int payloadBytes;
    private int split;
    private long sinkAddress;
    private int sinkBytes;
    private @Nullable BulkLocator locator;
    private int bulkBytes;

    @SuppressWarnings("unused")
    private volatile int state;

    int xid;
    RpcMetrics.@Nullable Op op;
    volatile @Nullable Thread waiter;
    volatile @Nullable RpcConnection connection;

    @Nullable
    RpcConnection pinned;

    @Nullable
    Orphan orphan;

    @Nullable
    Object attachment;

    /** It is sent, and waited for, only while this holds; null: as long as it takes. */
    @Nullable
    BooleanSupplier fence;

    boolean anyConnection;
    boolean interruptible;
    boolean everSent;

    /** Its connection broke and it was sent again: the server may have executed it before. */
    boolean sentAgain;

    long sentNanos;
    volatile String failure = "";
    private RpcOutcome outcome = RpcOutcome.SUCCESS;

    RpcCall(Arena arena, int index) {
        this.arena = arena;
        this.index = index;
        this.args = new XdrWriter(arena, ARGS_BYTES, ARGS_BYTES_MAX);
        this.replyBuffer = arena.allocate(REPLY_BYTES, 8);
        this.msghdr = arena.allocate(MSGHDR_BYTES + PARTS * 16L, 8);
        msghdr.set(ValueLayout.ADDRESS, 16, msghdr.asSlice(MSGHDR_BYTES));
    }

    void reset() {
        args.reset(0);
        args.i32(0);
        payloadBytes = 0;
        split = 0;
        sinkBytes = 0;
        locator = null;
        bulkBytes = BulkLocator.NONE;
        pinned = null;
        orphan = null;
        attachment = null;
        fence = null;
        anyConnection = false;
        interruptible = true;
        everSent = false;
        sentAgain = false;
        failure = "";
        setState(BUILDING);
    }

    /** Where the arguments go, after the head that is already there. */
    public XdrWriter args() {
        return args;
    }

    /** Encodes a variable-length opaque whose bytes are sent from where they are; once a call. They must stay until the call has ended. */
    public void payload(MemorySegment from, long offset, int length) {
        Check.state(split == 0, "a call has one payload");
        payloadAddress = RawMemory.address(from, offset, length);
        payloadBytes = length;
        args.i32(length);
        split = args.position();
        args.zeroes(XdrWriter.padded(length) - length);
    }

    /** Has the bulk that {@code where} finds in the reply received straight to {@code to}; more than {@code length} bytes fail the call. */
    public void sink(MemorySegment to, long offset, int length, BulkLocator where) {
        sinkAddress = RawMemory.address(to, offset, length);
        sinkBytes = length;
        locator = where;
    }

    /** Makes room for a reply of {@code bytes}, head included, bulk excluded; by default there is room for {@value #REPLY_BYTES}. */
    public void replyBytesMax(int bytes) {
        if (bytes > replyBuffer.byteSize()) {
            replyBuffer = arena.allocate(Math.max(bytes, 2 * replyBuffer.byteSize()), 8);
        }
    }

    /** Whether it may be sent and waited for. */
    boolean isFencedOff() {
        BooleanSupplier f = fence;
        return f != null && !f.getAsBoolean();
    }

    /** An interrupt does not end the wait; the flag stays for whoever comes next. */
    public void uninterruptible() {
        interruptible = false;
    }

    /** What the RPC layer of the server said; after the wait. */
    public RpcOutcome outcome() {
        return outcome;
    }

    /** The results if the outcome is SUCCESS, with the bulk cut out. */
    public XdrReader reply() {
        return reply;
    }

    /** Bytes that went to the sink, {@link BulkLocator#NONE} if the reply had no bulk. */
    public int bulkBytes() {
        return bulkBytes;
    }

    /** The meters of this kind of call. */
    RpcMetrics.Op op() {
        return Objects.requireNonNull(op);
    }

    int state() {
        return (int) STATE.getVolatile(this) & STATE_MASK;
    }

    void setState(int s) {
        STATE.setVolatile(this, s);
    }

    /** SENT on {@code connection}. */
    void setSent(RpcConnection connection) {
        this.connection = connection;
        STATE.setVolatile(this, SENT | connection.number() << STATE_BITS);
    }

    /** From SENT or ABANDONED on {@code connection} to {@code to}; false if the call is not in that state, or on another connection by now. */
    boolean move(int from, RpcConnection on, int to) {
        int number = on.number() << STATE_BITS;
        return STATE.compareAndSet(this, from | number, to | number);
    }

    /** Writes marker and xid, and the parts of the message for sendmsg(2); the message's bytes with the marker. */
    int prepare() {
        int position = args.position();
        int total = position + payloadBytes;
        args.patch(0, 0x80000000 | total - MARKER_BYTES);
        args.patch(MARKER_BYTES, xid);
        long base = args.buffer().address();
        boolean whole = split == 0;
        part(0, base, whole ? position : split);
        part(1, payloadAddress, whole ? 0 : payloadBytes);
        part(2, base + split, whole ? 0 : position - split);
        msghdr.set(ValueLayout.JAVA_LONG, 24, whole ? 1 : PARTS);
        return total;
    }

    private void part(int i, long address, long bytes) {
        msghdr.set(ValueLayout.JAVA_LONG, MSGHDR_BYTES + 16L * i, address);
        msghdr.set(ValueLayout.JAVA_LONG, MSGHDR_BYTES + 16L * i + 8, bytes);
    }

    /** Passes over {@code sent} bytes of the parts. */
    void advance(long sent) {
        long left = sent;
        for (int i = 0; i < PARTS && left > 0; i++) {
            long at = MSGHDR_BYTES + 16L * i;
            long n = Math.min(left, msghdr.get(ValueLayout.JAVA_LONG, at + 8));
            part(i, msghdr.get(ValueLayout.JAVA_LONG, at) + n, msghdr.get(ValueLayout.JAVA_LONG, at + 8) - n);
            left -= n;
        }
    }

    /**
     * Takes the record's rest from {@code records}, whose xid and message type were read before. Runs in the reader thread while the state is RECEIVING.
     *
     * @param late nobody waits: the sink is not touched
     * @throws XdrException if the reply is malformed or too large; the record may not be read to its end then
     */
    void receive(RecordReader records, boolean late) {
        int head = 0;
        int limit = (int) replyBuffer.byteSize();
        BulkLocator where = locator;
        bulkBytes = BulkLocator.NONE;
        if (where != null) {
            head = records.read(replyBuffer, 0, Math.min(limit, BulkLocator.HEAD_BYTES));
            reply.wrap(replyBuffer, 0, head);
            if (RpcMessage.acceptReply(reply) == RpcOutcome.SUCCESS) {
                int n = where.locate(reply);
                if (n >= 0) {
                    head = receiveBulk(records, head, n, late);
                    bulkBytes = n;
                }
            }
        }
        int end = head + records.read(replyBuffer, head, limit - head);
        if (records.more()) {
            throw new XdrException("a reply of more than " + limit + " bytes");
        }
        outcome = RpcMessage.acceptReply(reply.wrap(replyBuffer, 0, end));
    }

    /** Moves the bulk's first part, which came with the head, to the sink, receives the rest there, and closes the gap; the head's new end. */
    private int receiveBulk(RecordReader records, int head, int n, boolean late) {
        if (n > sinkBytes) {
            throw new XdrException("data of " + n + " bytes, asked for " + sinkBytes);
        }
        int at = reply.position();
        int staged = Math.min(n, head - at);
        if (late) {
            skip(records, n - staged);
        } else {
            RawMemory.copyTo(replyBuffer, at, sinkAddress, staged);
            if (records.read(sinkAddress + staged, n - staged) < n - staged) {
                throw new XdrException("the reply ends within its data");
            }
        }
        int pad = XdrWriter.padded(n) - n;
        int padStaged = Math.min(pad, head - at - staged);
        int rest = at + staged + padStaged;
        MemorySegment.copy(replyBuffer, rest, replyBuffer, at, head - rest);
        int end = at + head - rest;
        skip(records, pad - padStaged);
        return end;
    }

    /** Reads {@code n} bytes over the buffer's free end and forgets them. */
    private void skip(RecordReader records, int n) {
        int left = n;
        int room = (int) replyBuffer.byteSize() - BulkLocator.HEAD_BYTES;
        while (left > 0) {
            int got = records.read(replyBuffer, BulkLocator.HEAD_BYTES, Math.min(left, room));
            if (got == 0) {
                throw new XdrException("the reply ends within its data");
            }
            left -= got;
        }
    }
}
