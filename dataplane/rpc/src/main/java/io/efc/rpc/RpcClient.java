package io.efc.rpc;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.rpc.internal.Endpoints;
import io.efc.rpc.internal.FrameBuffer;
import io.efc.rpc.internal.Socket;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one server that is made again whenever it is lost. Callers encode and send themselves, pipelined, under {@code sendLock};
 * the client's one thread connects, receives replies straight into the callers' memory, and watches over the peer: without a byte for a
 * while it pings, without an answer it ends the connection and all calls with it.
 */
public final class RpcClient implements AutoCloseable {
    private static final Logger LOG = System.getLogger(RpcClient.class.getName());

    /** The thread sees a closed socket at once, a slow connect within its time-out. */
    private static final long JOIN_MILLIS = 5_000;

    private static final int DRAIN_BYTES = 64 << 10;

    private final RpcClientConfig config;
    private final RpcListener listener;
    private final Call[] calls;
    private final ArrayBlockingQueue<Call> free;
    private final FrameBuffer header = new FrameBuffer(DRAIN_BYTES);
    private final FrameBuffer ping = new FrameBuffer(0);
    private final Thread thread;

    /** Guards sending, and {@code socket} being set and unset. */
    private final ReentrantLock sendLock = new ReentrantLock();

    private final Condition changed = sendLock.newCondition();
    private volatile @Nullable Socket socket;

    /** What is being pushed; guarded by the send lock. */
    private FrameBuffer pushed = new FrameBuffer(ServerConnection.PUSH_BYTES);

    private volatile boolean closed;
    private volatile boolean attempted;
    private volatile String failure = "not connected yet";
    private volatile long lastReceivedNanos;
    private volatile long lastSentNanos;
    private volatile Status refusal = Status.OK;
    private final List<? extends Address> targets;

    /** Of the thread; counts on when a target fails. */
    private int target;

    private long pingSentNanos;
    private boolean pinging;

    private RpcClient(RpcClientConfig config, RpcListener listener) {
        this.config = config;
        this.listener = listener;
        this.targets = config.address() instanceof Address.AnyOf(List<Address.Tcp> several)
                ? several
                : List.of(config.address());
        this.calls = new Call[config.inFlightMax()];
        this.free = new ArrayBlockingQueue<>(config.inFlightMax());
        for (int i = 0; i < calls.length; i++) {
            calls[i] = new Call(this, i);
            free.add(calls[i]);
        }
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("efc-rpc-to-" + config.address())
                .unstarted(this::run);
    }

    /** Begins to connect, in the background. */
    public static RpcClient start(RpcClientConfig config, RpcListener listener) {
        RpcClient client = new RpcClient(config, listener);
        client.thread.start();
        return client;
    }

    public RpcClientConfig config() {
        return config;
    }

    public boolean isConnected() {
        return socket != null;
    }

    /** Why it is not connected. */
    public String failure() {
        return failure;
    }

    /** DENIED or VERSION if the server refused the last handshake, else OK. */
    public Status refusal() {
        return refusal;
    }

    /** Calls not in use: how idle the connection is. */
    public int freeCalls() {
        return free.size();
    }

    /** Waits until connected, or until the first attempt has failed if {@code once}; whether it is connected. */
    public boolean awaitConnected(Duration timeout, boolean once) {
        long left = timeout.toNanos();
        sendLock.lock();
        try {
            while (socket == null && !closed && left > 0 && !(once && attempted)) {
                left = changed.awaitNanos(left);
            }
            return socket != null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            sendLock.unlock();
        }
    }

    /** Tries again now instead of after the back-off. */
    public void reconnectNow() {
        LockSupport.unpark(thread);
    }

