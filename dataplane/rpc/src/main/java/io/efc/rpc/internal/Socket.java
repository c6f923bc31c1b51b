package io.efc.rpc.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A connected stream socket. One thread receives; senders take turns under their owner's lock. Any thread may {@link #shutdown} it, which
 * wakes both sides; only the receiving thread may {@link #close} it, once no sender can be inside.
 *
 * <p>Receives wait {@link #TICK_MILLIS} at most and then look at the deadline they were given, so a peer that drips bytes is held to it.
 */
public final class Socket {
    /** How often a waiting receive looks at the clock. */
    public static final long TICK_MILLIS = 250;

    /** {@link #receive}: the peer closed before the first byte. */
    public static final int END = -Errno.ECONNRESET.code();

    /** {@link #receive}: the deadline passed. */
    public static final int LATE = -Errno.ETIMEDOUT.code();

    private static final int TCP_KEEPIDLE = 4;
    private static final int TCP_KEEPINTVL = 5;
    private static final int TCP_KEEPCNT = 6;
    private static final int IOV_AT = 16;
    private static final int IOV_COUNT_AT = 24;
    private static final int CONTROL_AT = 32;
    private static final int CONTROL_LENGTH_AT = 40;
    private static final int MSGHDR_BYTES = 56;
    private static final int CONTROL_BYTES = 24;
    private static final int CONTROL_LENGTH = 20;

    private final int fd;
    private final boolean unix;
    private final MemorySegment inMessage = message();
    private final MemorySegment outMessage = message();
    private final MemorySegment filePosition = Arena.ofAuto().allocate(JAVA_LONG);
    private boolean closed;
    private int receivedFd = -1;

    /** Takes over {@code fd}. */
    public Socket(int fd, boolean unix, long sendTimeoutMillis) {
        this.fd = fd;
        this.unix = unix;
        Sockets.setTimeout(fd, Sockets.SO_RCVTIMEO, TICK_MILLIS);
        Sockets.setTimeout(fd, Sockets.SO_SNDTIMEO, sendTimeoutMillis);
        if (!unix) {
            Sockets.setInt(fd, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
            Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_KEEPALIVE, 1);
            Sockets.setInt(fd, Sockets.IPPROTO_TCP, TCP_KEEPIDLE, 30);
            Sockets.setInt(fd, Sockets.IPPROTO_TCP, TCP_KEEPINTVL, 10);
            Sockets.setInt(fd, Sockets.IPPROTO_TCP, TCP_KEEPCNT, 3);
        }
    }

    /** struct msghdr, struct iovec[2], one struct cmsghdr with room for a descriptor: in this order in one segment. */
    private static MemorySegment message() {
        return Arena.ofAuto().allocate(MSGHDR_BYTES + 32 + CONTROL_BYTES, 8);
    }

    public boolean isUnix() {
        return unix;
    }

    /** The peer's user id if this is a unix socket, else -1. */
    public int peerUid() {
        if (!unix) {
            return -1;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment credentials = arena.allocate(12, 4);
            MemorySegment size = arena.allocateFrom(JAVA_INT, 12);
            int r = Sockets.getsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_PEERCRED, credentials, size);
            return r < 0 ? -1 : credentials.get(JAVA_INT, 4);
        }
    }

    /**
     * Receives exactly {@code length} bytes.
     *
     * @param deadlineNanos on {@link System#nanoTime}'s clock
     * @return {@code length}, {@link #END}, {@link #LATE}, or minus another errno; EPROTO if the peer closed in the middle
     */
    public int receive(MemorySegment to, long offset, int length, long deadlineNanos) {
        int done = 0;
        while (done < length) {
            long n = Sockets.recv(fd, to, offset + done, length - done, Sockets.MSG_WAITALL);
            if (n > 0) {
                done += (int) n;
            } else if (n == 0) {
                return done == 0 ? END : -Errno.EPROTO.code();
            } else if (n != -Errno.EAGAIN.code() && n != -Errno.EINTR.code()) {
                return (int) n;
            }
            if (done < length && System.nanoTime() - deadlineNanos >= 0) {
                return LATE;
            }
        }
        return length;
    }

    /**
     * Receives exactly {@code length} bytes from a peer that may be slow but must not stall.
     *
     * @param stallNanos the longest wait without a byte
     * @return as {@link #receive}
     */
    public int receiveSteadily(MemorySegment to, long offset, int length, long stallNanos) {
        int done = 0;
        long progress = System.nanoTime();
        while (done < length) {
            long n = Sockets.recv(fd, to, offset + done, length - done, Sockets.MSG_WAITALL);
            if (n > 0) {
                done += (int) n;
                progress = done < length ? System.nanoTime() : progress;
            } else if (n == 0) {
                return -Errno.EPROTO.code();
            } else if (n != -Errno.EAGAIN.code() && n != -Errno.EINTR.code()) {
                return (int) n;
            } else if (System.nanoTime() - progress >= stallNanos) {
                return LATE;
            }
        }
        return length;
    }

    /**
     * Receives a frame's header, and on a unix socket the descriptor that may come with it ({@link #takeDescriptor}). Waits for its first
     * byte until {@code idleDeadline}, and for the rest of it {@code frameNanos} more.
     *
     * @return as {@link #receive}
     */
    public int receiveHeader(FrameBuffer frame, long idleDeadline, long frameNanos) {
        int done = 0;
        long deadline = idleDeadline;
        while (done < FrameBuffer.HEADER_BYTES) {
            long n = unix
                    ? receiveMessage(frame.segment(), done, FrameBuffer.HEADER_BYTES - done)
                    : Sockets.recv(fd, frame.segment(), done, FrameBuffer.HEADER_BYTES - done, 0);
            if (n > 0) {
                if (done == 0) {
                    deadline = System.nanoTime() + frameNanos;
                }
                done += (int) n;
            } else if (n == 0) {
                return done == 0 ? END : -Errno.EPROTO.code();
            } else if (n != -Errno.EAGAIN.code() && n != -Errno.EINTR.code()) {
                return (int) n;
            }
            if (done < FrameBuffer.HEADER_BYTES && System.nanoTime() - deadline >= 0) {
                return LATE;
            }
        }
        return done;
    }

    private long receiveMessage(MemorySegment to, int offset, int length) {
        MemorySegment m = inMessage;
        address(m, to.address() + offset, length, 0);
        m.set(JAVA_LONG, IOV_COUNT_AT, 1);
        m.set(JAVA_LONG, CONTROL_AT, m.address() + MSGHDR_BYTES + 32);
        m.set(JAVA_LONG, CONTROL_LENGTH_AT, CONTROL_BYTES);
        long n = Sockets.recvmsg(fd, m, Sockets.MSG_CMSG_CLOEXEC);
        if (n > 0 && m.get(JAVA_LONG, CONTROL_LENGTH_AT) >= CONTROL_LENGTH) {
            int c = MSGHDR_BYTES + 32;
            if (m.get(JAVA_INT, c + 8) == Sockets.SOL_SOCKET && m.get(JAVA_INT, c + 12) == Sockets.SCM_RIGHTS) {
                dropDescriptor();
                receivedFd = m.get(JAVA_INT, c + 16);
            }
        }
        return n;
    }

    /** The descriptor that came with the last header, which the caller now owns; -1 if there was none. */
    public int takeDescriptor() {
        int taken = receivedFd;
        receivedFd = -1;
        return taken;
    }

    /** Closes a descriptor that came unasked. */
    public void dropDescriptor() {
        if (receivedFd >= 0) {
            Libc.close(receivedFd);
            receivedFd = -1;
        }
    }

    /** Sends all of it; 0 or minus the errno, EAGAIN if the peer took nothing for the send time-out. */
    public int send(MemorySegment from, long offset, long length, boolean more) {
        int flags = Sockets.MSG_NOSIGNAL | (more ? Sockets.MSG_MORE : 0);
        long done = 0;
        while (done < length) {
            long n = Sockets.send(fd, from, offset + done, length - done, flags);
            if (n >= 0) {
                done += n;
            } else if (n != -Errno.EINTR.code()) {
                return (int) n;
            }
        }
        return 0;
    }

    /**
     * Sends without waiting.
     *
     * @return the bytes sent, or minus the errno
     */
    public long sendNow(MemorySegment from, long length) {
        return Sockets.send(fd, from, 0, length, Sockets.MSG_NOSIGNAL | Sockets.MSG_DONTWAIT);
    }

    /** Sends two ranges with one call; 0 or minus the errno. */
    public int send(MemorySegment a, long aLength, MemorySegment b, long bOffset, long bLength, boolean more) {
        Check.range(0, aLength, a.byteSize());
        Check.range(bOffset, bLength, b.byteSize());
        MemorySegment m = outMessage;
        address(m, a.address(), aLength, 0);
        address(m, b.address() + bOffset, bLength, 1);
        m.set(JAVA_LONG, IOV_COUNT_AT, 2);
        m.set(JAVA_LONG, CONTROL_AT, 0);
        m.set(JAVA_LONG, CONTROL_LENGTH_AT, 0);
        long n;
        do {
            n = Sockets.sendmsg(fd, m, Sockets.MSG_NOSIGNAL | (more ? Sockets.MSG_MORE : 0));
        } while (n == -Errno.EINTR.code());
        if (n < 0) {
            return (int) n;
        }
        if (n < aLength) {
            int r = send(a, n, aLength - n, true);
            return r < 0 ? r : send(b, bOffset, bLength, more);
        }
        return send(b, bOffset + n - aLength, bLength - (n - aLength), more);
    }

    /** Sends {@code length} bytes with a descriptor attached to the first one; 0 or minus the errno. */
    public int sendWithDescriptor(MemorySegment from, long length, int descriptor) {
        Check.state(unix, "a descriptor can only pass through a unix socket");
        Check.range(0, length, from.byteSize());
        MemorySegment m = outMessage;
        int c = MSGHDR_BYTES + 32;
        address(m, from.address(), length, 0);
        m.set(JAVA_LONG, IOV_COUNT_AT, 1);
        m.set(JAVA_LONG, CONTROL_AT, m.address() + c);
        m.set(JAVA_LONG, CONTROL_LENGTH_AT, CONTROL_BYTES);
        m.set(JAVA_LONG, c, CONTROL_LENGTH);
        m.set(JAVA_INT, c + 8, Sockets.SOL_SOCKET);
        m.set(JAVA_INT, c + 12, Sockets.SCM_RIGHTS);
        m.set(JAVA_INT, c + 16, descriptor);
        long n;
        do {
            n = Sockets.sendmsg(fd, m, Sockets.MSG_NOSIGNAL);
        } while (n == -Errno.EINTR.code());
        return n < 0 ? (int) n : send(from, n, length - n, false);
    }

    /** Sends a range of a file by sendfile(2); 0, or minus the errno, EIO if the file ended early. */
    public int sendFile(int file, long position, long length) {
        filePosition.set(JAVA_LONG, 0, position);
        long left = length;
        while (left > 0) {
            long n = Libc.sendfile(fd, file, filePosition, left);
            if (n > 0) {
                left -= n;
            } else if (n == 0) {
                return -Errno.EIO.code();
            } else if (n != -Errno.EINTR.code()) {
                return (int) n;
            }
        }
        return 0;
    }

    private static void address(MemorySegment m, long address, long length, int index) {
        m.set(JAVA_LONG, IOV_AT, m.address() + MSGHDR_BYTES);
        m.set(JAVA_LONG, MSGHDR_BYTES + 16L * index, address);
        m.set(JAVA_LONG, MSGHDR_BYTES + 16L * index + 8, length);
    }

    /** Ends both directions; whoever waits in a call returns. Any thread, any number of times. */
    public synchronized void shutdown() {
        if (!closed) {
            Sockets.shutdown(fd, Sockets.SHUT_RDWR);
        }
    }

    /** Gives the descriptor back. Only once nobody can be inside another call. */
    public synchronized void close() {
        if (!closed) {
            closed = true;
            dropDescriptor();
            Libc.close(fd);
        }
    }

    /** A port of a struct sockaddr_in or sockaddr_in6 that the kernel filled in. */
    static int port(MemorySegment sockaddr) {
        Check.state(sockaddr.get(JAVA_SHORT, 0) != Sockets.AF_UNIX, "a unix socket has no port");
        return (sockaddr.get(ValueLayout.JAVA_BYTE, 2) & 0xff) << 8 | (sockaddr.get(ValueLayout.JAVA_BYTE, 3) & 0xff);
    }
}
