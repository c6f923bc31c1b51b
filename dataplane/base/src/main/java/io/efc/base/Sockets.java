package io.efc.base;

import io.efc.base.internal.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Sockets, by libc, so that received bytes land where they are needed, descriptors can be passed, and an interrupted thread does not
 * close its connection (as java.nio channels do).
 *
 * <p>Every method returns what libc returned, or <em>minus the errno</em>: {@link Errno#ofResult} names it. Nothing throws for
 * an error of the operating system, nothing allocates. Calls may block, and then pin a virtual thread: make those from a platform
 * thread. {@link Thread#interrupt} does not end them. Segments must be native and must stay alive during the call.
 */
public final class Sockets {
    /** Unix domain. */
    public static final int AF_UNIX = 1;

    /** IPv4. */
    public static final int AF_INET = 2;

    /** IPv6. */
    public static final int AF_INET6 = 10;

    /** Byte stream. */
    public static final int SOCK_STREAM = 1;

    /** Close at exec. */
    public static final int SOCK_CLOEXEC = 0x80000;

    /** Do not wait. */
    public static final int SOCK_NONBLOCK = 0x800;

    /** Level: socket. */
    public static final int SOL_SOCKET = 1;

    private static final int SO_LINGER = 13;

    /** Bind although connections linger. */
    public static final int SO_REUSEADDR = 2;

    /** Pending error of connect. */
    public static final int SO_ERROR = 4;

    /** Send buffer. */
    public static final int SO_SNDBUF = 7;

    /** Receive buffer. */
    public static final int SO_RCVBUF = 8;

    /** Probe idle peers. */
    public static final int SO_KEEPALIVE = 9;

    /** Unix peer's pid, uid, gid: three ints. */
    public static final int SO_PEERCRED = 17;

    /** Receive time-out: struct timeval. */
    public static final int SO_RCVTIMEO = 20;

    /** Send time-out: struct timeval. */
    public static final int SO_SNDTIMEO = 21;

    /** Level: TCP. */
    public static final int IPPROTO_TCP = 6;

    /** No Nagle delay. */
    public static final int TCP_NODELAY = 1;

    /** Send full segments only. */
    public static final int TCP_CORK = 3;

    /** Milliseconds of unacknowledged data before the connection dies. */
    public static final int TCP_USER_TIMEOUT = 18;

    /** Acknowledge at once. */
    public static final int TCP_QUICKACK = 12;

    /** Leave the data. */
    public static final int MSG_PEEK = 2;

    /** Wait for the full length. */
    public static final int MSG_WAITALL = 0x100;

    /** Do not wait. */
    public static final int MSG_DONTWAIT = 0x40;

    /** EPIPE instead of SIGPIPE: always add it. */
    public static final int MSG_NOSIGNAL = 0x4000;

    /** More follows. */
    public static final int MSG_MORE = 0x8000;

    /** Received descriptors close at exec. */
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;

    /** Control message: descriptors. */
    public static final int SCM_RIGHTS = 1;

    /** Both directions. */
    public static final int SHUT_RDWR = 2;

    private static final MethodHandle SOCKET = Native.libc("socket", "iiii");
    private static final MethodHandle SOCKETPAIR = Native.libc("socketpair", "iiiil");
    private static final MethodHandle BIND = Native.libc("bind", "iili");
    private static final MethodHandle LISTEN = Native.libc("listen", "iii");
    private static final MethodHandle ACCEPT4 = Native.libc("accept4", "iilli");
    private static final MethodHandle CONNECT = Native.libc("connect", "iili");
    private static final MethodHandle GETSOCKNAME = Native.libc("getsockname", "iill");
    private static final MethodHandle GETPEERNAME = Native.libc("getpeername", "iill");
    private static final MethodHandle SETSOCKOPT = Native.libc("setsockopt", "iiiili");
    private static final MethodHandle GETSOCKOPT = Native.libc("getsockopt", "iiiill");
    private static final MethodHandle SHUTDOWN = Native.libc("shutdown", "iii");
    private static final MethodHandle SEND = Native.libc("send", "lilli");
    private static final MethodHandle RECV = Native.libc("recv", "lilli");
    private static final MethodHandle SENDMSG = Native.libc("sendmsg", "lili");
    private static final MethodHandle RECVMSG = Native.libc("recvmsg", "lili");

    private Sockets() {}

    /** socket(2). */
    public static int socket(int domain, int type, int protocol) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) SOCKET.invokeExact(errno, domain, type, protocol), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** socketpair(2). */
    public static int socketpair(int domain, int type, int protocol, MemorySegment twoInts) {
        Check.range(0, 8, twoInts.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome(
                    (int) SOCKETPAIR.invokeExact(errno, domain, type, protocol, address(twoInts)), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** bind(2). */
    public static int bind(int fd, MemorySegment address, int size) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) BIND.invokeExact(errno, fd, address(address), size), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** listen(2). */
    public static int listen(int fd, int backlog) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) LISTEN.invokeExact(errno, fd, backlog), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** accept4(2); address and size may be {@link MemorySegment#NULL}. */
    public static int accept4(int fd, MemorySegment address, MemorySegment size, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int)
                    Native.outcome((int) ACCEPT4.invokeExact(errno, fd, address(address), address(size), flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** connect(2). */
    public static int connect(int fd, MemorySegment address, int size) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) CONNECT.invokeExact(errno, fd, address(address), size), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** getsockname(2). */
    public static int getsockname(int fd, MemorySegment address, MemorySegment size) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int)
                    Native.outcome((int) GETSOCKNAME.invokeExact(errno, fd, address(address), address(size)), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** getpeername(2). */
    public static int getpeername(int fd, MemorySegment address, MemorySegment size) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int)
                    Native.outcome((int) GETPEERNAME.invokeExact(errno, fd, address(address), address(size)), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** setsockopt(2). */
    public static int setsockopt(int fd, int level, int option, MemorySegment value, int size) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int)
                    Native.outcome((int) SETSOCKOPT.invokeExact(errno, fd, level, option, address(value), size), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** getsockopt(2). */
    public static int getsockopt(int fd, int level, int option, MemorySegment value, MemorySegment size) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome(
                    (int) GETSOCKOPT.invokeExact(errno, fd, level, option, address(value), address(size)), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** shutdown(2): wakes whoever waits on the socket. */
    public static int shutdown(int fd, int how) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) SHUTDOWN.invokeExact(errno, fd, how), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** send(2): bytes sent. */
    public static long send(int fd, MemorySegment from, long offset, long length, int flags) {
        Check.range(offset, length, from.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) SEND.invokeExact(errno, fd, from.address() + offset, length, flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** recv(2): bytes received, 0 if the peer closed. */
    public static long recv(int fd, MemorySegment to, long offset, long length, int flags) {
        Check.range(offset, length, to.byteSize());
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) RECV.invokeExact(errno, fd, to.address() + offset, length, flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** recv(2) to an address got from {@link RawMemory#address}: for a thread that fills another thread's buffer while that one waits. */
    public static long recv(int fd, long address, long length, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) RECV.invokeExact(errno, fd, address, length, flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** sendmsg(2) of a struct msghdr. */
    public static long sendmsg(int fd, MemorySegment msghdr, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) SENDMSG.invokeExact(errno, fd, address(msghdr), flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** recvmsg(2) into a struct msghdr. */
    public static long recvmsg(int fd, MemorySegment msghdr, int flags) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) RECVMSG.invokeExact(errno, fd, address(msghdr), flags), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** Has close(2) end the connection with a reset and throw away what is not sent (SO_LINGER of no time, socket(7)). */
    public static int discardOnClose(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            return setsockopt(fd, SOL_SOCKET, SO_LINGER, arena.allocateFrom(ValueLayout.JAVA_INT, 1, 0), 8);
        }
    }

    /** setsockopt(2) with an int value. */
    public static int setInt(int fd, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            return setsockopt(fd, level, option, arena.allocateFrom(ValueLayout.JAVA_INT, value), 4);
        }
    }

    /** Sets {@link #SO_RCVTIMEO} or {@link #SO_SNDTIMEO}; 0 waits for ever. */
    public static int setTimeout(int fd, int option, long millis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment timeval = arena.allocateFrom(ValueLayout.JAVA_LONG, millis / 1000, millis % 1000 * 1000);
            return setsockopt(fd, SOL_SOCKET, option, timeval, 16);
        }
    }

    /**
     * A struct sockaddr_in or sockaddr_in6 of {@code arena} for {@code address}; its byte size is the length to pass on.
     *
     * @throws IllegalArgumentException if the address is unresolved
     */
    public static MemorySegment address(Arena arena, InetSocketAddress address) {
        InetAddress host = address.getAddress();
        Check.argument(host != null, "the address is not resolved");
        byte[] raw = Objects.requireNonNull(host).getAddress();
        boolean v4 = raw.length == 4;
        MemorySegment s = arena.allocate(v4 ? 16 : 28, 8);
        s.set(ValueLayout.JAVA_SHORT, 0, (short) (v4 ? AF_INET : AF_INET6));
        s.set(ValueLayout.JAVA_BYTE, 2, (byte) (address.getPort() >> 8));
        s.set(ValueLayout.JAVA_BYTE, 3, (byte) address.getPort());
        MemorySegment.copy(raw, 0, s, ValueLayout.JAVA_BYTE, v4 ? 4 : 8, raw.length);
        return s;
    }

    /**
     * A struct sockaddr_un of {@code arena}.
     *
     * @throws IllegalArgumentException if the path has more than 107 bytes, the kernel's limit
     */
    public static MemorySegment address(Arena arena, Path path) {
        byte[] raw = path.toString().getBytes(StandardCharsets.UTF_8);
        Check.argument(raw.length <= 107, "a unix socket's path has %d bytes, more than 107", raw.length);
        MemorySegment s = arena.allocate(110, 8);
        s.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(raw, 0, s, ValueLayout.JAVA_BYTE, 2, raw.length);
        return s;
    }

    private static long address(MemorySegment segment) {
        Check.argument(segment.isNative(), "a heap segment cannot be handed to libc");
        return segment.address();
    }
}
