package io.efc.rpc;

import io.efc.base.Errno;
import io.efc.rpc.internal.FrameBuffer;
import io.efc.rpc.internal.Socket;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One authenticated connection of a server: its thread receives requests and runs the handler, any thread replies under the send lock. The
 * socket is closed once the thread has left and no reply can be under way.
 */
final class ServerConnection implements Peer {
    private static final Logger LOG = System.getLogger(ServerConnection.class.getName());

    /** Most of what is pushed is smaller. */
    static final int PUSH_BYTES = 256;

    /** Nobody who pushes waits longer for another sender. */
    private static final long PUSH_WAITS_MILLIS = 2;

    private final RpcServer server;
    private final RpcServerConfig config;
    private final Socket socket;
    private final Hello hello;
    private final ReentrantLock sendLock = new ReentrantLock();
    private final ArrayBlockingQueue<Exchange> free;
    private final FrameBuffer header = new FrameBuffer(Handshake.BODY_BYTES_MAX);
    private final FrameBuffer own = new FrameBuffer(0);
    private int made;

    /** What is being pushed; guarded by the send lock. */
    private FrameBuffer pushed = new FrameBuffer(PUSH_BYTES);

    /** Guarded by the send lock: nobody may touch the socket any more. */
    private boolean ended;

    private volatile @Nullable Object attachment;

    ServerConnection(RpcServer server, RpcServerConfig config, Socket socket, Hello hello) {
        this.server = server;
        this.config = config;
        this.socket = socket;
        this.hello = hello;
        this.free = new ArrayBlockingQueue<>(config.inFlightMax());
    }

    /** Serves until the peer is gone or misbehaves; the reason for the log. */
    String serve(RpcHandler handler) {
        long frameNanos = config.frameTimeout().toNanos();
        while (true) {
            Exchange exchange = takeFree();
            FrameBuffer in = exchange == null ? header : exchange.requestBuffer();
            long now = System.nanoTime();
            int r = socket.receiveHeader(in, now + config.idleTimeout().toNanos(), frameNanos);
            if (r < 0) {
                return r == Socket.END
                        ? "closed by the peer"
                        : Errno.ofResult(r).text();
            }
            if (!in.headerIntact()) {
                server.refused("garbage");
                return "garbage instead of a frame";
            }
            int length = in.bodyLength();
            if (length < 0 || length > config.bodyBytesMax() || in.bulkLength() != 0) {
                server.refused("length");
                return "a frame of " + Integer.toUnsignedString(length) + " + "
                        + Integer.toUnsignedString(in.bulkLength()) + " bytes";
            }
            if (exchange == null) {
                exchange = takeFree();
                if (exchange != null) {
                    exchange.requestBuffer().copyHeader(in);
                }
            }
            String end =
                    exchange == null ? refuse(in, length, frameNanos) : receive(handler, exchange, length, frameNanos);
            if (end != null) {
                return end;
            }
        }
    }

    /** An exchange that is not in use, or null if there are as many as allowed. Only the connection's thread makes new ones. */
    private @Nullable Exchange takeFree() {
        Exchange exchange = free.poll();
        if (exchange == null && made < config.inFlightMax()) {
            made++;
            exchange = new Exchange(this);
        }
        return exchange;
    }

    private @Nullable String receive(RpcHandler handler, Exchange exchange, int length, long frameNanos) {
        long now = System.nanoTime();
        FrameBuffer in = exchange.start(now);
        int r = length == 0 ? 0 : socket.receive(in.body(), 0, length, now + frameNanos);
        if (r < 0) {
            return "the rest of a frame did not come: " + Errno.ofResult(r).text();
        }
        if (!in.bodyIntact()) {
            server.refused("garbage");
            return "a body with a wrong checksum";
        }
        server.requests.increment();
        if (in.has(FrameBuffer.FLAG_PUSH)) {
            return pushed(handler, exchange);
        }
        if (exchange.type() == FrameType.PING) {
            exchange.reply(Status.OK);
        } else {
            handle(handler, exchange);
        }
        return null;
    }

