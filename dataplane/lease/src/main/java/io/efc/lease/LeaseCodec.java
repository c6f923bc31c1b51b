package io.efc.lease;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The protocol's messages as bytes: little-endian numbers, a kind (1) first.
 *
 * <pre>
 * to the master   1 Open      session 8, prior 8, beat 8
 *                 2 Beat      session 8, epoch 8, beat 8
 *                 3 Close     session 8
 *                 4 Frame     session 8, epoch 8, seq 8, ack 8, body
 * to the client  17 Opened    session 8, epoch 8, beat 8
 *                18 Renewed   session 8, epoch 8, beat 8
 *                19 Reclaim   session 8, epoch 8
 *                20 Ended     session 8
 *                21 Frame     session 8, epoch 8, seq 8, ack 8, body
 * bodies          0 none
 *                33 Acquire   object, mode 1
 *                34 Yield     object, token 8, keep 1
 *                35 YieldChild object, token 8, child 8
 *                36 Claims    count 2, times: object, mode 1, keep 1, token 8, list, list
 *                37 ClaimsDone beat 8
 *                49 Granted   asked object, object, mode 1, token 8, list
 *                50 Ticket    object, token 8, beat 8
 *                51 Busy      object
 *                52 Denied    object, reason 1
 *                53 Recall    object, token 8, keep 1
 *                54 Carve     object, token 8, child 8
 * object          dataset 8, directory 8, file 8
 * list            count 2, 8 each
 * </pre>
 */
public final class LeaseCodec {
    /** Files that a list names: more than any directory's lease excepts. */
    public static final int LIST_MAX = 4096;

    /** Of a claim whose lists are empty. */
    private static final int CLAIM_BYTES = 38;

    private static final Mode[] MODES = Mode.values();
    private static final Reply.Reason[] REASONS = Reply.Reason.values();

    private LeaseCodec() {}

