package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsException;
import java.lang.foreign.Arena;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One COMPOUND (RFC 8881 section 16.2): operations are encoded one after the other, sent together, and their results decoded in the same order. It
 * belongs to a slot of a session and is used again and again; without a session it serves the operations that make one.
 *
 * <p>Owned by the thread that began it until {@link #end}. If that thread is interrupted the compound stays with its slot until the late reply is
 * there, and {@link #end} does nothing.
 */
final class Nfs4Compound implements RpcCall.Orphan {
    /** Undoes what a request did whose caller had gone when the reply came. */
    interface LateReply {
        /** Decodes a successful reply, in a reader thread; the task, to be run elsewhere, may wait. */
        @Nullable
        Runnable undo(Nfs4Compound late);
    }

    private static final byte[] NO_TAG = {};
    private static final XdrWriter NONE = new XdrWriter(Arena.global(), 64, 64);
    private static final int TAG_BYTES_MAX = 1024;
    private static final int OPERATIONS_MAX = 64;

    private final RpcTransport transport;
    private final Nfs4Lease lease;
    private final @Nullable Nfs4Session session;
    final int slot;
    private int sequence;
    private int sent;
    private boolean settled;

    /** The request only asks what became of the slot's last one; DELAY: the server is still at it. */
    private boolean probing;

    private @Nullable RpcCall call;
    private @Nullable LateReply late;
    private XdrWriter w = NONE;
    private int countAt;
    private int count;
    private int status;
    private int resultsLeft;

    Nfs4Compound(RpcTransport transport, Nfs4Lease lease, @Nullable Nfs4Session session, int slot) {
        this.transport = transport;
        this.lease = lease;
        this.session = session;
        this.slot = slot;
    }

    /** Begins a request; with a session the SEQUENCE is there already. */
    Nfs4Compound begin(Credentials caller, Nfs4Request request) {
        RpcCall c = transport.begin(caller, Nfs4.PROGRAM, Nfs4.VERSION, Nfs4.COMPOUND, lease.meter(request));
        call = c;
        late = null;
        settled = false;
        probing = request == Nfs4Request.PROBE;
        status = 0;
        w = c.args();
        w.opaque(NO_TAG);
        w.i32(lease.minorVersion());
        countAt = w.position();
        count = 0;
        w.i32(0);
        if (session != null) {
            c.orphan = this;
            sent = sequence + 1;
            op(Nfs4.OP_SEQUENCE);
            w.opaqueFixed(session.id());
            w.i32(sent);
            w.i32(slot);
            w.i32(session.highestSlotInUse());
            w.bool(request.cached());
        }
        return this;
    }

    /** The session it runs in. */
    Nfs4Session session() {
        return Objects.requireNonNull(session);
    }

    /** The request on the wire. */
    RpcCall call() {
        return Objects.requireNonNull(call);
    }

    /** Where the next operation's arguments go. */
    XdrWriter args() {
        return w;
    }

    XdrReader results() {
        return call().reply();
    }

    /** The status of the last operation that the server executed. */
    NfsStatus status() {
        return NfsStatus.of(status);
    }

    /** Has {@code handler} see to what the server did if the caller is interrupted and the reply comes late. */
    void ifLate(LateReply handler) {
        late = handler;
    }

    /** Begins an operation; its arguments follow. */
    XdrWriter op(int operation) {
        w.i32(operation);
        count++;
        return w;
    }

    Nfs4Compound putFh(byte[] handle) {
        op(Nfs4.OP_PUTFH).opaque(handle);
        return this;
    }

    /** An operation without arguments, then GETATTR. */
    Nfs4Compound op(int operation, int[] bitmap) {
        op(operation);
        return getattr(bitmap);
    }

    Nfs4Compound getattr(int[] bitmap) {
        op(Nfs4.OP_GETATTR);
        Nfs4Attributes.putBitmap(w, bitmap);
        return this;
    }

    /** An operation whose argument is a name. */
    Nfs4Compound named(int operation, byte[] name) {
        op(operation).opaque(name);
        return this;
    }

    void putStateid(int seqid, byte[] other) {
        w.i32(seqid);
        w.opaqueFixed(other);
    }

    /** Sends the request; {@link #await} has the reply. */
    void send() {
        w.patch(countAt, count);
        transport.send(call());
    }

    /** Whether the calling thread's request is on its way and unanswered. */
    boolean isSent() {
        RpcCall c = call;
        return c != null && transport.owns(c) && c.everSent;
    }

    /** Sends the request and waits. */
    NfsStatus exchange() {
        send();
        return await();
    }

    /**
     * Waits for the reply and reads it up to the first operation after SEQUENCE.
     *
     * @return what failed: SEQUENCE, then nothing was executed, or the last operation executed; OK if all went well
     * @throws NfsException as {@link RpcTransport#await}, EIO for a malformed reply, what the RPC layer refused
     */
    NfsStatus await() {
        RpcCall c = call();
        transport.await(c);
        if (c.outcome() != RpcOutcome.SUCCESS) {
            settled = true;
            throw new NfsException(c.outcome().errno(), c.op().name() + ": RPC " + c.outcome());
        }
        try {
            open(c);
        } catch (XdrException e) {
            throw malformed(e);
        }
        if (status != 0) {
            c.op().error();
        }
        return status();
    }

    NfsException malformed(XdrException e) {
        return new NfsException(Errno.EIO, call().op().name() + ": a malformed reply: " + e.getMessage());
    }

    /** Reads status, tag, count and the result of SEQUENCE. */
    private void open(RpcCall c) {
        XdrReader r = c.reply();
        status = r.i32();
        r.skipOpaque(TAG_BYTES_MAX);
        resultsLeft = r.length(OPERATIONS_MAX);
        if (session == null) {
            return;
        }
        if (resultsLeft == 0) {
            if (status == 0) {
                throw new XdrException("a reply without SEQUENCE");
            }
            settled = true;
            return;
        }
        int operation = r.i32();
        int result = r.i32();
        resultsLeft--;
        if (operation != Nfs4.OP_SEQUENCE) {
            throw new XdrException("operation " + operation + " instead of SEQUENCE");
        }
        if (result == 0) {
            sequenced(r, session);
        } else if (result == NfsStatus.RETRY_UNCACHED_REP.code() || result == NfsStatus.SEQ_FALSE_RETRY.code()) {
            sequence = sent;
        }
        settled = !(probing && result == NfsStatus.DELAY.code());
    }

    private void sequenced(XdrReader r, Nfs4Session of) {
        r.skip(Nfs4.SESSION_ID_BYTES);
        int seqid = r.i32();
        int slotid = r.i32();
        r.i32();
        int target = r.i32();
        int flags = r.i32();
        if (seqid != sent || slotid != slot) {
            throw new XdrException("the reply is slot " + slotid + "'s, sequence " + seqid);
        }
        sequence = sent;
        of.target(target);
        lease.keeper().sequenced(of, flags);
    }

    /** Results after SEQUENCE's that are not read yet; the last is the one that failed, if any did. */
    int resultsLeft() {
        return resultsLeft;
    }

    /** Reads the head of the next result, which must be {@code operation}'s and OK. */
    XdrReader result(int operation) {
        XdrReader r = call().reply();
        if (resultsLeft == 0) {
            throw new XdrException("operation " + operation + " has no result");
        }
        resultsLeft--;
        int op = r.i32();
        int result = r.i32();
        if (op != operation || result != 0) {
            throw new XdrException("operation " + op + " with status " + result + " instead of " + operation);
        }
        return r;
    }

    /** As {@link #result}, but with whatever status it has; or -1 if the server did not get so far. */
    int resultStatus(int operation) {
        if (resultsLeft == 0) {
            return -1;
        }
        resultsLeft--;
        XdrReader r = call().reply();
        int op = r.i32();
        if (op != operation) {
            throw new XdrException("operation " + op + " instead of " + operation);
        }
        return r.i32();
    }

    /** How many operations after SEQUENCE succeeded; to be asked before their results are read. */
    int succeeded() {
        return status == 0 ? resultsLeft : resultsLeft - 1;
    }

    /** What a GETATTR brought that is asked for on the side; null if it failed, or was not reached. */
    @Nullable
    NfsAttr attrIfAny() {
        return resultStatus(Nfs4.OP_GETATTR) == 0
                ? new Nfs4Attributes().decode(results()).toAttr()
                : null;
    }

    /** The same of a GETFH. */
    byte @Nullable [] handleIfAny() {
        return resultStatus(Nfs4.OP_GETFH) == 0 ? Nfs4Attributes.handle(results()) : null;
    }

    Nfs4Attributes attributes(Nfs4Attributes into) {
        return into.decode(result(Nfs4.OP_GETATTR));
    }

    /** Gives the slot back. What was replied is not to be used any more. */
    void end() {
        RpcCall c = call;
        if (c == null || !transport.owns(c)) {
            return;
        }
        boolean unknown = c.everSent && !settled;
        call = null;
        c.orphan = null;
        transport.end(c);
        if (session != null) {
            session.release(this, unknown);
        }
    }

    @Override
    public void answered(RpcCall c) {
        Runnable task = null;
        LateReply handler = late;
        try {
            if (c.outcome() == RpcOutcome.SUCCESS) {
                open(c);
                if (status == 0 && handler != null) {
                    task = handler.undo(this);
                }
            }
        } catch (XdrException e) {
            settled = false;
        }
        release();
        if (task != null) {
            lease.later(task);
        }
    }

    @Override
    public void lost(RpcCall c) {
        release();
    }

    private void release() {
        call = null;
        if (session != null) {
            session.release(this, !settled);
        }
    }
}
