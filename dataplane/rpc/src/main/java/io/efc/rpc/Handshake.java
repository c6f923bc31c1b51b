package io.efc.rpc;

import io.efc.base.Errno;
import io.efc.rpc.internal.FrameBuffer;
import io.efc.rpc.internal.Socket;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The first four frames of a connection: each side proves to the other that it has the secret, the client first, so that a stranger learns
 * nothing that he could try guesses on.
 *
 * <pre>
 *   client                                                    server
 *     HELLO      versions, role, dataset, name, nonce C   →
 *              ←  nonce S, the version chosen                CHALLENGE
 *     PROOF      HMAC("efc client", hello, C, S)          →
 *              ←  HMAC("efc server", hello, C, S)              WELCOME
 * </pre>
 */
final class Handshake {
    /** No frame before authentication has a longer body. */
    static final int BODY_BYTES_MAX = 512;

    private static final int VERSION_MIN = 1;
    private static final int VERSION_MAX = 1;
    private static final String CLIENT = "efc client";
    private static final String SERVER = "efc server";

    /** How a server's handshake ended. */
    sealed interface Outcome {
        /** The peer has the secret. It is told so by {@link Handshake#welcome} with {@code proof}. */
        @SuppressWarnings("ArrayRecordComponent")
        record Accepted(Hello hello, byte[] proof) implements Outcome {}

        /** It has not, or is none of ours. {@code reason} is a label of the metric. */
        record Refused(String reason, String detail) implements Outcome {}
    }

    private final Socket socket;
    private final Secret secret;
    private final long deadlineNanos;
    private final FrameBuffer frame = new FrameBuffer(BODY_BYTES_MAX);
    private Outcome.Refused failure = new Outcome.Refused("garbage", "");

    Handshake(Socket socket, Secret secret, Duration timeout) {
        this.socket = socket;
        this.secret = secret;
        this.deadlineNanos = System.nanoTime() + timeout.toNanos();
    }

    /** The server's side, up to the WELCOME of a peer that is accepted. */
    Outcome accept(long dataset) {
        byte @Nullable [] opening = receive(FrameType.HELLO);
        if (opening == null) {
            return failure;
        }
        Hello hello;
        int version;
        try {
            Wire.Reader in = new Wire.Reader(opening);
            int min = in.u16();
            int max = in.u16();
            hello = hello(in);
            version = Math.min(max, VERSION_MAX);
            if (version < Math.max(min, VERSION_MIN)) {
                send(FrameType.CHALLENGE, Status.VERSION, new byte[0]);
                return new Outcome.Refused("version", "peer speaks " + min + " to " + max + ", not 1");
            }
        } catch (RpcException e) {
            return new Outcome.Refused("garbage", String.valueOf(e.getMessage()));
        }
        byte[] nonce = Secret.nonce();
        send(
                FrameType.CHALLENGE,
                Status.OK,
                new Wire.Writer().u16(version).raw(nonce).bytes());
        byte @Nullable [] proof = receive(FrameType.PROOF);
        if (proof == null) {
            return failure;
        }
        if (!Secret.same(proof, secret.prove(CLIENT, hello, version, nonce))) {
            send(FrameType.WELCOME, Status.DENIED, new byte[0]);
            return new Outcome.Refused("secret", "'" + hello.name() + "' has another secret");
        }
        if (hello.dataset() != dataset) {
            send(FrameType.WELCOME, Status.DENIED, new byte[0]);
            return new Outcome.Refused(
                    "dataset", "'" + hello.name() + "' is of dataset " + hello.dataset() + ", not " + dataset);
        }
        return new Outcome.Accepted(hello, secret.prove(SERVER, hello, version, nonce));
    }

    /** The server's last word: from here on the peer sends requests. */
    void welcome(Outcome.Accepted accepted) {
        send(FrameType.WELCOME, Status.OK, accepted.proof());
    }

