package io.efc.nfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.testing.support.FaultProxy;
import io.efc.testing.support.GaneshaOptions;
import io.efc.testing.support.GaneshaServer;
import io.efc.testing.support.Waiting;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real server that dies, comes back, freezes, or loses its connections while requests are on their way. */
@Tag("slow")
class Nfs4RecoveryIT {
    private static final Credentials ROOT = Credentials.ROOT;
    private static final int BLOCK = 256 << 10;

    @TempDir
    Path served;

    private GaneshaServer server;
    private NfsClient nfs;
    private Metrics metrics;

    @BeforeEach
    void mount() {
        server = GaneshaServer.start(GaneshaOptions.of(served).onlyV4().leaseSeconds(3));
        metrics = new Metrics();
        nfs = connect(server.nfsPort(), 4);
    }

    private NfsClient connect(int port, int nconnect) {
        return NfsClients.connect(
                NfsConfig.of("127.0.0.1", port, server.pseudo()).withNconnect(nconnect), metrics);
    }

    @AfterEach
    void unmount() {
        nfs.close();
        server.close();
    }

    /** Stops the server and waits until it has stopped. */
    private void freeze() {
        server.freeze(true);
        Path stat = Path.of("/proc/" + server.pid() + "/stat");
        Waiting.until("the server has stopped", Duration.ofSeconds(5), () -> {
            try {
                return Files.readString(stat).replaceFirst(".*\\) ", "").startsWith("T");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    private static byte[] name(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private static void fill(MemorySegment s, long seed) {
        byte[] b = new byte[(int) s.byteSize()];
        new SplittableRandom(seed).nextBytes(b);
        MemorySegment.copy(b, 0, s, ValueLayout.JAVA_BYTE, 0, b.length);
    }

    /** A thread that does something until it fails, and what it failed with. */
    private static final class Worker {
        final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        final Thread thread;

        Worker(Runnable body) {
            thread = Thread.ofPlatform().start(() -> {
                try {
                    body.run();
                } catch (Throwable t) {
                    failure.set(t);
                }
            });
        }

        void join() throws InterruptedException {
            thread.join(60_000);
            assertThat(thread.isAlive()).as("still running after a minute").isFalse();
            Throwable t = failure.get();
            if (t != null) {
                throw new AssertionError("a worker failed", t);
            }
        }
    }

    @Test
    void readsGoOnWhenTheServerIsKilledAndComesBack() throws Exception {
        int blocks = 64;
        byte[] content = new byte[blocks * BLOCK];
        new SplittableRandom(1).nextBytes(content);
        Files.write(served.resolve("read"), content);
        NfsEntry e = nfs.lookup(ROOT, nfs.root().handle(), name("read"));
        NfsOpenFile file = nfs.open(ROOT, e.handle(), NfsAccess.READ, false).file();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong reads = new AtomicLong();
        List<Worker> workers = new ArrayList<>();
        for (int w = 0; w < 3; w++) {
            long seed = w;
            workers.add(new Worker(() -> readAndCompare(file, content, seed, stop, reads)));
        }
        for (int i = 0; i < 2; i++) {
            long before = reads.get();
            Waiting.until("reads go on", Duration.ofSeconds(30), () -> reads.get() > before + 50);
            server.kill();
            Thread.sleep(200);
            server.restart();
        }
        long before = reads.get();
        Waiting.until("reads go on", Duration.ofSeconds(30), () -> reads.get() > before + 50);
        stop.set(true);
        for (Worker w : workers) {
            w.join();
        }
        nfs.close(file);
    }

    private void readAndCompare(NfsOpenFile file, byte[] content, long seed, AtomicBoolean stop, AtomicLong reads) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(3 << 20);
            while (!stop.get()) {
                int n = 1 + random.nextInt(3 << 20);
                int at = random.nextInt(content.length - n);
                NfsReadResult r = nfs.read(ROOT, file, at, to, 0, n);
                assertThat(r.count()).isEqualTo(n);
                assertThat(MemorySegment.mismatch(to, 0, n, MemorySegment.ofArray(content), at, (long) at + n))
                        .isEqualTo(-1);
                reads.incrementAndGet();
            }
        }
    }

    @Test
    void unstableWritesSurviveTheServersDeath() throws Exception {
        int blocks = 80;
        NfsOpened opened = nfs.create(ROOT, nfs.root().handle(), name("write"), 0644, NfsAccess.WRITE, false, false);
        AtomicLong written = new AtomicLong();
        CountDownLatch killed = new CountDownLatch(1);
        Worker writer = new Worker(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment from = arena.allocate(BLOCK);
                for (int b = 0; b < blocks; b++) {
                    if (b == blocks / 2) {
                        await(killed);
                    }
                    fill(from, b);
                    nfs.write(ROOT, opened.file(), (long) b * BLOCK, from, 0, BLOCK, NfsStability.UNSTABLE);
                    written.incrementAndGet();
                }
                nfs.commit(ROOT, opened.file());
            }
        });
        Waiting.until("half is written", Duration.ofSeconds(30), () -> written.get() == blocks / 2);
        server.kill();
        killed.countDown();
        // What the dead server had in its memory only is lost, as it would be in a power cut.
        Files.write(served.resolve("write"), new byte[10 * BLOCK]);
        server.restart();
        writer.join();
        nfs.close(opened.file());
        byte[] onServer = Files.readAllBytes(served.resolve("write"));
        assertThat(onServer).hasSize(blocks * BLOCK);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment expected = arena.allocate(BLOCK);
            for (int b = 0; b < blocks; b++) {
                fill(expected, b);
                assertThat(MemorySegment.mismatch(
                                expected,
                                0,
                                BLOCK,
                                MemorySegment.ofArray(onServer),
                                (long) b * BLOCK,
                                (b + 1L) * BLOCK))
                        .as("block " + b)
                        .isEqualTo(-1);
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void operationsExecuteOnceThoughTheirConnectionsBreak() throws Exception {
        try (FaultProxy proxy = new FaultProxy(server.nfsPort(), 1);
                NfsClient cut = connect(proxy.port(), 2)) {
            byte[] root = cut.root().handle();
            AtomicBoolean stop = new AtomicBoolean();
            Worker cutter = new Worker(() -> {
                SplittableRandom random = new SplittableRandom(9);
                while (!stop.get()) {
                    proxy.cutAfterToClient(1 + random.nextInt(4000));
                    java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                }
            });
            try {
                for (int i = 0; i < 150; i++) {
                    byte[] a = name("once-" + i);
                    byte[] b = name("twice-" + i);
                    byte[] dir = cut.mkdir(ROOT, root, a, 0755).entry().handle();
                    cut.rename(ROOT, root, a, root, b);
                    NfsOpened f = cut.create(ROOT, dir, a, 0644, NfsAccess.WRITE, true, false);
                    cut.link(ROOT, f.entry().handle(), dir, b);
                    cut.close(f.file());
                    cut.remove(ROOT, dir, a);
                    cut.remove(ROOT, dir, b);
                    cut.rmdir(ROOT, root, b);
                }
            } finally {
                stop.set(true);
                cutter.join();
                proxy.cutAfterToClient(Long.MAX_VALUE / 2);
            }
            assertThat(count("efc_nfs_retransmits_total")).isPositive();
        }
        try (var names = Files.list(served)) {
            assertThat(names).isEmpty();
        }
    }

    private long count(String metric) {
        StringBuilder text = new StringBuilder();
        metrics.writePrometheus(text);
        return text.toString()
                .lines()
                .filter(l -> l.startsWith(metric + " "))
                .mapToLong(l -> Long.parseLong(l.substring(metric.length() + 1)))
                .sum();
    }

    @Test
    void locksExcludeTheOtherClientAndSurviveTheServersDeath() throws Exception {
        byte[] root = nfs.root().handle();
        try (NfsClient other = connect(server.nfsPort(), 1)) {
            NfsOpened mine = nfs.create(ROOT, root, name("lock"), 0644, NfsAccess.READ_WRITE, false, false);
            NfsOpened theirs = other.open(ROOT, mine.entry().handle(), NfsAccess.READ_WRITE, false);
            NfsLock lock = new NfsLock(7, 100, 50, true);
            nfs.lock(ROOT, mine.file(), lock, false);
            assertThatThrownBy(() -> other.lock(ROOT, theirs.file(), new NfsLock(8, 149, 1, false), false))
                    .isInstanceOfSatisfying(
                            NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EAGAIN));
            other.lock(ROOT, theirs.file(), new NfsLock(8, 150, Long.MAX_VALUE, true), false);
            NfsLock held = Objects.requireNonNull(other.testLock(ROOT, theirs.file(), new NfsLock(8, 0, 120, true)));
            assertThat(held.start()).isEqualTo(100);
            assertThat(held.length()).isEqualTo(50);
            assertThat(held.exclusive()).isTrue();
            assertThat(other.testLock(ROOT, theirs.file(), new NfsLock(8, 0, 100, true)))
                    .isNull();
            assertThat(nfs.testLock(ROOT, mine.file(), new NfsLock(7, 0, 150, true)))
                    .isNull();

            server.kill();
            server.restart();
            assertThatThrownBy(() -> other.lock(ROOT, theirs.file(), new NfsLock(8, 120, 1, true), false))
                    .isInstanceOfSatisfying(
                            NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EAGAIN));
            NfsLock theirsHeld = Objects.requireNonNull(nfs.testLock(ROOT, mine.file(), new NfsLock(7, 160, 1, true)));
            assertThat(theirsHeld.start()).isEqualTo(150);

            AtomicBoolean granted = new AtomicBoolean();
            Worker waiter = new Worker(() -> {
                other.lock(ROOT, theirs.file(), new NfsLock(8, 120, 1, true), true);
                granted.set(true);
            });
            Thread.sleep(100);
            assertThat(granted).isFalse();
            nfs.unlock(ROOT, mine.file(), lock);
            waiter.join();
            assertThat(granted).isTrue();
            nfs.close(mine.file());
            other.close(theirs.file());
        }
    }

    @Test
    void oneOwnerLocksThroughSeveralOpenFiles() {
        byte[] root = nfs.root().handle();
        NfsOpened a = nfs.create(ROOT, root, name("owner"), 0644, NfsAccess.READ_WRITE, false, false);
        NfsOpened b = nfs.open(ROOT, a.entry().handle(), NfsAccess.READ_WRITE, false);
        nfs.lock(ROOT, a.file(), new NfsLock(5, 0, 10, true), false);
        nfs.lock(ROOT, b.file(), new NfsLock(5, 5, 10, true), false);
        assertThatThrownBy(() -> nfs.lock(ROOT, b.file(), new NfsLock(6, 5, 10, true), false))
                .isInstanceOfSatisfying(
                        NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EAGAIN));
        nfs.unlock(ROOT, a.file(), new NfsLock(5, 0, Long.MAX_VALUE, true));
        nfs.unlock(ROOT, b.file(), new NfsLock(5, 0, Long.MAX_VALUE, true));
        nfs.lock(ROOT, b.file(), new NfsLock(6, 0, 20, true), false);
        nfs.close(a.file());
        nfs.close(b.file());
    }