    private @Nullable String pushed(RpcHandler handler, Exchange exchange) {
        int type = exchange.type();
        byte[] body = exchange.bodyBytes();
        exchange.unanswered();
        free.add(exchange);
        try {
            handler.pushed(this, type, body);
            return null;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "what " + this + " sent with type " + type + " cannot be used", e);
            return "a message of type " + type + " that cannot be used: " + e.getMessage();
        }
    }

    private static void handle(RpcHandler handler, Exchange exchange) {
        try {
            handler.handle(exchange);
        } catch (RpcException e) {
            LOG.log(Level.DEBUG, "request of type {0} from {1}: {2}", exchange.type(), exchange.peer(), e.getMessage());
            answer(exchange, e.status());
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "request of type " + exchange.type() + " from " + exchange.peer() + " failed", e);
            answer(exchange, Status.INTERNAL);
        }
    }

    private static void answer(Exchange exchange, Status status) {
        if (!exchange.isAnswered()) {
            exchange.reply(status);
        }
    }

    /** Too many requests in hand: drops the body, says so. */
    private @Nullable String refuse(FrameBuffer in, int length, long frameNanos) {
        long deadline = System.nanoTime() + frameNanos;
        for (int left = length; left > 0; ) {
            int part = Math.min(left, in.bodyCapacity());
            int r = socket.receive(in.body(), 0, part, deadline);
            if (r < 0) {
                return "the rest of a frame did not come: " + Errno.ofResult(r).text();
            }
            left -= part;
        }
        server.busy.increment();
        sendLock.lock();
        try {
            own.seal(in.type(), FrameBuffer.FLAG_REPLY, in.id(), 0, Status.BUSY.code(), 0, 0);
            int r = ended ? 0 : socket.send(own.segment(), 0, FrameBuffer.HEADER_BYTES, false);
            return r < 0 ? "cannot send: " + Errno.ofResult(r).text() : null;
        } finally {
            sendLock.unlock();
        }
    }

    void lockSend() {
        sendLock.lock();
    }

    void unlockSend() {
        sendLock.unlock();
    }

    int send(MemorySegment from, long offset, long length, boolean more) {
        return ended ? Socket.END : socket.send(from, offset, length, more);
    }

    int send(MemorySegment a, long aLength, MemorySegment b, long bOffset, long bLength, boolean more) {
        return ended ? Socket.END : socket.send(a, aLength, b, bOffset, bLength, more);
    }

    int sendFile(int file, long position, long length) {
        return ended ? Socket.END : socket.sendFile(file, position, length);
    }

    int sendWithDescriptor(MemorySegment from, long length, int descriptor) {
        return ended ? Socket.END : socket.sendWithDescriptor(from, length, descriptor);
    }

    /** The reply is out, or failed: takes the exchange back and lets others send. */
    void answered(Exchange exchange, int result) {
        if (result < 0 && !ended) {
            // Part of a frame may be out: the stream is useless now.
            socket.shutdown();
        }
        sendLock.unlock();
        free.add(exchange);
    }

    @Override
    public boolean push(int type, byte[] body) {
        long length = FrameBuffer.HEADER_BYTES + (long) body.length;
        try {
            // Whoever sends now sends little, or to a peer that takes nothing.
            if (!sendLock.tryLock(PUSH_WAITS_MILLIS, TimeUnit.MILLISECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        try {
            if (pushed.bodyCapacity() < body.length) {
                pushed = new FrameBuffer(body.length);
            }
            FrameBuffer out = pushed;
            MemorySegment.copy(body, 0, out.body(), ValueLayout.JAVA_BYTE, 0, body.length);
            out.seal(type, FrameBuffer.FLAG_PUSH, 0, 0, Status.OK.code(), body.length, 0);
            long n = ended ? Socket.END : socket.sendNow(out.segment(), length);
            if (n > 0 && n < length) {
                socket.shutdown();
            }
            return n == length;
        } finally {
            sendLock.unlock();
        }
    }

    /** After {@link #serve}: waits for a reply under way, then gives the socket back. */
    void end() {
        socket.shutdown();
        sendLock.lock();
        try {
            ended = true;
        } finally {
            sendLock.unlock();
        }
        socket.close();
    }

    @Override
    public Role role() {
        return hello.role();
    }

    @Override
    public String name() {
        return hello.name();
    }

    @Override
    public boolean isLocal() {
        return socket.isUnix();
    }

    @Override
    public @Nullable Object attachment() {
        return attachment;
    }

    @Override
    public void attach(@Nullable Object value) {
        attachment = value;
    }

    @Override
    public void disconnect() {
        socket.shutdown();
    }

    @Override
    public String toString() {
        return hello.role() + " '" + hello.name() + "'";
    }
}
