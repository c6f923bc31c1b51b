package io.efc.rpc.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.Sockets;
import io.efc.rpc.Address;
import io.efc.rpc.RpcException;
import io.efc.rpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes listening and connected sockets. */
public final class Endpoints {
    private static final int BACKLOG = 256;

    /** A listening socket, and where it listens with its real port. */
    public record Listener(int fd, Address address) {
        public boolean isUnix() {
            return address instanceof Address.Unix;
        }
    }

    private Endpoints() {}

    /**
     * Listens. A unix socket's path that nobody listens on any more is taken over; its file mode becomes 0600.
     *
     * @throws RpcException naming the address and the errno
     */
    public static Listener listen(Address address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = sockaddr(arena, address);
            if (address instanceof Address.Unix(Path path)) {
                removeDeadSocket(path, name);
            }
            int fd = Sockets.socket(domain(name), Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0);
            check(fd, fd, "cannot make a socket for", address);
            if (!(address instanceof Address.Unix)) {
                Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
            }
            check(Sockets.bind(fd, name, (int) name.byteSize()), fd, "cannot bind to", address);
            if (address instanceof Address.Unix(Path path)) {
                check(Libc.chmod(Libc.cString(arena, path.toString()), 0600), fd, "cannot set the mode of", address);
            }
            check(Sockets.listen(fd, BACKLOG), fd, "cannot listen on", address);
            return new Listener(fd, bound(arena, fd, address));
        }
    }

    private static Address bound(Arena arena, int fd, Address address) {
        if (!(address instanceof Address.Tcp(String host, int port)) || port != 0) {
            return address;
        }
        MemorySegment name = arena.allocate(28, 8);
        check(Sockets.getsockname(fd, name, arena.allocateFrom(JAVA_INT, 28)), fd, "cannot ask the port of", address);
        return new Address.Tcp(host, Socket.port(name));
    }

    private static void removeDeadSocket(Path path, MemorySegment name) {
        if (!Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int probe = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0);
        int r = Sockets.connect(probe, name, (int) name.byteSize());
        Libc.close(probe);
        if (r == -Errno.ECONNREFUSED.code()) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot remove the dead socket " + path, e);
            }
        }
    }

    /**
     * Connects within the time-out.
     *
     * @throws RpcException LOST, naming the address and the errno
     */
    public static Socket connect(Address address, long timeoutMillis, long sendTimeoutMillis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = sockaddr(arena, address);
            int fd = Sockets.socket(domain(name), Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0);
            check(fd, fd, "cannot make a socket for", address);
            // connect(2) honours the send time-out (socket(7)).
            Sockets.setTimeout(fd, Sockets.SO_SNDTIMEO, timeoutMillis);
            int r = Sockets.connect(fd, name, (int) name.byteSize());
            boolean late = r == -Errno.EINPROGRESS.code() || r == -Errno.EAGAIN.code();
            check(late ? -Errno.ETIMEDOUT.code() : r, fd, "cannot connect to", address);
            return new Socket(fd, address instanceof Address.Unix, sendTimeoutMillis);
        }
    }

    private static MemorySegment sockaddr(Arena arena, Address address) {
        return switch (address) {
            case Address.Unix(Path path) -> Sockets.address(arena, path);
            case Address.AnyOf several -> throw new IllegalArgumentException(several + " is not one address");
            case Address.Tcp(String host, int port) -> {
                try {
                    yield Sockets.address(arena, new InetSocketAddress(InetAddress.getByName(host), port));
                } catch (UnknownHostException e) {
                    throw new RpcException(Status.LOST, "cannot resolve the host of " + address);
                }
            }
        };
    }

    private static int domain(MemorySegment sockaddr) {
        return sockaddr.get(java.lang.foreign.ValueLayout.JAVA_SHORT, 0);
    }

    private static void check(int result, int fd, String what, Address address) {
        if (result < 0) {
            if (fd >= 0) {
                Libc.close(fd);
            }
            Errno errno = Errno.ofResult(result);
            throw new RpcException(Status.LOST, what + " " + address + ": " + errno.text() + " (" + errno + ")");
        }
    }
}
