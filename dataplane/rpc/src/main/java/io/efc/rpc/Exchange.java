package io.efc.rpc;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.rpc.internal.FrameBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A request in a server's hands, and the way of its reply. It belongs to whoever answers it; after the reply it is used for another
 * request. A reply that cannot be sent ends the connection: the peer sees LOST.
 *
 * <p>A reply with bulk bytes is {@link #begin}, then parts of memory or of files that together have the promised length, then {@link #end}:
 * between the two nobody else sends on this connection.
 */
public final class Exchange {
    /** Room for a reply's body in {@link #replyBody}. */
    public static final int REPLY_BODY_BYTES = 1024;

    /** Room for a request's body; longer ones are received elsewhere. */
    static final int REQUEST_BODY_BYTES = 2048;

    /** A request without a deadline has this one. */
    private static final long NO_DEADLINE_NANOS = 3_600_000_000_000L;

    private final ServerConnection connection;
    private final FrameBuffer request = new FrameBuffer(REQUEST_BODY_BYTES);
    private final FrameBuffer reply = new FrameBuffer(REPLY_BODY_BYTES);
    private @Nullable FrameBuffer large;
    private long deadlineNanos;
    private boolean answered = true;
    private int headerPending;
    private long bulkLeft;
    private int error;

    Exchange(ServerConnection connection) {
        this.connection = connection;
    }

    FrameBuffer requestBuffer() {
        return request;
    }

    /** Takes a request whose header has been received; its body goes to the returned buffer. */
    FrameBuffer start(long now) {
        Check.state(answered, "an exchange is in use twice");
        answered = false;
        error = 0;
        large = request.bodyLength() > request.bodyCapacity() ? new FrameBuffer(request.bodyLength()) : null;
        if (large != null) {
            large.copyHeader(request);
        }
        long micros = request.deadlineMicros();
        deadlineNanos = now + (micros == 0 ? NO_DEADLINE_NANOS : micros * 1000);
        return large == null ? request : large;
    }

    public int type() {
        return request.type();
    }

    public Peer peer() {
        return connection;
    }

    /** On {@link System#nanoTime}'s clock. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** The deadline has passed: nobody waits for the reply. */
    public boolean isLate() {
        return System.nanoTime() - deadlineNanos >= 0;
    }

    /** The request's body: {@link #bodyLength} bytes of it. */
    public MemorySegment body() {
        return large == null ? request.body() : large.body();
    }

    public int bodyLength() {
        return request.bodyLength();
    }

    /** A copy of the request's body. */
    public byte[] bodyBytes() {
        byte[] copy = new byte[bodyLength()];
        MemorySegment.copy(body(), ValueLayout.JAVA_BYTE, 0, copy, 0, copy.length);
        return copy;
    }

    /** Room for the reply's body, {@value #REPLY_BODY_BYTES} bytes. */
    public MemorySegment replyBody() {
        return reply.body();
    }

    /** Answers with a status only. */
    public void reply(Status status) {
        reply(status, 0);
    }

    /** Answers with the first {@code bodyLength} bytes of {@link #replyBody}. */
    public void reply(Status status, int bodyLength) {
        begin(status, bodyLength, 0);
        end();
    }

    /** Answers with a body of any length. */
    public void reply(Status status, byte[] body) {
        Check.state(!answered, "an exchange is answered twice");
        FrameBuffer out = body.length <= reply.bodyCapacity() ? reply : new FrameBuffer(body.length);
        MemorySegment.copy(body, 0, out.body(), ValueLayout.JAVA_BYTE, 0, body.length);
        out.seal(type(), FrameBuffer.FLAG_REPLY, request.id(), 0, status.code(), body.length, 0);
        connection.lockSend();
        int r = connection.send(out.segment(), 0, FrameBuffer.HEADER_BYTES + (long) body.length, false);
        finish(r);
    }

    /** Answers with the first {@code bodyLength} bytes of {@link #replyBody} and a copy of {@code descriptor}, over a unix socket. */
    public void replyDescriptor(Status status, int bodyLength, int descriptor) {
        Check.state(!answered, "an exchange is answered twice");
        int flags = FrameBuffer.FLAG_REPLY | FrameBuffer.FLAG_DESCRIPTOR;
        reply.seal(type(), flags, request.id(), 0, status.code(), bodyLength, 0);
        connection.lockSend();
        finish(connection.sendWithDescriptor(reply.segment(), FrameBuffer.HEADER_BYTES + bodyLength, descriptor));
    }

    /** Begins a reply whose body is the first {@code bodyLength} bytes of {@link #replyBody}, with {@code bulkLength} bytes to follow. */
    public void begin(Status status, int bodyLength, int bulkLength) {
        Check.state(!answered, "an exchange is answered twice");
        reply.seal(type(), FrameBuffer.FLAG_REPLY, request.id(), 0, status.code(), bodyLength, bulkLength);
        headerPending = FrameBuffer.HEADER_BYTES + bodyLength;
        bulkLeft = bulkLength;
        connection.lockSend();
    }

    /** Sends a part of the bulk from memory. */
    public void part(MemorySegment from, long offset, int length) {
        bulkLeft -= length;
        boolean more = bulkLeft > 0;
        if (error == 0) {
            error = headerPending > 0
                    ? connection.send(reply.segment(), headerPending, from, offset, length, more)
                    : connection.send(from, offset, length, more);
        }
        headerPending = 0;
    }

    /** Sends a part of the bulk from a file, without it passing through this process. */
    public void part(int file, long position, int length) {
        bulkLeft -= length;
        if (error == 0 && headerPending > 0) {
            error = connection.send(reply.segment(), 0, headerPending, true);
        }
        headerPending = 0;
        if (error == 0) {
            error = connection.sendFile(file, position, length);
        }
    }

    /** Ends the reply; the exchange is no longer the caller's. */
    public void end() {
        if (error == 0 && headerPending > 0) {
            error = connection.send(reply.segment(), 0, headerPending, false);
        }
        if (error == 0 && bulkLeft != 0) {
            error = -Errno.EPROTO.code();
        }
        finish(error);
    }

    /** It was a frame that wants no answer. */
    void unanswered() {
        answered = true;
        large = null;
    }

    private void finish(int result) {
        answered = true;
        large = null;
        connection.answered(this, result);
    }

    boolean isAnswered() {
        return answered;
    }
}
