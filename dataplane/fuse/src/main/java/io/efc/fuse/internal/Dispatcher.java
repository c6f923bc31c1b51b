package io.efc.fuse.internal;

import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.fuse.FuseFileSystem;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.FuseOpcode;
import io.efc.fuse.internal.Operation.Answer;
import io.efc.fuse.internal.wire.InHeader;
import java.lang.System.Logger;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Serves requests, one at a time on the calling thread: checks the message, calls the file system, writes the reply. It knows no
 * threads of its own, so that tests drive it with byte arrays.
 */
final class Dispatcher implements OperationTable.Control {
    private static final Logger LOG = System.getLogger(Dispatcher.class.getName());

    /**
     * How long an INTERRUPT whose request is not known waits for it before it is sent back to the kernel: another reader may have taken
     * the request from the kernel and not begun with it yet.
     */
    private static final long INTERRUPT_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Device device;
    private final FuseFileSystem fs;
    private final Ticker ticker;
    private final Negotiation negotiation;
    private final OperationTable table;
    private final InFlight inFlight;
    private final Waiters waiters;
    private final Deferred deferred;
    private final Metrics.Counter malformed;
    private final Metrics.Counter unimplemented;

    Dispatcher(
            Device device,
            FuseFileSystem fs,
            FuseNegotiated negotiated,
            Negotiation negotiation,
            Metrics metrics,
            Ticker ticker) {
        this.device = device;
        this.fs = fs;
        this.ticker = ticker;
        this.negotiation = negotiation;
        this.table = new OperationTable(fs.operations(), negotiated, metrics, this);
        this.inFlight = new InFlight();
        this.waiters = new Waiters(this, inFlight, metrics);
        this.deferred = new Deferred(device, metrics);
        this.malformed = metrics.counter(
                "efc_fuse_malformed_total", "Messages of the kernel whose lengths contradict each other.");
        this.unimplemented =
                metrics.counter("efc_fuse_unimplemented_total", "Requests answered with ENOSYS without a call.");
        metrics.gauge("efc_fuse_in_flight", "Requests being served.", inFlight::count);
    }

    Device device() {
        return device;
    }

    InFlight inFlight() {
        return inFlight;
    }

    Waiters waiters() {
        return waiters;
    }

    Deferred deferred() {
        return deferred;
    }

    /** Says that a message was read into {@code x} just now. */
    void received(Exchange x) {
        x.receivedAt(ticker.nanos());
    }

    /** True for what must be served whatever else goes on: it never waits, and others may wait for it. */
    static boolean isUrgent(Exchange x, long bytes) {
        if (bytes < InHeader.BYTES) {
            return true;
        }
        int opcode = x.header().opcode();
        return opcode == FuseOpcode.INTERRUPT.code()
                || opcode == FuseOpcode.FORGET.code()
                || opcode == FuseOpcode.BATCH_FORGET.code();
    }

    /** Puts the message in {@code x} off until less is being served; false if there is no room. */
    boolean defer(Exchange x, long bytes) {
        return deferred.add(x, bytes, x.receivedNanos());
    }

    /** Serves the message of {@code bytes} bytes that lies in {@code x}. Never throws; whatever fails is answered with EIO. */
    void serve(Exchange x, long bytes) {
        try {
            check(x, bytes);
        } catch (RuntimeException | Error e) {
            LOG.log(Logger.Level.ERROR, "fuse: serving opcode " + x.header().opcode() + " failed", e);
            x.reply(device, Errno.EIO);
        }
    }

    private void check(Exchange x, long bytes) {
        Errno parsed = x.parse(bytes);
        if (bytes < InHeader.BYTES) {
            malformed.increment();
            LOG.log(Logger.Level.WARNING, "fuse: message of {0} bytes, shorter than a header: dropped", bytes);
            return;
        }
        Operation operation = table.of(x.header().opcode());
        if (!parsed.isOk()) {
            refuseMalformed(x, operation);
        } else if (operation == null) {
            unimplemented.increment();
            write(x, Errno.ENOSYS);
        } else if (x.bodyBytes() < operation.bodyMin()) {
            refuseMalformed(x, operation);
        } else if (!operation.opcode().mayWait()) {
            run(x, operation);
        } else if (!waiters.start(x, bytes, operation)) {
            operation.requests().increment();
            operation.errors().increment();
            write(x, Errno.ENOLCK);
        }
    }

    private void refuseMalformed(Exchange x, @Nullable Operation operation) {
        malformed.increment();
        if (operation == null || operation.answer() != Answer.NEVER) {
            write(x, Errno.EINVAL);
        }
    }

    /** Runs a checked request on the calling thread and answers it. */
    void run(Exchange x, Operation operation) {
        Errno outcome;
        x.interruption.begin(x.unique());
        try {
            outcome = operation.handler().handle(x, fs);
        } catch (RuntimeException | Error e) {
            LOG.log(Logger.Level.ERROR, "fuse: " + operation.opcode() + " of node " + x.nodeId() + " failed", e);
            outcome = Errno.EIO;
        } finally {
            x.interruption.end();
        }
        Answer answer = operation.answer();
        if (answer == Answer.ALWAYS ? !waiters.abandoned(x, outcome) : answer == Answer.ERRORS && !outcome.isOk()) {
            write(x, outcome);
        }
        x.out.released();
        operation.requests().increment();
        if (!outcome.isOk()) {
            operation.errors().increment();
        }
        operation.seconds().record(ticker.nanos() - x.receivedNanos());
    }

    /**
     * Writes a reply. ENOENT is normal: the request is gone, since its caller was killed or the connection aborted. After any other
     * refusal the caller still waits, so it gets EIO.
     */
    private void write(Exchange x, Errno outcome) {
        long n = x.reply(device, outcome);
        if (n >= 0) {
            return;
        }
        Errno refused = Errno.ofResult(n);
        switch (refused) {
            case ENOENT, ENODEV, ENOTCONN, ECONNABORTED -> {}
            default -> {
                LOG.log(
                        Logger.Level.ERROR,
                        "fuse: the kernel refused the reply to opcode {0} with {1}",
                        x.header().opcode(),
                        refused);
                x.reply(device, Errno.EIO);
            }
        }
    }

    /** A predecessor died before it answered INIT: the kernel sends it again. */
    @Override
    public Errno init(Exchange x) {
        x.in.init.wrap(x.body(), x.bodyAt());
        return negotiation.answer(x.in.init, x.bodyBytes(), x.out.init()) == null ? Errno.EPROTO : Errno.OK;
    }

    /**
     * Interrupts the thread of the request that the message names. Of one that is not here the kernel's documentation
     * (Documentation/filesystems/fuse/fuse.rst, "Interrupting filesystem operations") says: wait a little, then answer EAGAIN. If the
     * request is still to come, INTERRUPT is queued again; if it was answered meanwhile, the kernel ignores the reply.
     */
    @Override
    public Errno interrupt(Exchange x) {
        x.in.interrupt.wrap(x.body(), x.bodyAt());
        long unique = x.in.interrupt.unique() & Long.MAX_VALUE;
        if (interrupt(unique)) {
            return Errno.OK;
        }
        LockSupport.parkNanos(INTERRUPT_RETRY_NANOS);
        return interrupt(unique) ? Errno.OK : Errno.EAGAIN;
    }

    private boolean interrupt(long unique) {
        return inFlight.interrupt(unique) || deferred.interrupt(unique);
    }

    /** Reading ends with ENODEV right after it, which is what ends the server. */
    @Override
    public Errno destroy(Exchange x) {
        return Errno.OK;
    }
}
