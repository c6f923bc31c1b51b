package io.efc.client.internal;

import static io.efc.client.internal.RingCacheFixture.DATASET;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.client.internal.ClusterCache.CachedFile;
import io.efc.client.internal.ClusterCache.Source;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three worker processes that are killed, stopped and ended while clients read. Whatever happens, no byte is wrong and no read hangs. */
@Tag("slow")
@Timeout(180)
class RingCacheKillIT {
    private static final int BLOCK = 1 << 20;
    private static final long QUOTA = 64L << 20;
    private static final int BLOCKS = 48;

    private final RingCacheFixture cluster = new RingCacheFixture(BLOCK, 1);
    private final RingCacheProcess[] workers = new RingCacheProcess[3];
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicReference<@Nullable Throwable> wrong = new AtomicReference<>();
    private final AtomicLong slowestNanos = new AtomicLong();
    private final Map<Source, Integer> sources = new ConcurrentHashMap<>();
    private final List<Thread> readers = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private RingCache client;

    @BeforeEach
    void start() throws IOException {
        for (int i = 0; i < 3; i++) {
            workers[i] = cluster.closeLater(new RingCacheProcess(cluster, "w" + i, "n" + i, QUOTA));
        }
        client = cluster.client("n0", "s1");
        CachedFile file = cluster.store.file(DATASET, 3, (long) BLOCKS * BLOCK);
        for (int i = 0; i < 3; i++) {
            SplittableRandom random = new SplittableRandom(i);
            readers.add(Thread.ofPlatform().start(() -> read(file, random)));
        }
    }

    private void read(CachedFile file, SplittableRandom random) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment got = arena.allocate(BLOCK);
            MemorySegment expected = arena.allocate(BLOCK);
            while (!stop.get() && wrong.get() == null) {
                long at = (long) random.nextInt(BLOCKS) * BLOCK;
                int length = random.nextBoolean() ? BLOCK : 1 + random.nextInt(300_000);
                got.fill((byte) 0);
                long start = System.nanoTime();
                Source s = client.read(
                        file,
                        at,
                        got,
                        0,
                        length,
                        List.of(ClusterCache.Pattern.values()).get(random.nextInt(3)));
                slowestNanos.accumulateAndGet(System.nanoTime() - start, Math::max);
                sources.merge(s, 1, Integer::sum);
                if (s == Source.UNAVAILABLE) {
                    // Were the segment still written to, the next fill or comparison would see it.
                    LockSupport.parkNanos(2_000_000);
                } else {
                    RingCacheStore.fill(3, file.key().version(), at, expected, 0, length);
                    assertThat(MemorySegment.mismatch(got, 0, length, expected, 0, length))
                            .isEqualTo(-1);
                }
            }
        } catch (Throwable e) {
            wrong.set(e);
        }
    }

    @AfterEach
    void end() {
        stop.set(true);
        cluster.close();
    }

    private void stopReaders() throws InterruptedException {
        stop.set(true);
        for (Thread t : readers) {
            t.join();
        }
        if (wrong.get() != null) {
            throw new AssertionError("a reader failed", wrong.get());
        }
    }

    private void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (!condition.getAsBoolean()) {
            assertThat(wrong.get()).isNull();
            assertThat(System.nanoTime() - deadline)
                    .as("waited too long: %s", sources)
                    .isNegative();
            LockSupport.parkNanos(5_000_000);
        }
    }

    private int count(Source s) {
        return sources.getOrDefault(s, 0);
    }

    @Test
    void killedWorkersCostTheirBlocksAndNothingElse() throws Exception {
        await(() -> count(Source.LOCAL_WORKER) > 20 && count(Source.REMOTE_WORKER) > 20);
        for (int i = 1; i < 3; i++) {
            int before = client.ring().members().size();
            workers[i].kill();
            await(() -> client.ring().members().size() == before - 1);
        }
        int local = count(Source.LOCAL_WORKER);
        await(() -> count(Source.LOCAL_WORKER) > local + 50);
        workers[1] = cluster.closeLater(new RingCacheProcess(cluster, "w1", "n1", QUOTA));
        int remote = count(Source.REMOTE_WORKER);
        await(() -> count(Source.REMOTE_WORKER) > remote + 20);
        stopReaders();
        assertThat(slowestNanos.get()).isLessThan(TimeUnit.SECONDS.toNanos(8));
        assertThat(count(Source.STALE)).isZero();
    }

    @Test
    void aStoppedWorkerIsTakenForDeadAndIsWelcomeBack() throws Exception {
        await(() -> count(Source.REMOTE_WORKER) > 20);
        signal("STOP", workers[1].pid());
        int unavailable = count(Source.UNAVAILABLE);
        await(() -> count(Source.UNAVAILABLE) > unavailable);
        await(() -> client.ring().members().size() == 2);
        signal("CONT", workers[1].pid());
        await(() -> client.ring().members().size() == 3);
        int remote = count(Source.REMOTE_WORKER);
        await(() -> count(Source.REMOTE_WORKER) > remote + 20);
        stopReaders();
        assertThat(slowestNanos.get()).isLessThan(TimeUnit.SECONDS.toNanos(8));
    }

    @Test
    void aWorkerThatIsAskedToEndLeavesTheRingFirst() throws Exception {
        await(() -> count(Source.REMOTE_WORKER) > 20);
        long removedForSilence = cluster.metrics
                .counter("efc_master_silent_total", "Workers and sessions removed for their silence.")
                .value();
        assertThat(workers[2].terminate()).isTrue();
        await(() -> client.ring().members().size() == 2);
        assertThat(cluster.metrics
                        .counter("efc_master_silent_total", "Workers and sessions removed for their silence.")
                        .value())
                .isEqualTo(removedForSilence);
        stopReaders();
    }

    private static void signal(String name, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }
}