    /** Bytes that are no message of this protocol. */
    public static final class MalformedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super("malformed lease message: " + message);
        }
    }

    /** The bytes of a message to a master. */
    public static byte[] encode(ToMaster message) {
        Out out = new Out();
        switch (message) {
            case ToMaster.Open(long session, long prior, long beat) ->
                out.u8(1).i64(session).i64(prior).i64(beat);
            case ToMaster.Beat(long session, long epoch, long beat) ->
                out.u8(2).i64(session).i64(epoch).i64(beat);
            case ToMaster.Close(long session) -> out.u8(3).i64(session);
            case ToMaster.Frame(long session, long epoch, long seq, long ack, Request body) -> {
                out.u8(4).i64(session).i64(epoch).i64(seq).i64(ack);
                request(out, body);
            }
        }
        return out.bytes();
    }

    private static void request(Out out, @Nullable Request body) {
        switch (body) {
            case null -> out.u8(0);
            case Request.Acquire(ObjectId object, Mode mode) ->
                out.u8(33).object(object).mode(mode);
            case Request.Yield(ObjectId object, long token, Mode keep) ->
                out.u8(34).object(object).i64(token).mode(keep);
            case Request.YieldChild(ObjectId directory, long token, long child) ->
                out.u8(35).object(directory).i64(token).i64(child);
            case Request.Claims(List<Request.Claim> claims) -> out.u8(36).claims(claims);
            case Request.ClaimsDone(long beat) -> out.u8(37).i64(beat);
        }
    }

    /**
     * A message to a master.
     *
     * @throws MalformedException if the bytes are something else
     */
    public static ToMaster toMaster(byte[] bytes) {
        In in = new In(bytes);
        try {
            int kind = in.u8();
            ToMaster message = switch (kind) {
                case 1 -> new ToMaster.Open(in.i64(), in.i64(), in.i64());
                case 2 -> new ToMaster.Beat(in.i64(), in.i64(), in.i64());
                case 3 -> new ToMaster.Close(in.i64());
                case 4 -> new ToMaster.Frame(in.i64(), in.i64(), in.i64(), in.i64(), request(in));
                default -> throw new MalformedException("kind " + kind);
            };
            in.end();
            return message;
        } catch (BufferUnderflowException e) {
            throw new MalformedException("it ends too early, after " + bytes.length + " bytes");
        }
    }

    private static @Nullable Request request(In in) {
        int kind = in.u8();
        return switch (kind) {
            case 0 -> null;
            case 33 -> new Request.Acquire(in.object(), in.mode());
            case 34 -> new Request.Yield(in.object(), in.i64(), in.mode());
            case 35 -> new Request.YieldChild(in.object(), in.i64(), in.i64());
            case 36 -> new Request.Claims(in.claims());
            case 37 -> new Request.ClaimsDone(in.i64());
            default -> throw new MalformedException("request of kind " + kind);
        };
    }

    /** The bytes of a message to a client. */
    public static byte[] encode(ToClient message) {
        Out out = new Out();
        switch (message) {
            case ToClient.Opened(long session, long epoch, long beat) ->
                out.u8(17).i64(session).i64(epoch).i64(beat);
            case ToClient.Renewed(long session, long epoch, long beat) ->
                out.u8(18).i64(session).i64(epoch).i64(beat);
            case ToClient.Reclaim(long session, long epoch) ->
                out.u8(19).i64(session).i64(epoch);
            case ToClient.Ended(long session) -> out.u8(20).i64(session);
            case ToClient.Frame(long session, long epoch, long seq, long ack, Reply body) -> {
                out.u8(21).i64(session).i64(epoch).i64(seq).i64(ack);
                reply(out, body);
            }
        }
        return out.bytes();
    }

    private static void reply(Out out, @Nullable Reply body) {
        switch (body) {
            case null -> out.u8(0);
            case Reply.Granted g ->
                out.u8(49)
                        .object(g.asked())
                        .object(g.object())
                        .mode(g.mode())
                        .i64(g.token())
                        .list(g.exceptions());
            case Reply.Ticket(ObjectId object, long token, long beat) ->
                out.u8(50).object(object).i64(token).i64(beat);
            case Reply.Busy(ObjectId object) -> out.u8(51).object(object);
            case Reply.Denied(ObjectId object, Reply.Reason reason) ->
                out.u8(52).object(object).u8(reason == Reply.Reason.READ_ONLY ? 0 : 1);
            case Reply.Recall(ObjectId object, long token, Mode keep) ->
                out.u8(53).object(object).i64(token).mode(keep);
            case Reply.Carve(ObjectId directory, long token, long child) ->
                out.u8(54).object(directory).i64(token).i64(child);
        }
    }

    /**
     * A message to a client.
     *
     * @throws MalformedException if the bytes are something else
     */
    public static ToClient toClient(byte[] bytes) {
        In in = new In(bytes);
        try {
            int kind = in.u8();
            ToClient message = switch (kind) {
                case 17 -> new ToClient.Opened(in.i64(), in.i64(), in.i64());
                case 18 -> new ToClient.Renewed(in.i64(), in.i64(), in.i64());
                case 19 -> new ToClient.Reclaim(in.i64(), in.i64());
                case 20 -> new ToClient.Ended(in.i64());
                case 21 -> new ToClient.Frame(in.i64(), in.i64(), in.i64(), in.i64(), reply(in));
                default -> throw new MalformedException("kind " + kind);
            };
            in.end();
            return message;
        } catch (BufferUnderflowException e) {
            throw new MalformedException("it ends too early, after " + bytes.length + " bytes");
        }
    }

    private static @Nullable Reply reply(In in) {
        int kind = in.u8();
        return switch (kind) {
            case 0 -> null;
            case 49 -> new Reply.Granted(in.object(), in.object(), in.mode(), in.i64(), in.list());
            case 50 -> new Reply.Ticket(in.object(), in.i64(), in.i64());
            case 51 -> new Reply.Busy(in.object());
            case 52 -> new Reply.Denied(in.object(), in.reason());
            case 53 -> new Reply.Recall(in.object(), in.i64(), in.mode());
            case 54 -> new Reply.Carve(in.object(), in.i64(), in.i64());
            default -> throw new MalformedException("reply of kind " + kind);
        };
    }

    /** Appends to bytes that grow. */
    private static final class Out {
        private ByteBuffer buffer = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);

        private ByteBuffer room(int bytes) {
            if (buffer.remaining() < bytes) {
                byte[] larger =
                        Arrays.copyOf(buffer.array(), Math.max(2 * buffer.capacity(), buffer.position() + bytes));
                buffer = ByteBuffer.wrap(larger).order(ByteOrder.LITTLE_ENDIAN).position(buffer.position());
            }
            return buffer;
        }

        Out u8(int v) {
            room(1).put((byte) v);
            return this;
        }

        Out i64(long v) {
            room(8).putLong(v);
            return this;
        }

        Out mode(Mode v) {
            return u8(
                    switch (v) {
                        case NONE -> 0;
                        case READ -> 1;
                        case WRITE -> 2;
                    });
        }

        Out object(ObjectId v) {
            return i64(v.dataset()).i64(v.directory()).i64(v.file());
        }

        Out list(List<Long> v) {
            room(2).putShort((short) length(v.size(), "files"));
            v.forEach(this::i64);
            return this;
        }

        Out claims(List<Request.Claim> v) {
            room(2).putShort((short) length(v.size(), "claims"));
            for (Request.Claim c : v) {
                object(c.object())
                        .mode(c.mode())
                        .mode(c.keep())
                        .i64(c.token())
                        .list(c.exceptions())
                        .list(c.carving());
            }
            return this;
        }

        private static int length(int size, String what) {
            if (size > LIST_MAX) {
                throw new IllegalArgumentException("a list of " + size + " " + what + ", more than " + LIST_MAX);
            }
            return size;
        }

        byte[] bytes() {
            return Arrays.copyOf(buffer.array(), buffer.position());
        }
    }

    /** Reads; a length is checked before anything is made of it. */
    private static final class In {
        private final ByteBuffer buffer;

        In(byte[] bytes) {
            buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        int u8() {
            return buffer.get() & 0xff;
        }

        long i64() {
            return buffer.getLong();
        }

        Mode mode() {
            int code = u8();
            if (code >= MODES.length) {
                throw new MalformedException("mode " + code);
            }
            return MODES[code];
        }

        Reply.Reason reason() {
            int code = u8();
            if (code >= REASONS.length) {
                throw new MalformedException("reason " + code);
            }
            return REASONS[code];
        }

        ObjectId object() {
            return new ObjectId(i64(), i64(), i64());
        }

        private int length(int bytesEach, String what) {
            int count = buffer.getShort() & 0xffff;
            if (count > LIST_MAX || (long) count * bytesEach > buffer.remaining()) {
                throw new MalformedException("a list of " + count + " " + what);
            }
            return count;
        }

        List<Request.Claim> claims() {
            int count = length(CLAIM_BYTES, "claims");
            List<Request.Claim> claims = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                claims.add(new Request.Claim(object(), mode(), mode(), i64(), list(), list()));
            }
            return claims;
        }

        List<Long> list() {
            int count = length(8, "files");
            List<Long> list = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                list.add(i64());
            }
            return list;
        }

        void end() {
            if (buffer.hasRemaining()) {
                throw new MalformedException(buffer.remaining() + " bytes too many");
            }
        }
    }
}