    @Test
    void anInterruptEndsTheWaitForAFrozenServer() throws Exception {
        Files.write(served.resolve("frozen"), new byte[4 << 20]);
        byte[] file = nfs.lookup(ROOT, nfs.root().handle(), name("frozen")).handle();
        freeze();
        try {
            assertInterrupted(() -> {
                try (Arena arena = Arena.ofConfined()) {
                    nfs.read(ROOT, file, 0, arena.allocate(3 << 20), 0, 3 << 20);
                }
            });
            assertInterrupted(() -> nfs.getattr(ROOT, file));
            assertInterrupted(
                    () -> nfs.create(ROOT, nfs.root().handle(), name("late"), 0644, NfsAccess.WRITE, true, false));
        } finally {
            server.freeze(false);
        }
        for (int i = 0; i < 200; i++) {
            assertThat(nfs.getattr(ROOT, file).size()).isEqualTo(4 << 20);
        }
    }

    @Test
    void slotsOfAbandonedCallsComeBackAfterTheServersDeath() throws Exception {
        byte[] root = nfs.root().handle();
        freeze();
        for (int i = 0; i < 70; i++) {
            assertInterrupted(() -> nfs.getattr(ROOT, root));
        }
        server.freeze(false);
        for (int i = 0; i < 100; i++) {
            assertThat(nfs.getattr(ROOT, root).isDirectory()).isTrue();
        }
        freeze();
        for (int i = 0; i < 70; i++) {
            assertInterrupted(() -> nfs.getattr(ROOT, root));
        }
        server.kill();
        server.restart();
        for (int i = 0; i < 100; i++) {
            assertThat(nfs.getattr(ROOT, root).isDirectory()).isTrue();
        }
    }

