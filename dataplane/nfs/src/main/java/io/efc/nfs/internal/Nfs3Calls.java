package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls of NFSv3 procedures: encoded, sent, waited for, decoded. A server that asks for patience (NFS3ERR_JUKEBOX) is asked again.
 *
 * <p>A connection that breaks has its calls sent again with the same xid; a server with a reply cache for the client answers what it answered
 * before, one without executes the procedure again. Whether that may have happened is handed to whoever decodes a failure.
 */
final class Nfs3Calls {
    /** Encodes arguments. */
    interface Arguments {
        void put(XdrWriter w);
    }

    /** Decodes resok. */
    interface Results<T extends @Nullable Object> {
        T take(XdrReader r);
    }

    /** Decides about a failure; {@code resent}: the server may have executed the call before it. */
    interface Failure<T extends @Nullable Object> {
        T on(NfsStatus status, boolean resent);
    }

    private static final long PATIENCE_LEAST_MILLIS = 50;
    private static final long PATIENCE_MOST_MILLIS = 5000;

    private final RpcTransport transport;
    private final Map<Nfs3Procedure, RpcMetrics.Op> ops = new EnumMap<>(Nfs3Procedure.class);

    Nfs3Calls(RpcTransport transport, RpcMetrics metrics) {
        this.transport = transport;
        for (Nfs3Procedure p : Nfs3Procedure.values()) {
            ops.put(p, metrics.op(p.name()));
        }
    }

    RpcTransport transport() {
        return transport;
    }

    /** Begins a call; to be ended with {@link RpcTransport#end}. */
    RpcCall begin(Credentials caller, Nfs3Procedure procedure) {
        RpcMetrics.Op op = Objects.requireNonNull(ops.get(procedure));
        return transport.begin(caller, Nfs3.PROGRAM, Nfs3.VERSION, procedure.number(), op);
    }

    /** Calls a procedure whose failure is the caller's. */
    <T extends @Nullable Object> T run(
            Credentials caller, Nfs3Procedure procedure, Arguments arguments, Results<T> results) {
        return run(caller, procedure, 0, arguments, results, (status, resent) -> {
            throw failure(procedure, status);
        });
    }

    /** Calls a procedure. {@code replyBytesMax} 0: a small reply. */
    <T extends @Nullable Object> T run(
            Credentials caller,
            Nfs3Procedure procedure,
            int replyBytesMax,
            Arguments arguments,
            Results<T> results,
            Failure<T> onFailure) {
        boolean resent = false;
        for (int attempt = 0; ; attempt++) {
            RpcCall call = begin(caller, procedure);
            try {
                if (replyBytesMax > 0) {
                    call.replyBytesMax(replyBytesMax);
                }
                arguments.put(call.args());
                transport.call(call);
                resent |= call.sentAgain;
                NfsStatus status = status(procedure, call);
                if (status == NfsStatus.OK) {
                    return results.take(call.reply());
                }
                if (status != NfsStatus.DELAY) {
                    return onFailure.on(status, resent);
                }
            } catch (XdrException e) {
                throw malformed(procedure, e);
            } finally {
                transport.end(call);
            }
            pause(procedure, attempt);
        }
    }

    /** The status at the head of an answer; EOPNOTSUPP, EACCES … if the server's RPC layer refused the call. */
    static NfsStatus status(Nfs3Procedure procedure, RpcCall call) {
        RpcOutcome outcome = call.outcome();
        if (outcome != RpcOutcome.SUCCESS) {
            throw new NfsException(outcome.errno(), procedure + ": " + outcome);
        }
        NfsStatus status = NfsStatus.of(call.reply().i32());
        if (status != NfsStatus.OK) {
            call.op().error();
        }
        return status;
    }

    static NfsException failure(Nfs3Procedure procedure, NfsStatus status) {
        return new NfsException(status.errno(), procedure + ": " + status);
    }

    static NfsException malformed(Nfs3Procedure procedure, XdrException e) {
        return new NfsException(Errno.EIO, procedure + ": a malformed reply: " + e.getMessage());
    }

    /** Waits before a server that asked for patience is asked again. */
    void pause(Nfs3Procedure procedure, int attempt) {
        long millis = Math.min(PATIENCE_MOST_MILLIS, PATIENCE_LEAST_MILLIS << Math.min(attempt, 10));
        transport.sleepUnlessClosed(TimeUnit.MILLISECONDS.toNanos(millis));
        if (Thread.currentThread().isInterrupted()) {
            throw new NfsException(Errno.EINTR, procedure + ": waiting for a busy server");
        }
    }
}
