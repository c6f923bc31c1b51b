package io.efc.fuse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.fuse.AttrReply;
import io.efc.fuse.FuseConfig;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.FuseOpcode;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.LockArgs;
import io.efc.fuse.MemoryFileSystem;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Readers, waiters and the end of a connection, over byte arrays. */
class ConnectionTest {
    private static final FuseNegotiated NEGOTIATED = new FuseNegotiated(45, -1L, 1 << 16, 1 << 17, 16, 64);

    /** GETATTR waits until let go; it says who it was called by and how it ended. */
    private static class Gate extends MemoryFileSystem {
        final Set<String> threads = ConcurrentHashMap.newKeySet();
        final CountDownLatch entered;
        final CountDownLatch open = new CountDownLatch(1);

        Gate(int requests) {
            entered = new CountDownLatch(requests);
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized")
        public Errno getattr(FuseRequest request, long nodeId, long fh, AttrReply reply) {
            return pass(open);
        }

        @Override
        public Errno setlk(FuseRequest request, long nodeId, long fh, LockArgs lock, boolean wait) {
            return pass(new CountDownLatch(1));
        }

        private Errno pass(CountDownLatch open) {
            threads.add(Thread.currentThread().getName());
            entered.countDown();
            try {
                open.await();
                return Errno.OK;
            } catch (InterruptedException e) {
                return Errno.EINTR;
            }
        }
    }

    private final ArrayDevice device = new ArrayDevice();

    private final Metrics metrics = new Metrics();

    private Connection start(MemoryFileSystem fs, int readers) {
        FuseConfig c = FuseConfig.defaults("x");
        Connection connection = new Connection(
                device,
                new FuseConfig(
                        c.fsName(), c.subtype(), false, true, true, readers, 1 << 16, 1 << 17, 64, false, false, false),
                NEGOTIATED,
                fs,
                metrics);
        connection.start();
        return connection;
    }

    private void getattr(long unique) {
        device.requests.add(
                Message.of(FuseOpcode.GETATTR, unique, 1).u64(0).u64(0).build());
    }

    private Message.Reply reply() throws InterruptedException {
        return Message.Reply.of(Objects.requireNonNull(device.replies.poll(10, TimeUnit.SECONDS), "reply"));
    }