    private static Hello hello(Wire.Reader in) {
        Role role = Role.of(in.u16());
        if (role == null) {
            throw Wire.malformed("a role that does not exist");
        }
        long dataset = in.i64();
        byte[] nonce = in.raw(Secret.PROOF_BYTES);
        String name = in.string();
        in.end();
        if (name.getBytes(StandardCharsets.UTF_8).length > Hello.NAME_BYTES_MAX) {
            throw Wire.malformed("a name of " + name.length() + " characters");
        }
        return new Hello(role, dataset, name, nonce);
    }

    /**
     * The client's side.
     *
     * @throws RpcException VERSION, DENIED (either side lacks the secret) or LOST
     */
    void open(Role role, long dataset, String name) {
        Hello hello = new Hello(role, dataset, name, Secret.nonce());
        send(
                FrameType.HELLO,
                Status.OK,
                new Wire.Writer()
                        .u16(VERSION_MIN)
                        .u16(VERSION_MAX)
                        .u16(role.code())
                        .i64(dataset)
                        .raw(hello.nonce())
                        .string(name)
                        .bytes());
        Wire.Reader challenge = new Wire.Reader(answer(FrameType.CHALLENGE));
        int version = challenge.u16();
        byte[] nonce = challenge.raw(Secret.PROOF_BYTES);
        if (version < VERSION_MIN || version > VERSION_MAX) {
            throw new RpcException(Status.VERSION, "the server chose version " + version + ", which was not offered");
        }
        send(FrameType.PROOF, Status.OK, secret.prove(CLIENT, hello, version, nonce));
        if (!Secret.same(answer(FrameType.WELCOME), secret.prove(SERVER, hello, version, nonce))) {
            throw new RpcException(Status.DENIED, "the server does not have this runtime's secret");
        }
    }

    private byte[] answer(int type) {
        byte @Nullable [] body = receive(type);
        if (body == null) {
            throw new RpcException(Status.LOST, "handshake: " + failure.detail());
        }
        Status status = Status.of(frame.status());
        if (status != Status.OK) {
            throw new RpcException(status, "the server refused the handshake: " + status);
        }
        return body;
    }

    /** The body of the frame that must come now, or null with {@link #failure} set. */
    private byte @Nullable [] receive(int type) {
        long left = deadlineNanos - System.nanoTime();
        int r = socket.receiveHeader(frame, deadlineNanos, Math.max(0, left));
        if (r > 0) {
            int length = frame.bodyLength();
            if (!frame.headerIntact() || frame.type() != type) {
                return fail("garbage", "no frame of type " + type);
            }
            if (length < 0 || length > BODY_BYTES_MAX || frame.bulkLength() != 0) {
                return fail("garbage", "a body of " + Integer.toUnsignedString(length) + " bytes");
            }
            r = length == 0 ? 1 : socket.receive(frame.body(), 0, length, deadlineNanos);
            if (r > 0 && !frame.bodyIntact()) {
                return fail("garbage", "a body with a wrong checksum");
            }
        }
        if (r <= 0) {
            return r == Socket.LATE
                    ? fail("timeout", "nothing came in time")
                    : fail("closed", Errno.ofResult(r).text());
        }
        byte[] body = new byte[frame.bodyLength()];
        MemorySegment.copy(frame.body(), ValueLayout.JAVA_BYTE, 0, body, 0, body.length);
        return body;
    }

    private byte @Nullable [] fail(String reason, String detail) {
        failure = new Outcome.Refused(reason, detail);
        return null;
    }

    private void send(int type, Status status, byte[] body) {
        MemorySegment.copy(body, 0, frame.body(), ValueLayout.JAVA_BYTE, 0, body.length);
        frame.seal(type, 0, 0, 0, status.code(), body.length, 0);
        // A failure shows in the receive that follows, or as a connection that ends.
        socket.send(frame.segment(), 0, FrameBuffer.HEADER_BYTES + (long) body.length, false);
    }
}
