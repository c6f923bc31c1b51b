package io.efc.testing.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * A TCP relay in front of a server, through which a test delays, stalls, cuts and garbles traffic. What is set holds for connections that
 * are open and for those to come. Safe for many threads.
 */
public final class FaultProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;

    private final InetSocketAddress server;
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder toServerBytes = new LongAdder();
    private final LongAdder toClientBytes = new LongAdder();
    private final SplittableRandom random;

    private volatile long delayMillis;
    private volatile boolean refuse;
    private volatile boolean stalled;
    private volatile long cutToServerAt = Long.MAX_VALUE;
    private volatile long cutToClientAt = Long.MAX_VALUE;
    private volatile int garbleOneIn;
    private volatile boolean closed;

    /** A relay on a free port to {@code serverPort} of 127.0.0.1; {@code seed} decides which bytes {@link #garble} changes. */
    public FaultProxy(int serverPort, long seed) {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
        this.random = new SplittableRandom(seed);
        try {
            listener = new ServerSocket();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.free()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen", e);
        }
        Thread.ofPlatform().daemon().name("fault-proxy-accept").start(this::accept);
    }

    /** Where clients connect to. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Connections accepted so far. */
    public long accepted() {
        return accepted.sum();
    }

    /** Bytes that went from clients to the server. */
    public long toServerBytes() {
        return toServerBytes.sum();
    }

    /** Bytes that went from the server to clients. */
    public long toClientBytes() {
        return toClientBytes.sum();
    }

    /** Every piece of data waits this long before it goes on, in both directions. */
    public void delay(long millis) {
        delayMillis = millis;
    }

    /** Nothing goes through, though connections stay open, until called with false: a server that hangs. */
    public synchronized void stall(boolean on) {
        stalled = on;
        notifyAll();
    }

    /** New connections are closed at once, until called with false. */
    public void refuse(boolean on) {
        refuse = on;
    }

    /** Closes all connections with a reset. */
    public void cut() {
        links.forEach(Link::reset);
    }

    /** After {@code bytes} more from clients all connections are cut once: in the middle of a request, the server does not act on it. */
    public void cutAfterToServer(long bytes) {
        cutToServerAt = toServerBytes.sum() + bytes;
    }

    /**
     * After {@code bytes} more from the server all connections are cut once, in the middle of a message as it may be. With 0 the next answer is
     * lost: the server has acted, the client does not know.
     */
    public void cutAfterToClient(long bytes) {
        cutToClientAt = toClientBytes.sum() + bytes;
    }

    /** Changes about one byte of {@code bytes} from the server; 0 ends it. */
    public void garble(int bytes) {
        garbleOneIn = bytes;
    }

    /** Closes the port and all connections. */
    @Override
    public void close() {
        closed = true;
        stall(false);
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the listener", e);
        }
        cut();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listener.accept();
                accepted.increment();
                if (refuse) {
                    new Link(client, client).reset();
                    continue;
                }
                Socket upstream = new Socket();
                try {
                    upstream.connect(server, 2000);
                } catch (IOException e) {
                    new Link(client, upstream).reset();
                    continue;
                }
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                Link link = new Link(client, upstream);
                links.add(link);
                Thread.ofPlatform().daemon().name("fault-proxy-up").start(() -> pump(link, client, upstream, true));
                Thread.ofPlatform().daemon().name("fault-proxy-down").start(() -> pump(link, upstream, client, false));
            } catch (IOException e) {
                if (!closed) {
                    throw new UncheckedIOException("the proxy cannot accept", e);
                }
            }
        }
    }

    private void pump(Link link, Socket from, Socket to, boolean toServer) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            for (int n; (n = from.getInputStream().read(buffer)) >= 0; ) {
                if (delayMillis > 0) {
                    Thread.sleep(delayMillis);
                }
                awaitFlow();
                forward(to, buffer, n, toServer);
            }
        } catch (IOException | InterruptedException e) {
            link.reset();
        } finally {
            link.reset();
            links.remove(link);
        }
    }

    private void forward(Socket to, byte[] buffer, int length, boolean toServer) throws IOException {
        LongAdder counter = toServer ? toServerBytes : toClientBytes;
        long left = (toServer ? cutToServerAt : cutToClientAt) - counter.sum();
        int n = Math.clamp(left, 0, length);
        int oneIn = toServer ? 0 : garbleOneIn;
        if (oneIn > 0) {
            synchronized (random) {
                for (int i = random.nextInt(oneIn); i < n; i += 1 + random.nextInt(2 * oneIn)) {
                    buffer[i] ^= (byte) (1 + random.nextInt(255));
                }
            }
        }
        // First counted, then written: whoever has received bytes finds them counted.
        counter.add(n);
        to.getOutputStream().write(buffer, 0, n);
        if (left <= length) {
            if (toServer) {
                cutToServerAt = Long.MAX_VALUE;
            } else {
                cutToClientAt = Long.MAX_VALUE;
            }
            cut();
        }
    }

    private synchronized void awaitFlow() throws InterruptedException {
        while (stalled && !closed) {
            wait();
        }
    }

    private record Link(Socket client, Socket upstream) {
        void reset() {
            for (Socket s : new Socket[] {client, upstream}) {
                try {
                    s.setSoLinger(true, 0);
                } catch (IOException e) {
                    // Already closed: nothing is left to be reset.
                }
                try {
                    s.close();
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot close a socket", e);
                }
            }
        }
    }
}
