package io.efc.nfs.internal;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.Sockets;
import io.efc.nfs.NfsException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Opens TCP connections to one server. */
final class Connector {
    private static final long BACK_OFF_LEAST_MILLIS = 50;

    /** A server that comes back is found this late at most. */
    private static final long BACK_OFF_MOST_MILLIS = 2000;

    /** Reserved ports that clients use, as bindresvport(3). */
    private static final int RESERVED_PORT_LEAST = 600;

    private static final int RESERVED_PORTS = 424;

    private final String host;
    private final int port;
    private final boolean reservedPort;
    private final long attemptMillis;

    Connector(String host, int port, boolean reservedPort, Duration attempt) {
        this.host = host;
        this.port = port;
        this.reservedPort = reservedPort;
        this.attemptMillis = Math.max(1, attempt.toMillis());
    }

    String name() {
        return host + ":" + port;
    }

    /** Opens a connection, tried again and again until the transport is closed: -1 then. */
    int openWithBackOff(RpcTransport transport) {
        long wait = BACK_OFF_LEAST_MILLIS;
        while (!transport.closed()) {
            int fd = open();
            if (fd >= 0) {
                return fd;
            }
            transport.connectFailed(Errno.ofResult(fd));
            transport.sleepUnlessClosed(TimeUnit.MILLISECONDS.toNanos(
                    wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1)));
            wait = Math.min(2 * wait, BACK_OFF_MOST_MILLIS);
        }
        return -1;
    }

    /** One attempt at each of the host's addresses: a descriptor, or minus the last errno. */
    private int open() {
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            return -Errno.EHOSTUNREACH.code();
        }
        int result = -Errno.EHOSTUNREACH.code();
        for (InetAddress address : addresses) {
            result = open(new InetSocketAddress(address, port));
            if (result >= 0) {
                return result;
            }
        }
        return result;
    }

    private int open(InetSocketAddress server) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = Sockets.address(arena, server);
            int domain = server.getAddress() instanceof java.net.Inet4Address ? Sockets.AF_INET : Sockets.AF_INET6;
            int fd = Sockets.socket(
                    domain, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC | Sockets.SOCK_NONBLOCK, Sockets.IPPROTO_TCP);
            if (fd < 0) {
                return fd;
            }
            int result = prepare(arena, fd, server);
            if (result >= 0) {
                result = connect(arena, fd, address);
            }
            if (result < 0) {
                Libc.close(fd);
                return result;
            }
            return fd;
        }
    }

    /** Buffer sizes are left to the kernel: setting one ends its tuning and is bounded by net.core.*mem_max, a fraction of what tuning reaches. */
    private int prepare(Arena arena, int fd, InetSocketAddress server) {
        Sockets.setInt(fd, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
        Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_KEEPALIVE, 1);
        return reservedPort ? bindReserved(arena, fd, server) : 0;
    }

    private static int bindReserved(Arena arena, int fd, InetSocketAddress server) {
        boolean v4 = server.getAddress() instanceof java.net.Inet4Address;
        byte[] any = new byte[v4 ? 4 : 16];
        int first = ThreadLocalRandom.current().nextInt(RESERVED_PORTS);
        int result = 0;
        for (int i = 0; i < RESERVED_PORTS; i++) {
            int candidate = RESERVED_PORT_LEAST + (first + i) % RESERVED_PORTS;
            try {
                MemorySegment local =
                        Sockets.address(arena, new InetSocketAddress(InetAddress.getByAddress(any), candidate));
                result = Sockets.bind(fd, local, (int) local.byteSize());
            } catch (UnknownHostException e) {
                throw new IllegalStateException(e);
            }
            if (result != -Errno.EADDRINUSE.code()) {
                return result;
            }
        }
        return result;
    }

    /** Connects within the bound and makes the descriptor blocking. */
    private int connect(Arena arena, int fd, MemorySegment address) {
        int result = Sockets.connect(fd, address, (int) address.byteSize());
        if (result == -Errno.EINPROGRESS.code()) {
            MemorySegment pollfd = arena.allocate(8, 8);
            pollfd.set(ValueLayout.JAVA_INT, 0, fd);
            pollfd.set(ValueLayout.JAVA_SHORT, 4, (short) Libc.POLLOUT);
            int ready = Libc.poll(pollfd, 1, (int) Math.min(Integer.MAX_VALUE, attemptMillis));
            if (ready <= 0) {
                return ready < 0 ? ready : -Errno.ETIMEDOUT.code();
            }
            MemorySegment error = arena.allocate(4, 4);
            MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, 4);
            result = Sockets.getsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_ERROR, error, size);
            if (result >= 0) {
                result = -error.get(ValueLayout.JAVA_INT, 0);
            }
        }
        if (result < 0) {
            return result;
        }
        int flags = Libc.fcntl(fd, Libc.F_GETFL, 0);
        return Libc.fcntl(fd, Libc.F_SETFL, flags & ~Libc.O_NONBLOCK);
    }

    /** What a failure to reach the server at mount is reported as. */
    NfsException unreachable(Errno errno) {
        return new NfsException(errno, "connecting to " + name());
    }
}
