package io.efc.nfs.internal;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.Sockets;
import io.efc.nfs.NfsException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One TCP connection of a transport, opened again whenever it breaks, and the platform thread that opens it and receives its replies.
 *
 * <p>Callers send in their own threads, one at a time under {@link #sendLock}. Descriptor and state change under that lock too, so nobody sends on a
 * descriptor that was closed; {@link #fdLock}, taken after it, lets {@link #kill} shut a connection down on which a sender is stuck.
 */
public final class RpcConnection {
    /** Down, being opened. */
    static final int DOWN = 0;

    /** TCP is up; only calls pinned to it or content with any connection may use it. */
    static final int OPEN = 1;

    /** Up for everyone. */
    static final int READY = 2;

    private static final System.Logger LOG = System.getLogger(RpcConnection.class.getName());

    /** Between looks at an interrupt while the socket takes no more. */
    private static final int SEND_POLL_MILLIS = 100;

    private final RpcTransport transport;
    private final int number;
    private final RecordReader records;
    private final MemorySegment head;
    private final MemorySegment pollfd;
    private final ReentrantLock sendLock = new ReentrantLock();
    private final ReentrantLock fdLock = new ReentrantLock();
    private final Thread reader;
    final AtomicInteger inFlight = new AtomicInteger();
    private volatile int state = DOWN;
    private int fd = -1;
    private volatile String broken = "";

    RpcConnection(RpcTransport transport, int number, Arena arena, int recordBytesMax) {
        this.transport = transport;
        this.number = number;
        this.records = new RecordReader(arena, recordBytesMax);
        this.head = arena.allocate(8, 8);
        this.pollfd = arena.allocate(8, 8);
        this.reader = Thread.ofPlatform().daemon().name("efc-nfs-" + number).unstarted(this::run);
    }

    /** Its place among the transport's connections, from 0. */
    public int number() {
        return number;
    }

    int state() {
        return state;
    }

    void start() {
        reader.start();
    }

    void join() throws InterruptedException {
        reader.join();
    }

    private void run() {
        boolean again = false;
        while (!transport.closed()) {
            int opened = transport.connector().openWithBackOff(transport);
            if (opened < 0) {
                return;
            }
            if (again) {
                transport.metrics().reconnects.increment();
            }
            again = true;
            up(opened);
            if (transport.closed()) {
                kill("closed"); // Whoever closes kills what is up; this came up behind its back.
            }
            down(readUntilBroken());
        }
    }

    private void up(int opened) {
        records.attach(opened);
        sendLock.lock();
        fdLock.lock();
        try {
            fd = opened;
            broken = "";
            state = OPEN;
        } finally {
            fdLock.unlock();
            sendLock.unlock();
        }
        transport.opened(this);
    }

    /** Opens the connection for everyone, unless it broke meanwhile. */
    void ready() {
        sendLock.lock();
        try {
            if (state == OPEN) {
                state = READY;
            }
        } finally {
            sendLock.unlock();
        }
        transport.changed();
    }

    private String readUntilBroken() {
        try {
            while (true) {
                readMessage();
            }
        } catch (RecordReader.EndOfStream | XdrException e) {
            return broken.isEmpty() ? String.valueOf(e.getMessage()) : broken;
        }
    }

    private void readMessage() {
        records.next();
        if (records.read(head, 0, 8) < 8) {
            throw new XdrException("a message of less than 8 bytes");
        }
        int xid = head.get(XdrWriter.I32, 0);
        int type = head.get(XdrWriter.I32, 4);
        RpcCall call = type == RpcMessage.REPLY ? transport.inFlight(xid) : null;
        boolean late = false;
        if (call == null
                || !(call.move(RpcCall.SENT, this, RpcCall.RECEIVING)
                        || (late = call.move(RpcCall.ABANDONED, this, RpcCall.RECEIVING)))) {
            transport.metrics().strayReplies.increment();
            transport.metrics().bytesReceived.add(8 + records.skipRest());
            return;
        }
        if (call.xid != xid) {
            leave(call, late ? RpcCall.ABANDONED : RpcCall.SENT);
            throw new XdrException("two replies to one call");
        }
        int end = RpcCall.DONE;
        try {
            call.receive(records, late);
        } catch (XdrException e) {
            call.failure = "a malformed reply: " + e.getMessage();
            end = RpcCall.FAILED;
            records.skipRest();
        } catch (RecordReader.EndOfStream e) {
            leave(call, late ? RpcCall.ABANDONED : RpcCall.SENT);
            throw e;
        }
        transport.metrics().bytesReceived.add(records.recordBytes());
        inFlight.decrementAndGet();
        if (late) {
            transport.freeOrphan(call, end == RpcCall.DONE);
        } else {
            leave(call, end);
        }
    }

    /** Ends RECEIVING; the waiter may be gone at once. */
    private void leave(RpcCall call, int state) {
        Thread waiter = call.waiter;
        if (!call.move(RpcCall.RECEIVING, this, state)) {
            throw new IllegalStateException("a call left RECEIVING while its reply arrived");
        }
        LockSupport.unpark(waiter);
    }

    private void down(String why) {
        kill(why);
        sendLock.lock();
        fdLock.lock();
        try {
            state = DOWN;
            Libc.close(fd);
            fd = -1;
        } finally {
            fdLock.unlock();
            sendLock.unlock();
        }
        if (!transport.closed()) {
            LOG.log(System.Logger.Level.INFO, "{0}: connection {1} lost: {2}", transport.name(), number, why);
        }
        transport.lose(this);
        inFlight.set(0);
        transport.changed();
    }

    /** Breaks the connection: its reader wakes, its calls are sent again elsewhere. */
    void kill(String why) {
        fdLock.lock();
        try {
            if (fd >= 0) {
                broken = broken.isEmpty() ? why : broken;
                Sockets.shutdown(fd, Sockets.SHUT_RDWR);
            }
        } finally {
            fdLock.unlock();
        }
    }

    /** Breaks the connection and throws away what it has not sent yet. */
    void reset(String why) {
        fdLock.lock();
        try {
            if (fd >= 0) {
                Sockets.discardOnClose(fd);
            }
        } finally {
            fdLock.unlock();
        }
        kill(why);
    }

    /**
     * Sends a call. From then on it is the reader's.
     *
     * @return false if the connection is not up (any more): nothing was sent, the call is as before
     * @throws NfsException EINTR if the caller was interrupted before anything was sent, or while the server took nothing
     */
    boolean send(RpcCall call, int stateLeast) {
        if (call.interruptible) {
            try {
                sendLock.lockInterruptibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new NfsException(Errno.EINTR, "waiting to send");
            }
        } else {
            sendLock.lock();
        }
        try {
            if (state < stateLeast) {
                return false;
            }
            int total = call.prepare();
            call.sentNanos = System.nanoTime();
            if (call.everSent) {
                transport.metrics().retransmits.increment();
                call.sentAgain = true;
            }
            call.everSent = true;
            inFlight.incrementAndGet();
            call.setSent(this);
            sendAll(call, total);
            transport.metrics().bytesSent.add(total);
            return true;
        } finally {
            sendLock.unlock();
        }
    }

    /** A failure breaks the connection; the call is then lost like all others on it. */
    private void sendAll(RpcCall call, int total) {
        int left = total;
        while (left > 0) {
            long n = Sockets.sendmsg(fd, call.msghdr, Sockets.MSG_NOSIGNAL | Sockets.MSG_DONTWAIT);
            if (n > 0) {
                left -= (int) n;
                if (left > 0) {
                    call.advance(n);
                }
            } else if (n == -Errno.EAGAIN.code()) {
                pollfd.set(ValueLayout.JAVA_INT, 0, fd);
                pollfd.set(ValueLayout.JAVA_SHORT, 4, (short) Libc.POLLOUT);
                int ready = Libc.poll(pollfd, 1, SEND_POLL_MILLIS);
                if (ready == 0 && stuck(call)) {
                    return;
                }
            } else if (n != -Errno.EINTR.code()) {
                kill("sending: " + Errno.ofResult(n).text());
                return;
            }
        }
    }

    /** Whether to give up a message of which the server takes no more: half a message cannot be taken back, so the connection goes. */
    private boolean stuck(RpcCall call) {
        if (!broken.isEmpty()) {
            return true;
        }
        if (call.interruptible && Thread.currentThread().isInterrupted()) {
            kill("interrupted within a message that the server does not take");
            return true;
        }
        if (call.isFencedOff()) {
            reset("the right to go on with " + call.op().name() + " is over");
            return true;
        }
        if (System.nanoTime() - call.sentNanos > transport.requestNanos()) {
            kill("the server takes no more data");
            return true;
        }
        return false;
    }
}