    /** A place for a call; waits for one until the deadline. Null if not connected, late or interrupted (the flag is kept). */
    public @Nullable Call begin(long deadlineNanos) {
        if (socket == null) {
            return null;
        }
        Call call = free.poll();
        if (call == null) {
            try {
                call = free.poll(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return call;
    }

    /**
     * A call of the control plane: any length, a body in, a body out.
     *
     * @throws RpcException with a status other than OK
     */
    public byte[] call(int type, byte[] body, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        Call call = begin(deadline);
        if (call == null) {
            throw new RpcException(Status.LOST, "no connection to " + config.address() + ": " + failure);
        }
        try (call) {
            FrameBuffer out = new FrameBuffer(body.length);
            MemorySegment.copy(body, 0, out.body(), ValueLayout.JAVA_BYTE, 0, body.length);
            Status status = call.execute(out, type, body.length, null, 0, 0, deadline);
            if (status != Status.OK) {
                throw new RpcException(
                        status, config.address() + " answered " + status + " to a request of type " + type);
            }
            return call.replyBytes();
        }
    }

    void giveBack(Call call) {
        free.add(call);
    }

    /** False if nothing was sent because there is no connection. */
    boolean send(Call call, FrameBuffer out, int bodyLength, long now) {
        sendLock.lock();
        try {
            Socket s = socket;
            if (s == null) {
                call.setIdle();
                return false;
            }
            call.setWaiting();
            lastSentNanos = now;
            if (s.send(out.segment(), 0, FrameBuffer.HEADER_BYTES + (long) bodyLength, false) < 0) {
                // The connection's thread sees it end and ends this call with the others.
                s.shutdown();
            }
            return true;
        } finally {
            sendLock.unlock();
        }
    }

    /**
     * Sends a frame that wants no answer, without waiting: a server that takes nothing now does not get it. Any thread.
     *
     * @return whether it is on its way
     */
    public boolean push(int type, byte[] body) {
        long length = FrameBuffer.HEADER_BYTES + (long) body.length;
        sendLock.lock();
        try {
            Socket s = socket;
            if (s == null) {
                return false;
            }
            if (pushed.bodyCapacity() < body.length) {
                pushed = new FrameBuffer(body.length);
            }
            FrameBuffer out = pushed;
            MemorySegment.copy(body, 0, out.body(), ValueLayout.JAVA_BYTE, 0, body.length);
            out.seal(type, FrameBuffer.FLAG_PUSH, 0, 0, Status.OK.code(), body.length, 0);
            lastSentNanos = System.nanoTime();
            long n = s.sendNow(out.segment(), length);
            if (n != length && n != 0) {
                s.shutdown();
            }
            return n == length;
        } finally {
            sendLock.unlock();
        }
    }

    /** A call got no reply in time: a peer that sent nothing at all since then is dead. */
    void timedOut(long startedNanos) {
        Socket s = socket;
        if (s != null && lastReceivedNanos - startedNanos < 0) {
            failure = config.address() + " is silent";
            s.shutdown();
        }
    }

    private void run() {
        long backoff = config.backoffMin().toNanos();
        while (!closed) {
            Socket s = null;
            try {
                s = connect();
                backoff = config.backoffMin().toNanos();
                receive(s);
            } catch (RpcException e) {
                refusal = e.status() == Status.DENIED || e.status() == Status.VERSION ? e.status() : Status.OK;
                failure = String.valueOf(e.getMessage());
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "connection to " + config.address() + " failed", e);
                failure = String.valueOf(e.getMessage());
            }
            disconnect(s);
            target = (target + 1) % targets.size();
            // Only a round in which nobody served is followed by a pause.
            if (!closed && target == 0) {
                long jitter = ThreadLocalRandom.current().nextLong(backoff / 2 + 1);
                LockSupport.parkNanos(this, backoff / 2 + jitter);
                backoff = Math.min(backoff * 2, config.backoffMax().toNanos());
            }
        }
    }

    private Socket connect() {
        Socket s = Endpoints.connect(
                targets.get(target % targets.size()),
                config.connectTimeout().toMillis(),
                config.frameTimeout().toMillis());
        try {
            int uid = s.peerUid();
            if (s.isUnix() && uid != 0 && uid != RpcServer.Uid.own()) {
                throw new RpcException(
                        Status.DENIED, "the process of user " + uid + " at " + config.address() + " is none of ours");
            }
            new Handshake(s, config.secret(), config.connectTimeout())
                    .open(config.role(), config.dataset(), config.name());
        } catch (RuntimeException e) {
            s.close();
            throw e;
        }
        refusal = Status.OK;
        lastReceivedNanos = System.nanoTime();
        lastSentNanos = lastReceivedNanos;
        pinging = false;
        sendLock.lock();
        try {
            socket = s;
            attempted = true;
            changed.signalAll();
        } finally {
            sendLock.unlock();
        }
        if (closed) {
            s.shutdown();
        }
        listener.connected();
        return s;
    }

    private void disconnect(@Nullable Socket s) {
        if (s != null) {
            s.shutdown();
        }
        sendLock.lock();
        try {
            socket = null;
            attempted = true;
            changed.signalAll();
        } finally {
            sendLock.unlock();
        }
        for (Call call : calls) {
            call.lost();
        }
        if (s != null) {
            s.close();
        }
        if (!closed) {
            LOG.log(Level.DEBUG, "{0}: {1}", config.address(), failure);
            listener.disconnected(failure);
        }
    }

    /** Receives until the connection ends. */
    private void receive(Socket s) {
        long frameNanos = config.frameTimeout().toNanos();
        while (!closed) {
            long asked = System.nanoTime();
            int r = s.receiveHeader(header, asked, frameNanos);
            if (r == Socket.LATE) {
                watch(s, asked);
                continue;
            }
            if (r < 0) {
                failure = config.address() + ": "
                        + (r == Socket.END
                                ? "closed by the server"
                                : Errno.ofResult(r).text());
                return;
            }
            lastReceivedNanos = System.nanoTime();
            pinging = false;
            int body = header.bodyLength();
            int bulk = header.bulkLength();
            if (!header.headerIntact() || body < 0 || body > config.bodyBytesMax() || bulk < 0) {
                throw new RpcException(Status.BAD_REQUEST, config.address() + ": garbage instead of a frame");
            }
            if (!header.has(FrameBuffer.FLAG_DESCRIPTOR)) {
                s.dropDescriptor();
            }
            dispatch(s, lastReceivedNanos + frameNanos);
        }
    }

    private void dispatch(Socket s, long deadline) {
        if (header.has(FrameBuffer.FLAG_PUSH)) {
            listener.pushed(header.type(), pushedBody(s, deadline));
            return;
        }
        int index = (int) (header.id() & 0xff);
        Call call = header.type() != FrameType.PING && index < calls.length ? calls[index] : null;
        if (call == null || call.id() != header.id() || !call.startReceiving()) {
            // The type of an abandoned call: whoever asked has gone.
            drain(s, header.bodyLength(), deadline);
            drain(s, header.bulkLength(), deadline);
            s.dropDescriptor();
            if (call != null && call.id() == header.id()) {
                call.reclaim();
            }
            return;
        }
        boolean complete = false;
        try {
            receiveReply(s, call, deadline);
            complete = true;
        } finally {
            if (!complete) {
                call.done(Status.LOST, 0, -1);
            }
        }
    }

    private void receiveReply(Socket s, Call call, long deadline) {
        FrameBuffer reply = call.replyBuffer(header);
        int body = header.bodyLength();
        int bulk = header.bulkLength();
        if (body > 0) {
            must(s.receive(reply.body(), 0, body, deadline));
        }
        if (!reply.bodyIntact()) {
            throw new RpcException(Status.BAD_REQUEST, config.address() + ": a body with a wrong checksum");
        }
        if (bulk > 0) {
            MemorySegment to = call.destination(bulk);
            if (to == null) {
                throw new RpcException(Status.BAD_REQUEST, config.address() + ": more bulk bytes than asked for");
            }
            must(s.receiveSteadily(
                    to, call.destinationOffset(), bulk, config.deadAfter().toNanos()));
        }
        lastReceivedNanos = System.nanoTime();
        call.done(Status.of(header.status()), bulk, s.takeDescriptor());
    }

    private byte[] pushedBody(Socket s, long deadline) {
        FrameBuffer in = new FrameBuffer(header.bodyLength());
        in.copyHeader(header);
        if (header.bodyLength() > 0) {
            must(s.receive(in.body(), 0, header.bodyLength(), deadline));
        }
        if (!in.bodyIntact() || header.bulkLength() != 0) {
            throw new RpcException(Status.BAD_REQUEST, config.address() + ": a malformed push");
        }
        byte[] body = new byte[header.bodyLength()];
        MemorySegment.copy(in.body(), ValueLayout.JAVA_BYTE, 0, body, 0, body.length);
        return body;
    }

    private void drain(Socket s, int length, long deadline) {
        for (int left = length; left > 0; ) {
            int part = Math.min(left, DRAIN_BYTES);
            must(s.receive(header.body(), 0, part, deadline));
            left -= part;
        }
    }

    private void must(int result) {
        if (result < 0) {
            throw new RpcException(
                    Status.LOST,
                    config.address() + ": " + Errno.ofResult(result).text() + " in the middle of a frame");
        }
    }

    /** Nothing had come until {@code now}: whatever came since, while this thread had to wait for a processor, is still to be received. */
    private void watch(Socket s, long now) {
        if (pinging) {
            if (now - pingSentNanos > config.deadAfter().toNanos() * 2 / 3) {
                throw new RpcException(Status.LOST, config.address() + " does not answer");
            }
            return;
        }
        boolean waiting = free.size() < calls.length;
        long idle = config.idlePing().toNanos();
        long quiet = waiting ? config.deadAfter().toNanos() / 3 : idle;
        if ((now - lastReceivedNanos > quiet || now - lastSentNanos > idle) && sendLock.tryLock()) {
            try {
                ping.seal(FrameType.PING, 0, 0, 0, 0, 0, 0);
                if (s.send(ping.segment(), 0, FrameBuffer.HEADER_BYTES, false) < 0) {
                    throw new RpcException(Status.LOST, config.address() + ": cannot send");
                }
                pinging = true;
                pingSentNanos = System.nanoTime();
                lastSentNanos = pingSentNanos;
            } finally {
                sendLock.unlock();
            }
        }
    }

    /** Ends the connection and all calls. Idempotent. */
    @Override
    public void close() {
        closed = true;
        Socket s = socket;
        if (s != null) {
            s.shutdown();
        }
        LockSupport.unpark(thread);
        Check.state(Thread.currentThread() != thread, "a listener closes its own client");
        try {
            if (!thread.join(Duration.ofMillis(JOIN_MILLIS))) {
                LOG.log(Level.WARNING, "the thread of {0} does not end", config.address());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
