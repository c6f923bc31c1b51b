package io.efc.fuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Passes descriptors from process to process over a unix stream socket (SCM_RIGHTS, unix(7)), each message with bytes that say what
 * they are, such as {@link FuseNegotiated#toBytes}.
 *
 * <pre>
 *   struct msghdr   0 name*  8 namelen  16 iov*  24 iovlen  32 control*  40 controllen  48 flags   56 bytes
 *   struct cmsghdr  0 len    8 level    12 type  16 descriptors, int each, padded to 8
 *   on the stream   0 length of the data, native int   4 data
 * </pre>
 */
public final class FuseDescriptors {
    /** The most descriptors of a message. */
    public static final int DESCRIPTORS_MAX = 16;

    /** The most bytes of a message. */
    public static final int DATA_MAX = 4096;

    private static final int MSGHDR = 56;
    private static final int CMSGHDR = 16;
    private static final int CONTROL_MAX = CMSGHDR + DESCRIPTORS_MAX * 4;
    private static final int MSG_CTRUNC = 8;

    private FuseDescriptors() {}

    /**
     * What came over the socket. The receiver owns the descriptors; they close at exec.
     *
     * @param data the bytes
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Received(byte[] data, List<Integer> descriptors) {}

    /**
     * Sends copies of descriptors; the sender keeps its own.
     *
     * @throws FuseException if the peer is gone
     */
    public static void send(int socket, byte[] data, int... descriptors) {
        Check.argument(data.length <= DATA_MAX, "%d bytes of data, more than %d", data.length, DATA_MAX);
        Check.argument(
                descriptors.length >= 1 && descriptors.length <= DESCRIPTORS_MAX,
                "%d descriptors instead of 1 to %d",
                descriptors.length,
                DESCRIPTORS_MAX);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment payload = arena.allocate(4L + data.length, 8);
            payload.set(JAVA_INT, 0, data.length);
            MemorySegment.copy(data, 0, payload, JAVA_BYTE, 4, data.length);
            MemorySegment control = arena.allocate(CONTROL_MAX, 8);
            int used = CMSGHDR + descriptors.length * 4;
            control.set(JAVA_LONG, 0, used);
            control.set(JAVA_INT, 8, Sockets.SOL_SOCKET);
            control.set(JAVA_INT, 12, Sockets.SCM_RIGHTS);
            MemorySegment.copy(descriptors, 0, control, JAVA_INT, CMSGHDR, descriptors.length);
            // The descriptors travel with the first byte; the rest may go in pieces.
            MemorySegment message = message(arena, payload, payload.byteSize(), control, used + 7 & ~7);
            long sent;
            do {
                sent = Sockets.sendmsg(socket, message, Sockets.MSG_NOSIGNAL);
            } while (sent == -Errno.EINTR.code());
            check(sent);
            while (sent < payload.byteSize()) {
                long n = Sockets.send(socket, payload, sent, payload.byteSize() - sent, Sockets.MSG_NOSIGNAL);
                if (n != -Errno.EINTR.code()) {
                    sent += check(n);
                }
            }
        }
    }

    /**
     * Waits for a message.
     *
     * @throws FuseException if the peer is gone or sends something else
     */
    public static Received receive(int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = arena.allocate(4, 8);
            MemorySegment control = arena.allocate(CONTROL_MAX + 8, 8);
            MemorySegment message = message(arena, first, 4, control, CONTROL_MAX);
            long n;
            do {
                n = Sockets.recvmsg(socket, message, Sockets.MSG_CMSG_CLOEXEC | Sockets.MSG_WAITALL);
            } while (n == -Errno.EINTR.code());
            check(n);
            List<Integer> descriptors = descriptors(control, message.get(JAVA_LONG, 40));
            try {
                int length = first.get(JAVA_INT, 0);
                if (n != 4
                        || length < 0
                        || length > DATA_MAX
                        || descriptors.isEmpty()
                        || (message.get(JAVA_INT, 48) & MSG_CTRUNC) != 0) {
                    throw new FuseException("what came over the socket is not a message with descriptors");
                }
                MemorySegment data = arena.allocate(DATA_MAX);
                receiveFully(socket, data, length);
                return new Received(data.asSlice(0, length).toArray(JAVA_BYTE), List.copyOf(descriptors));
            } catch (FuseException e) {
                descriptors.forEach(Libc::close);
                throw e;
            }
        }
    }

    private static void receiveFully(int socket, MemorySegment to, int length) {
        long got = 0;
        while (got < length) {
            long n = Sockets.recv(socket, to, got, length - got, 0);
            if (n != -Errno.EINTR.code()) {
                got += check(n);
            }
        }
    }

    private static List<Integer> descriptors(MemorySegment control, long used) {
        List<Integer> descriptors = new ArrayList<>();
        if (used >= CMSGHDR
                && control.get(JAVA_INT, 8) == Sockets.SOL_SOCKET
                && control.get(JAVA_INT, 12) == Sockets.SCM_RIGHTS) {
            long end = Math.min(control.get(JAVA_LONG, 0), CONTROL_MAX);
            for (long at = CMSGHDR; at + 4 <= end; at += 4) {
                descriptors.add(control.get(JAVA_INT, at));
            }
        }
        return descriptors;
    }

    private static MemorySegment message(
            Arena arena, MemorySegment data, long dataBytes, MemorySegment control, long controlBytes) {
        MemorySegment iovec = arena.allocateFrom(JAVA_LONG, data.address(), dataBytes);
        MemorySegment message = arena.allocate(MSGHDR, 8);
        message.set(JAVA_LONG, 16, iovec.address());
        message.set(JAVA_LONG, 24, 1);
        message.set(JAVA_LONG, 32, control.address());
        message.set(JAVA_LONG, 40, controlBytes);
        return message;
    }

    /** Bytes sent or received, at least one. */
    private static long check(long result) {
        if (result > 0) {
            return result;
        }
        throw new FuseException("the other end of the socket for descriptors is gone: "
                + (result == 0 ? "closed" : Errno.ofResult(result).text()));
    }
}