    private static void assertInterrupted(Runnable call) throws InterruptedException {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread t = Thread.ofPlatform().start(() -> {
            try {
                call.run();
            } catch (NfsException e) {
                thrown.set(e);
                flag.set(Thread.currentThread().isInterrupted());
            }
        });
        Thread.sleep(20);
        t.interrupt();
        // Nothing else ends the call: the server does not answer.
        t.join(30_000);
        assertThat(t.isAlive()).isFalse();
        assertThat(thrown.get())
                .isInstanceOfSatisfying(
                        NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINTR));
        assertThat(flag).isTrue();
    }

    @Test
    void aSoftMountGivesUpOnAFrozenServer() {
        NfsConfig soft = NfsConfig.of("127.0.0.1", server.nfsPort(), server.pseudo())
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofMillis(400));
        try (NfsClient own = NfsClients.connect(soft, new Metrics())) {
            byte[] root = own.root().handle();
            freeze();
            try {
                assertThatThrownBy(() -> own.getattr(ROOT, root))
                        .isInstanceOfSatisfying(
                                NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
            } finally {
                server.freeze(false);
            }
            assertThat(own.getattr(ROOT, root).isDirectory()).isTrue();
        }
    }

    @Test
    void aFrozenServerBoundsTheMount() {
        freeze();
        try {
            NfsConfig config = NfsConfig.of("127.0.0.1", server.nfsPort(), server.pseudo())
                    .withTimeouts(Duration.ofMillis(500), Duration.ofSeconds(60), Duration.ZERO);
            assertThatThrownBy(() -> NfsClients.connect(config, new Metrics()))
                    .isInstanceOfSatisfying(
                            NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
        } finally {
            server.freeze(false);
        }
    }

    @Test
    void theLeaseIsKeptWhileNobodyTalks() throws Exception {
        NfsOpened opened =
                nfs.create(ROOT, nfs.root().handle(), name("idle"), 0644, NfsAccess.READ_WRITE, false, false);
        nfs.lock(ROOT, opened.file(), new NfsLock(1, 0, 10, true), false);
        Thread.sleep(5_000);
        try (NfsClient other = connect(server.nfsPort(), 1)) {
            NfsOpened theirs = other.open(ROOT, opened.entry().handle(), NfsAccess.READ_WRITE, false);
            assertThat(other.testLock(ROOT, theirs.file(), new NfsLock(2, 0, 1, true)))
                    .isNotNull();
            other.close(theirs.file());
        }
        nfs.close(opened.file());
    }

    @Test
    void aClientThatFrozeBeyondItsLeaseGoesOn() throws IOException, InterruptedException {
        try (FaultProxy proxy = new FaultProxy(server.nfsPort(), 1);
                NfsClient away = connect(proxy.port(), 2)) {
            NfsOpened opened =
                    away.create(ROOT, away.root().handle(), name("away"), 0644, NfsAccess.READ_WRITE, false, false);
            away.lock(ROOT, opened.file(), new NfsLock(1, 0, 10, true), false);
            proxy.stall(true);
            Thread.sleep(7_000);
            proxy.stall(false);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment data = arena.allocate(100);
                data.fill((byte) 'x');
                away.write(ROOT, opened.file(), 0, data, 0, 100, NfsStability.UNSTABLE);
            }
            assertThat(nfs.testLock(
                            ROOT,
                            nfs.open(ROOT, opened.entry().handle(), NfsAccess.READ_WRITE, false)
                                    .file(),
                            new NfsLock(2, 0, 1, true)))
                    .isNotNull();
            away.close(opened.file());
            assertThat(Files.size(served.resolve("away"))).isEqualTo(100);
        }
    }
}
