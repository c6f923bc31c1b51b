package io.efc.rpc;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.Metrics;
import io.efc.base.Sockets;
import io.efc.rpc.internal.Endpoints;
import io.efc.rpc.internal.Endpoints.Listener;
import io.efc.rpc.internal.Socket;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Accepts connections, has them prove themselves, and serves each on a thread of its own. Whoever fails the handshake is cut off within its
 * time-out and counted; a flood of such connections pushes out its own oldest ones, never an authenticated one.
 *
 * <p>{@code lock} guards the two sets of connections and {@code closing}.
 */
public final class RpcServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(RpcServer.class.getName());

    /** Threads need this long at most to see that their socket was shut down. */
    private static final long JOIN_MILLIS = 5_000;

    /** One refused connection in so long is worth a line. */
    private static final long REFUSAL_LOG_NANOS = 1_000_000_000;

    final Metrics.Counter requests;
    final Metrics.Counter busy;

    private final RpcServerConfig config;
    private final RpcHandler handler;
    private final Metrics metrics;
    private final List<Listener> listeners = new ArrayList<>();
    private final List<Thread> acceptors = new ArrayList<>();
    private final Object lock = new Object();
    private final ArrayDeque<Socket> handshakes = new ArrayDeque<>();
    private final Set<ServerConnection> connections = new HashSet<>();
    private final Set<Thread> threads = new HashSet<>();
    private boolean closing;
    private long accepted;
    private long lastRefusalNanos;

    private RpcServer(RpcServerConfig config, RpcHandler handler, Metrics metrics) {
        this.config = config;
        this.handler = handler;
        this.metrics = metrics;
        this.requests = metrics.counter("efc_rpc_requests_total", "Requests received.", "server", config.name());
        this.busy = metrics.counter("efc_rpc_busy_total", "Requests answered BUSY.", "server", config.name());
        metrics.gauge(
                "efc_rpc_connections", "Authenticated connections.", this::connectionCount, "server", config.name());
    }

    /**
     * Listens and serves until closed.
     *
     * @throws RpcException naming the address that cannot be bound
     */
    public static RpcServer start(RpcServerConfig config, RpcHandler handler, Metrics metrics) {
        RpcServer server = new RpcServer(config, handler, metrics);
        try {
            for (Address address : config.listen()) {
                server.listeners.add(Endpoints.listen(address));
            }
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        for (Listener listener : server.listeners) {
            server.acceptors.add(Thread.ofPlatform()
                    .daemon()
                    .name("efc-" + config.name() + "-accept")
                    .start(() -> server.accept(listener)));
        }
        return server;
    }

    /** Where it listens, in the order of the configuration, with real ports. */
    public List<Address> addresses() {
        return listeners.stream().map(Listener::address).toList();
    }

    public int connectionCount() {
        synchronized (lock) {
            return connections.size();
        }
    }

    /** The authenticated peers of now. */
    public List<Peer> peers() {
        synchronized (lock) {
            return List.copyOf(connections);
        }
    }

    private void accept(Listener listener) {
        while (true) {
            int fd = Sockets.accept4(listener.fd(), MemorySegment.NULL, MemorySegment.NULL, Sockets.SOCK_CLOEXEC);
            synchronized (lock) {
                if (closing) {
                    if (fd >= 0) {
                        Libc.close(fd);
                    }
                    return;
                }
                if (fd >= 0) {
                    admit(new Socket(
                            fd, listener.isUnix(), config.frameTimeout().toMillis()));
                }
            }
            if (fd < 0 && fd != -Errno.EINTR.code() && fd != -Errno.ECONNABORTED.code()) {
                LOG.log(
                        Level.WARNING,
                        "{0}: accept on {1}: {2}",
                        config.name(),
                        listener.address(),
                        Errno.ofResult(fd));
                // Out of descriptors or memory: others may give some back.
                LockSupport.parkNanos(100_000_000);
            }
        }
    }

    /** Under {@code lock}. */
    private void admit(Socket socket) {
        if (connections.size() >= config.connectionsMax()) {
            refused("limit");
            socket.close();
            return;
        }
        if (handshakes.size() >= config.handshakesMax()) {
            refused("flood");
            handshakes.removeFirst().shutdown();
        }
        handshakes.addLast(socket);
        Thread thread = Thread.ofPlatform()
                .daemon()
                .name("efc-" + config.name() + "-" + ++accepted)
                .unstarted(() -> run(socket));
        threads.add(thread);
        thread.start();
    }

    private void run(Socket socket) {
        try {
            int uid = socket.peerUid();
            Handshake handshake = new Handshake(socket, config.secret(), config.handshakeTimeout());
            Handshake.Outcome outcome = socket.isUnix() && uid != 0 && uid != Uid.own()
                    ? new Handshake.Outcome.Refused("uid", "the process of user " + uid + " is not one of ours")
                    : handshake.accept(config.dataset());
            switch (outcome) {
                case Handshake.Outcome.Refused(String reason, String detail) -> {
                    refused(reason);
                    LOG.log(refusalLevel(), "{0}: refused a connection: {1}: {2}", config.name(), reason, detail);
                }
                case Handshake.Outcome.Accepted accepted -> serve(socket, handshake, accepted);
            }
        } finally {
            synchronized (lock) {
                handshakes.remove(socket);
                threads.remove(Thread.currentThread());
            }
            socket.close();
        }
    }

    /** Strangers must not fill the log. */
    private Level refusalLevel() {
        synchronized (lock) {
            long now = System.nanoTime();
            boolean quiet = lastRefusalNanos != 0 && now - lastRefusalNanos < REFUSAL_LOG_NANOS;
            lastRefusalNanos = quiet ? lastRefusalNanos : now;
            return quiet ? Level.DEBUG : Level.INFO;
        }
    }

    private void serve(Socket socket, Handshake handshake, Handshake.Outcome.Accepted accepted) {
        ServerConnection connection = new ServerConnection(this, config, socket, accepted.hello());
        if (!welcome(socket, connection, handshake, accepted)) {
            refused("limit");
            return;
        }
        try {
            handler.opened(connection);
            String reason = connection.serve(handler);
            LOG.log(Level.DEBUG, "{0}: {1} ended: {2}", config.name(), connection, reason);
        } finally {
            synchronized (lock) {
                connections.remove(connection);
            }
            connection.end();
            handler.closed(connection);
        }
    }

    /**
     * Registers the peer, then tells it that it is welcome: a peer that knows is out of reach of strangers that push out unfinished
     * handshakes. Nothing can be pushed to it before, as its send lock is held. False if there is no room for it.
     */
    private boolean welcome(
            Socket socket, ServerConnection connection, Handshake handshake, Handshake.Outcome.Accepted accepted) {
        connection.lockSend();
        try {
            synchronized (lock) {
                if (!handshakes.remove(socket) || closing || connections.size() >= config.connectionsMax()) {
                    return false;
                }
                connections.add(connection);
            }
            handshake.welcome(accepted);
            return true;
        } finally {
            connection.unlockSend();
        }
    }

    void refused(String reason) {
        metrics.counter(
                        "efc_rpc_refused_total",
                        "Connections cut off, by reason.",
                        "server",
                        config.name(),
                        "reason",
                        reason)
                .increment();
    }

    /** Stops accepting, ends all connections and waits for their threads. Idempotent. */
    @Override
    public void close() {
        List<Thread> waitFor;
        synchronized (lock) {
            if (closing) {
                return;
            }
            closing = true;
            handshakes.forEach(Socket::shutdown);
            connections.forEach(ServerConnection::disconnect);
            waitFor = new ArrayList<>(threads);
        }
        listeners.forEach(l -> Sockets.shutdown(l.fd(), Sockets.SHUT_RDWR));
        waitFor.addAll(acceptors);
        join(waitFor);
        for (Listener listener : listeners) {
            Libc.close(listener.fd());
            if (listener.address() instanceof Address.Unix(java.nio.file.Path path)) {
                try {
                    Files.deleteIfExists(path);
                } catch (IOException e) {
                    LOG.log(Level.WARNING, "cannot remove the socket {0}: {1}", path, e.getMessage());
                }
            }
        }
    }

    private void join(List<Thread> waitFor) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + JOIN_MILLIS * 1_000_000;
        for (Thread thread : waitFor) {
            long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
            try {
                if (thread != Thread.currentThread() && !thread.join(java.time.Duration.ofMillis(left))) {
                    LOG.log(Level.WARNING, "{0}: thread {1} does not end", config.name(), thread.getName());
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whose process this is, asked of a socket pair, since libc's geteuid is not bound. */
    static final class Uid {
        private static final int OWN = ask();

        private Uid() {}

        static int own() {
            return OWN;
        }

        private static int ask() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment pair = arena.allocate(8, 4);
                int r = Sockets.socketpair(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0, pair);
                if (r < 0) {
                    throw new IllegalStateException("socketpair: " + Errno.ofResult(r));
                }
                Socket socket = new Socket(pair.get(JAVA_INT, 0), true, 1);
                int uid = socket.peerUid();
                socket.close();
                Libc.close(pair.get(JAVA_INT, 4));
                return uid;
            }
        }
    }
}
