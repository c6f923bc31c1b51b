package io.efc.fuse.internal;

import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.fuse.FuseConfig;
import io.efc.fuse.FuseException;
import io.efc.fuse.FuseFileSystem;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.FuseOpcode;
import io.efc.fuse.internal.wire.InHeader;
import io.efc.fuse.internal.wire.OutHeader;
import java.lang.System.Logger;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A negotiated connection being served: dispatcher, readers, notifier, and their common end. The file system's {@code stop} is called
 * once, after the last request, and only if the connection is over: not after {@link #stopReading}, since then a successor goes on.
 */
public final class Connection {
    private static final Logger LOG = System.getLogger(Connection.class.getName());

    /** How long a request may go on after the end before it is interrupted, and after that before it is left alone. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How often requests are interrupted whose callers are gone because the connection is. */
    private static final long INTERRUPT_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** enum fuse_notify_code, FUSE_NOTIFY_RESEND. */
    private static final int NOTIFY_RESEND = 7;

    private final Device device;
    private final FuseFileSystem fs;
    private final FuseNegotiated negotiated;
    private final Dispatcher dispatcher;
    private final Readers readers;
    private final Notifier notifier;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean handedOver;

    public Connection(Device device, FuseConfig config, FuseNegotiated negotiated, FuseFileSystem fs, Metrics metrics) {
        this.device = device;
        this.fs = fs;
        this.negotiated = negotiated;
        Negotiation negotiation = negotiation(config, fs);
        dispatcher = new Dispatcher(device, fs, negotiated, negotiation, metrics, Ticker.system());
        readers = new Readers(dispatcher, negotiated.maxWrite(), config.readers());
        notifier = new Notifier(device, negotiated, metrics);
        metrics.gauge("efc_fuse_readers", "Threads that read requests.", readers::count);
    }

    private static Negotiation negotiation(FuseConfig config, FuseFileSystem fs) {
        return new Negotiation(
                config,
                fs.operations().contains(FuseOpcode.SETLK),
                fs.operations().contains(FuseOpcode.READDIRPLUS));
    }

    /** The most bytes of data in one request of a mount with this configuration. */
    public static int dataMax(FuseConfig config, FuseFileSystem fs) {
        return negotiation(config, fs).dataMax();
    }

    /**
     * Reads the kernel's INIT, which mount(2) has queued, and answers it.
     *
     * @throws FuseException if the kernel's protocol is too old
     */
    public static FuseNegotiated negotiate(Device device, FuseConfig config, FuseFileSystem fs) {
        Negotiation negotiation = negotiation(config, fs);
        Buffers buffers = Buffers.map(negotiation.dataMax());
        try {
            Exchange x = new Exchange(buffers);
            long n;
            do {
                n = device.read(buffers.request(), buffers.requestAt(), buffers.requestBytes());
            } while (n == -Errno.EINTR.code() || n == -Errno.EAGAIN.code() || n == -Errno.ENOENT.code());
            if (n < 0) {
                throw new FuseException("the kernel ended the mount before INIT: "
                        + Errno.ofResult(n).text());
            }
            boolean valid =
                    x.parse(n).isOk() && n >= InHeader.BYTES && x.header().opcode() == FuseOpcode.INIT.code();
            x.in.init.wrap(x.body(), x.bodyAt());
            FuseNegotiated settled = valid ? negotiation.answer(x.in.init, x.bodyBytes(), x.out.init()) : null;
            long written = x.reply(device, settled == null ? Errno.EPROTO : Errno.OK);
            if (settled == null) {
                throw new FuseException("the kernel's FUSE protocol is older than 7." + Negotiation.MINOR_MIN
                        + "; Linux 5.4 or later is needed");
            }
            if (written < 0) {
                throw new FuseException("the kernel refused the answer to INIT: "
                        + Errno.ofResult(written).text());
            }
            return settled;
        } finally {
            buffers.unmap();
        }
    }

    /** Starts the file system and then the readers. */
    public void start() {
        notifier.start();
        boolean started = false;
        try {
            fs.start(negotiated, notifier);
            started = true;
        } finally {
            if (!started) {
                notifier.stop();
            }
        }
        readers.start();
        Thread.ofPlatform().name("fuse-end").daemon(true).start(this::awaitReaders);
    }

    private void awaitReaders() {
        try {
            while (!readers.awaitEnd(INTERRUPT_INTERVAL_NANOS)) {
                if (readers.connectionOver()) {
                    dispatcher.inFlight().interruptAll();
                }
            }
            if (!dispatcher.waiters().cancel(GRACE_NANOS)) {
                LOG.log(Logger.Level.WARNING, "fuse: waits for locks do not end when interrupted");
            }
            if (!handedOver) {
                fs.stop();
            }
            notifier.stop();
            notifier.awaitEnd(GRACE_NANOS);
        } catch (InterruptedException e) {
            LOG.log(Logger.Level.ERROR, "fuse: interrupted while ending", e);
        } catch (RuntimeException e) {
            LOG.log(Logger.Level.ERROR, "fuse: the file system failed to stop", e);
        } finally {
            ended.countDown();
        }
    }

    /**
     * Ends reading and waits for the requests being served; the connection itself goes on. Lock waits end without an answer.
     *
     * @param handOver true if another process serves on, so that the file system is not stopped
     * @return false if a request did not end although it was interrupted
     */
    public boolean stopReading(boolean handOver) {
        handedOver = handOver && ended.getCount() > 0;
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    if (!readers.stop(GRACE_NANOS)) {
                        dispatcher.inFlight().interruptAll();
                        if (!readers.stop(GRACE_NANOS)) {
                            return false;
                        }
                    }
                    ended.await();
                    return true;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Has the kernel send all requests again that were read and not answered (FUSE_NOTIFY_RESEND). */
    public Errno resend() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment m = arena.allocate(OutHeader.BYTES, 8);
            OutHeader header = new OutHeader();
            header.wrap(m, 0);
            header.length(OutHeader.BYTES).error(NOTIFY_RESEND).unique(0);
            return Errno.ofResult(device.write(m, 0, OutHeader.BYTES));
        }
    }

    /** True until the readers' end is complete. */
    public boolean serving() {
        return ended.getCount() > 0;
    }

    public FuseNegotiated negotiated() {
        return negotiated;
    }

    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** False if it goes on for longer than {@code nanos}. */
    public boolean awaitEnd(long nanos) throws InterruptedException {
        return ended.await(nanos, TimeUnit.NANOSECONDS);
    }
}