    @Test
    void startsAReaderWheneverAllAreBusyUpToTheLimit() throws InterruptedException {
        Gate fs = new Gate(8);
        Connection connection = start(fs, 8);
        for (int i = 0; i < 12; i++) {
            getattr(2 + 2L * i);
        }
        assertThat(fs.entered.await(10, TimeUnit.SECONDS))
                .as("8 requests at once")
                .isTrue();
        awaitText("\nefc_fuse_deferred 4\n");
        assertThat(fs.threads).hasSize(8).allMatch(t -> t.matches("fuse-[0-8]"));
        assertThat(text(metrics)).contains("\nefc_fuse_readers 9\n");
        fs.open.countDown();
        for (int i = 0; i < 12; i++) {
            assertThat(reply().errno()).isZero();
        }
        device.gone = true;
        assertThat(connection.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
    }

    private void awaitText(String expected) throws InterruptedException {
        for (int i = 0; i < 1000 && !text(metrics).contains(expected); i++) {
            Thread.sleep(5);
        }
        assertThat(text(metrics)).contains(expected);
    }

    @Test
    void interruptsAndForgetsAlthoughEveryReaderWaits() throws InterruptedException {
        Gate fs = new Gate(2);
        Connection connection = start(fs, 2);
        for (int i = 0; i < 4; i++) {
            getattr(2 + 2L * i);
        }
        assertThat(fs.entered.await(10, TimeUnit.SECONDS)).isTrue();
        awaitText("\nefc_fuse_deferred 2\n");
        device.requests.add(Message.of(FuseOpcode.FORGET, 20, 1).u64(7).build());
        device.requests.add(Message.of(FuseOpcode.INTERRUPT, 9, 0).u64(8).build());
        Message.Reply deferred = reply();
        assertThat(deferred.unique()).as("one that was not begun").isEqualTo(8);
        assertThat(deferred.errno()).isEqualTo(Errno.EINTR.code());
        assertThat(fs.forgotten()).isEqualTo(7);
        device.requests.add(Message.of(FuseOpcode.INTERRUPT, 3, 0).u64(2).build());
        Message.Reply running = reply();
        assertThat(running.unique()).isEqualTo(2);
        assertThat(running.errno()).isEqualTo(Errno.EINTR.code());
        fs.open.countDown();
        assertThat(reply().errno() + reply().errno()).as("4 and 6").isZero();
        device.gone = true;
        assertThat(connection.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
    }

    /** Deferring and giving permits back race for every request; none may be left behind. */
    @Test
    void neverForgetsADeferredRequest() throws InterruptedException {
        Connection connection = start(new MemoryFileSystem(), 1);
        int sent = 0;
        for (int round = 0; round < 2000; round++) {
            int burst = 1 + round % 7;
            for (int i = 0; i < burst; i++) {
                getattr(2 + 2L * sent++);
            }
            for (int i = 0; i < burst; i++) {
                assertThat(reply().errno()).isZero();
            }
        }
        device.gone = true;
        assertThat(connection.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
        assertThat(text(metrics)).contains("efc_fuse_requests_total{op=\"getattr\"} " + sent + "\n");
    }

    @Test
    void waitsForAPermitWhenNothingMoreCanBeDeferred() throws InterruptedException {
        Gate fs = new Gate(1);
        Connection connection = start(fs, 1);
        for (int i = 0; i < Deferred.ENTRIES_MAX + 10; i++) {
            getattr(2 + 2L * i);
        }
        awaitText("\nefc_fuse_deferred " + Deferred.ENTRIES_MAX + "\n");
        assertThat(device.requests).hasSizeGreaterThanOrEqualTo(8);
        fs.open.countDown();
        for (int i = 0; i < Deferred.ENTRIES_MAX + 10; i++) {
            assertThat(reply().errno()).isZero();
        }
        device.gone = true;
        assertThat(connection.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
    }

    @Test
    void keepsFewReadersWhileRequestsComeOneByOne() throws InterruptedException {
        MemoryFileSystem fs = new MemoryFileSystem();
        Connection connection = new Connection(device, FuseConfig.defaults("x"), NEGOTIATED, fs, metrics);
        connection.start();
        for (int i = 0; i < 200; i++) {
            getattr(2 + 2L * i);
            assertThat(reply().errno()).isZero();
        }
        // A reply may be answered with the next request before its reader counts as waiting again.
        assertThat(text(metrics)).containsPattern("\nefc_fuse_readers [2345]\n");
        device.gone = true;
        connection.awaitEnd();
        assertThat(text(metrics)).contains("efc_fuse_readers 0\n");
        assertThat(text(metrics)).contains("efc_fuse_requests_total{op=\"getattr\"} 200\n");
        assertThat(text(metrics)).contains("efc_fuse_request_seconds_count{op=\"getattr\"} 200\n");
    }

    @Test
    void stopsTheFileSystemOnceWhenTheKernelEndsTheConnection() throws InterruptedException {
        MemoryFileSystem fs = new MemoryFileSystem();
        Connection connection = start(fs, 4);
        assertThat(fs.starts).hasValue(1);
        assertThat(fs.stops).hasValue(0);
        device.gone = true;
        assertThat(connection.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
        connection.stopReading(false);
        assertThat(fs.stops).hasValue(1);
        assertThat(fs.starts).hasValue(1);
    }

    @Test
    void interruptsWhatStillRunsWhenTheConnectionEnds() throws InterruptedException {
        Gate fs = new Gate(1);
        Connection connection = start(fs, 4);
        getattr(2);
        assertThat(fs.entered.await(10, TimeUnit.SECONDS)).isTrue();
        device.gone = true;
        assertThat(connection.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
        assertThat(fs.stops).hasValue(1);
    }

    @Test
    void finishesRequestsAndLeavesLockWaitsUnansweredWhenHandedOver() throws InterruptedException {
        Gate fs = new Gate(2);
        Connection connection = start(fs, 4);
        getattr(2);
        device.requests.add(Message.of(FuseOpcode.SETLKW, 4, 1)
                .u64(0)
                .u64(0)
                .u64(0)
                .u64(9)
                .u32(1)
                .u32(0)
                .u32(0)
                .u32(0)
                .build());
        assertThat(fs.entered.await(10, TimeUnit.SECONDS)).isTrue();
        Thread detaching = Thread.ofPlatform().start(() -> connection.stopReading(true));
        detaching.join(100);
        assertThat(detaching.isAlive()).as("waits for the running request").isTrue();
        device.requests.add(Message.of(FuseOpcode.GETATTR, 6, 1).u64(0).u64(0).build());
        fs.open.countDown();
        detaching.join(10_000);
        assertThat(detaching.isAlive()).isFalse();
        assertThat(fs.stops).as("a successor goes on").hasValue(0);
        assertThat(reply().unique()).isEqualTo(2);
        assertThat(device.replies).as("the lock's is left to the successor").isEmpty();
        assertThat(device.requests).as("not read any more").hasSize(1);
    }

    @Test
    void answersAnInterruptOfARunningRequest() throws InterruptedException {
        Gate fs = new Gate(1);
        Connection connection = start(fs, 4);
        getattr(2);
        assertThat(fs.entered.await(10, TimeUnit.SECONDS)).isTrue();
        device.requests.add(Message.of(FuseOpcode.INTERRUPT, 3, 0).u64(2).build());
        Message.Reply r = reply();
        assertThat(r.unique()).isEqualTo(2);
        assertThat(r.errno()).isEqualTo(Errno.EINTR.code());
        getattr(4);
        fs.open.countDown();
        r = reply();
        assertThat(r.errno()).as("the flag does not leak").isZero();
        device.gone = true;
        connection.awaitEnd();
    }

    private static String text(Metrics metrics) {
        StringBuilder text = new StringBuilder();
        metrics.writePrometheus(text);
        return text.toString();
    }

    @Test
    void interruptsAgainWhatDidNotEndTheFirstTime() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        MemoryFileSystem stubborn = new MemoryFileSystem() {
            @Override
            @SuppressWarnings("UnsynchronizedOverridesSynchronized")
            public Errno getattr(FuseRequest request, long nodeId, long fh, AttrReply reply) {
                entered.countDown();
                for (int i = 0; i < 3; ) {
                    try {
                        Thread.sleep(60_000);
                    } catch (InterruptedException e) {
                        i++;
                    }
                }
                return Errno.EINTR;
            }
        };
        Connection connection = start(stubborn, 4);
        getattr(2);
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        device.gone = true;
        assertThat(connection.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
    }
}
