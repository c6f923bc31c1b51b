package io.efc.client.internal;

import static io.efc.client.internal.RingCacheFixture.DATASET;
import static io.efc.client.internal.RingCacheFixture.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.Metrics;
import io.efc.client.internal.ClusterCache.CachedFile;
import io.efc.client.internal.ClusterCache.Source;
import io.efc.rpc.Address;
import io.efc.rpc.ClusterStatus;
import io.efc.rpc.DatasetView;
import io.efc.rpc.FrameType;
import io.efc.rpc.MasterStub;
import io.efc.rpc.Member;
import io.efc.rpc.RingView;
import io.efc.rpc.Role;
import io.efc.rpc.RpcException;
import io.efc.rpc.RpcServer;
import io.efc.rpc.RpcServerConfig;
import io.efc.rpc.Secret;
import io.efc.rpc.Status;
import io.efc.rpc.Wire;
import io.efc.rpc.WorkerFigures;
import io.efc.worker.Worker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Master, workers and clients over real sockets. */
@Timeout(90)
class RingCacheIT {
    private static final int BLOCK = 1 << 20;
    private static final long MIB = 1 << 20;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment to = arena.allocate(BLOCK + 64, 64);
    private final MemorySegment expected = arena.allocate(BLOCK, 64);
    private RingCacheFixture cluster = new RingCacheFixture(BLOCK, 1);

    @AfterEach
    void stop() {
        cluster.close();
        arena.close();
    }

    private void expect(CachedFile f, MemorySegment got, long at, long position, int length) {
        long id = f.key().fileLo() ^ -1L;
        synchronized (expected) {
            RingCacheStore.fill(id, f.key().version(), position, expected, 0, length);
            assertThat(MemorySegment.mismatch(got, at, at + length, expected, 0, length))
                    .as("first wrong byte of file %d at %d + %d", id, position, length)
                    .isEqualTo(-1);
        }
    }

    private Source read(RingCache c, CachedFile f, long position, int length, ClusterCache.Pattern pattern) {
        to.fill((byte) 0x5a);
        Source s = c.read(f, position, to, 32, length, pattern);
        if (s != Source.UNAVAILABLE && s != Source.STALE) {
            expect(f, to, 32, position, length);
            assertThat(to.get(ValueLayout.JAVA_BYTE, 31)).isEqualTo((byte) 0x5a);
            assertThat(to.get(ValueLayout.JAVA_BYTE, 32 + length)).isEqualTo((byte) 0x5a);
        }
        return s;
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("waited too long").isNegative();
            Thread.onSpinWait();
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }

    private static Map<Source, Integer> none() {
        return new EnumMap<>(Source.class);
    }

    @Test
    void threeWorkersGiveEqualBytesFirstFromTheStoreThenFromMemory() {
        for (int i = 0; i < 3; i++) {
            cluster.worker("w" + i, "node" + i, 64 * MIB);
        }
        RingCache c = cluster.client("node0", "s1");
        CachedFile f = cluster.store.file(DATASET, 5, 20 * MIB + 12345);
        Map<Source, Integer> sources = none();
        for (int round = 0; round < 2; round++) {
            for (long at = 0; at < f.key().size(); at += BLOCK) {
                int length = (int) Math.min(BLOCK, f.key().size() - at);
                sources.merge(read(c, f, at, length, ClusterCache.Pattern.SEQUENTIAL), 1, Integer::sum);
            }
        }
        assertThat(sources.keySet())
                .containsExactlyInAnyOrder(Source.STORE_VIA_WORKER, Source.LOCAL_WORKER, Source.REMOTE_WORKER);
        assertThat(sources).containsEntry(Source.STORE_VIA_WORKER, 21);
        assertThat(cluster.store.bytes).hasValue(f.key().size());
        // Heartbeats bring the figures, those of the second round maybe later than those of the first.
        await(() -> {
            ClusterStatus now = cluster.master().status();
            return now.cachedBytes() >= 20 * MIB
                    && now.read().storeBytes() == f.key().size()
                    && now.read().localBytes() + now.read().remoteBytes()
                            == f.key().size();
        });
        ClusterStatus status = MasterStub.status(cluster.masterAddress(), SECRET, DATASET, Duration.ofSeconds(5));
        assertThat(status.workers()).hasSize(3);
        assertThat(status.capacityBytes()).isEqualTo(3 * 64 * MIB);
        assertThat(status.sessions()).hasSize(1);
        assertThat(status.read().localBytes() + status.read().remoteBytes())
                .isEqualTo(f.key().size());
        assertThat(status.read().localBytes()).isEqualTo(c.figures().localBytes());
    }

    @Test
    void anyRangeWithinABlockIsServedWithEqualBytes() {
        cluster.worker("w0", "other", 64 * MIB);
        RingCache c = cluster.client("here", "s1");
        SplittableRandom random = new SplittableRandom(7);
        CachedFile f = cluster.store.file(DATASET, 6, 3 * MIB + 70_001);
        CachedFile small = cluster.store.file(DATASET, 7, 777);
        for (int i = 0; i < 400; i++) {
            long block = random.nextInt(4);
            long start = block * BLOCK;
            int room = (int) Math.min(BLOCK, f.key().size() - start);
            int from = random.nextInt(room);
            int length = 1 + random.nextInt(Math.min(room - from, random.nextBoolean() ? 5000 : BLOCK));
            assertThat(read(
                            c,
                            f,
                            start + from,
                            length,
                            List.of(ClusterCache.Pattern.values()).get(random.nextInt(3))))
                    .isNotEqualTo(Source.UNAVAILABLE);
            int p = random.nextInt(777);
            assertThat(read(c, small, p, 1 + random.nextInt(777 - p), ClusterCache.Pattern.UNKNOWN))
                    .isNotEqualTo(Source.UNAVAILABLE);
        }
    }

    @Test
    void aRandomReaderFetchesItsRangeAloneUntilItComesBack() {
        cluster.worker("w0", "here", 64 * MIB);
        RingCache c = cluster.client("here", "s1");
        CachedFile f = cluster.store.file(DATASET, 9, 4 * MIB);
        assertThat(read(c, f, 700_000, 4096, ClusterCache.Pattern.RANDOM)).isEqualTo(Source.STORE_VIA_WORKER);
        assertThat(cluster.store.bytes).hasValue(4096);
        assertThat(read(c, f, 65536 - 2048, 4096, ClusterCache.Pattern.RANDOM)).isEqualTo(Source.STORE_VIA_WORKER);
        assertThat(cluster.store.bytes).hasValue(2 * 4096);
        assertThat(read(c, f, 65536 - 8192, 4096, ClusterCache.Pattern.RANDOM)).isEqualTo(Source.STORE_VIA_WORKER);
        assertThat(cluster.store.bytes).as("touched again: its sub-range").hasValue(2 * 4096 + 65536);
        assertThat(read(c, f, 0, 4096, ClusterCache.Pattern.RANDOM)).isEqualTo(Source.LOCAL_WORKER);
        assertThat(read(c, f, 65536, 4096, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.STORE_VIA_WORKER);
        assertThat(read(c, f, 65536, 4096, ClusterCache.Pattern.RANDOM)).isEqualTo(Source.LOCAL_WORKER);
    }

    @Test
    void aRandomReadFetchesTheSubRangesItTouchesOnly() {
        cluster.worker("w0", "here", 64 * MIB);
        RingCache c = cluster.client("here", "s1");
        CachedFile f = cluster.store.file(DATASET, 8, 4 * MIB);
        assertThat(read(c, f, 700_000, 4096, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.STORE_VIA_WORKER);
        assertThat(cluster.store.bytes).hasValue(64 << 10);
        assertThat(read(c, f, 65536 - 2048, 4096, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.STORE_VIA_WORKER);
        assertThat(cluster.store.bytes).hasValue(3 * 65536);
        assertThat(read(c, f, 0, 4096, ClusterCache.Pattern.SEQUENTIAL)).isEqualTo(Source.LOCAL_WORKER);
        assertThat(read(c, f, 2 * MIB, 4096, ClusterCache.Pattern.SEQUENTIAL)).isEqualTo(Source.STORE_VIA_WORKER);
        assertThat(cluster.store.bytes).hasValue((3 * 65536) + BLOCK);
        assertThat(read(c, f, 3 * MIB - 4096, 4096, ClusterCache.Pattern.SEQUENTIAL))
                .isEqualTo(Source.LOCAL_WORKER);
    }

    @Test
    void manyReadersOfAColdBlockFetchItOnce() throws Exception {
        cluster.worker("w0", "here", 64 * MIB);
        RingCache a = cluster.client("here", "s1");
        RingCache b = cluster.client("there", "s2");
        cluster.store.gate = new CountDownLatch(1);
        CachedFile f = cluster.store.file(DATASET, 9, 8 * MIB);
        AtomicInteger bad = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RingCache c = i % 2 == 0 ? a : b;
            int offset = i * 1000;
            threads.add(Thread.ofPlatform().start(() -> {
                try (Arena own = Arena.ofConfined()) {
                    MemorySegment mine = own.allocate(100_000);
                    Source s = c.read(f, 3 * MIB + offset, mine, 0, 100_000, ClusterCache.Pattern.SEQUENTIAL);
                    if (s == Source.UNAVAILABLE || s == Source.STALE) {
                        bad.incrementAndGet();
                    }
                    expect(f, mine, 0, 3 * MIB + offset, 100_000);
                } catch (AssertionError e) {
                    bad.incrementAndGet();
                }
            }));
        }
        await(() -> cluster.store.reads.get() >= 1);
        cluster.store.gate.countDown();
        for (Thread t : threads) {
            t.join();
        }
        assertThat(bad).hasValue(0);
        assertThat(cluster.store.reads).hasValue(1);
        assertThat(cluster.store.bytes).hasValue(BLOCK);
    }

    @Test
    void aChangedFileIsStaleAndNothingOfItIsCached() {
        Worker w = cluster.worker("w0", "here", 64 * MIB);
        RingCache c = cluster.client("here", "s1");
        CachedFile old = cluster.store.file(DATASET, 10, MIB);
        assertThat(read(c, old, 0, 65536, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.STORE_VIA_WORKER);
        long used = w.usage().usedBytes();
        cluster.store.versions.put(10L, 2L);
        assertThat(read(c, old, 65536, 65536, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.STALE);
        assertThat(read(c, old, 131072, 4096, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.STALE);
        assertThat(w.usage().usedBytes()).isEqualTo(used);
        // What was cached under the old version stays right for whoever still reads that version.
        assertThat(read(c, old, 0, 65536, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.LOCAL_WORKER);
        CachedFile fresh = cluster.store.file(DATASET, 10, MIB);
        assertThat(read(c, fresh, 0, 65536, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.STORE_VIA_WORKER);
    }

    @Test
    void anErrorOfTheStoreIsUnavailableAndIsNotRemembered() {
        cluster.worker("w0", "here", 64 * MIB);
        RingCache c = cluster.client("here", "s1");
        CachedFile f = cluster.store.file(DATASET, 11, MIB);
        cluster.store.failure = Errno.EIO;
        assertThat(read(c, f, 0, 4096, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.UNAVAILABLE);
        cluster.store.failure = null;
        cluster.store.onlyUid = 1;
        assertThat(read(c, f, 0, 4096, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.UNAVAILABLE);
        cluster.store.onlyUid = 1000;
        assertThat(read(c, f, 0, 4096, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.STORE_VIA_WORKER);
        assertThat(c.figures().unavailableBytes()).isEqualTo(8192);
    }

    @Test
    void aCorruptedBlockIsFoundFetchedAgainAndServedRight() throws Exception {
        cluster.worker("w0", "here", 64 * MIB);
        RingCache c = cluster.client("here", "s1");
        CachedFile f = cluster.store.file(DATASET, 12, 4 * MIB);
        for (long at = 0; at < 4 * MIB; at += BLOCK) {
            assertThat(read(c, f, at, BLOCK, ClusterCache.Pattern.SEQUENTIAL)).isEqualTo(Source.STORE_VIA_WORKER);
        }
        assertThat(read(c, f, MIB, BLOCK, ClusterCache.Pattern.SEQUENTIAL)).isEqualTo(Source.LOCAL_WORKER);
        assertThat(corrupt(f, MIB + 300_000)).isTrue();
        long before = cluster.store.bytes.get();
        assertThat(read(c, f, MIB, BLOCK, ClusterCache.Pattern.SEQUENTIAL)).isEqualTo(Source.STORE_VIA_WORKER);
        assertThat(cluster.store.bytes.get() - before).isEqualTo(64 << 10);
        assertThat(read(c, f, MIB, BLOCK, ClusterCache.Pattern.SEQUENTIAL)).isEqualTo(Source.LOCAL_WORKER);
    }

    /** Flips bytes in the tier's file, found by what is in it. */
    private boolean corrupt(CachedFile f, long position) throws Exception {
        MemorySegment probe = arena.allocate(4096);
        RingCacheStore.fill(~f.key().fileLo(), f.key().version(), position & -4096L, probe, 0, 4096);
        MemorySegment page = arena.allocate(4096);
        List<java.nio.file.Path> files;
        try (var all = java.nio.file.Files.walk(cluster.dir)) {
            files = all.filter(java.nio.file.Files::isRegularFile).toList();
        }
        for (java.nio.file.Path p : files) {
            int fd = Libc.open(Libc.cString(arena, p.toString()), Libc.O_RDWR | Libc.O_CLOEXEC, 0);
            for (long at = 0; Libc.pread(fd, page, 0, 4096, at) == 4096; at += 4096) {
                if (page.mismatch(probe) == -1) {
                    page.set(ValueLayout.JAVA_BYTE, 100, (byte) ~page.get(ValueLayout.JAVA_BYTE, 100));
                    boolean done = Libc.pwrite(fd, page, 0, 4096, at) == 4096;
                    Libc.close(fd);
                    return done;
                }
            }
            Libc.close(fd);
        }
        return false;
    }

    @Test
    void moreThanTheQuotaIsEvictedAndStaysCorrect() {
        cluster.worker("w0", "here", 16 * MIB);
        RingCache c = cluster.client("here", "s1");
        CachedFile f = cluster.store.file(DATASET, 13, 48 * MIB);
        for (int round = 0; round < 2; round++) {
            for (long at = 0; at < f.key().size(); at += BLOCK) {
                assertThat(read(c, f, at, BLOCK, ClusterCache.Pattern.SEQUENTIAL))
                        .isNotIn(Source.UNAVAILABLE, Source.STALE);
            }
        }
    }

    @Test
    @Tag("slow")
    void workersJoinAndLeaveDuringReadsWithoutAWrongByte() throws Exception {
        cluster.worker("w0", "n0", 64 * MIB);
        Worker leaver = cluster.worker("w1", "n1", 64 * MIB);
        RingCache c = cluster.client("n0", "s1");
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<AssertionError> wrong = new AtomicReference<>();
        Map<Source, Integer> sources = new java.util.concurrent.ConcurrentHashMap<>();
        List<Thread> readers = readers(c, stop, wrong, sources);
        long epoch = c.ring().epoch();
        Worker third = cluster.worker("w2", "n2", 64 * MIB);
        await(() -> c.ring().members().size() == 3);
        leaver.close();
        await(() -> c.ring().members().size() == 2);
        third.close();
        await(() -> c.ring().members().size() == 1);
        cluster.worker("w1", "n1", 64 * MIB);
        await(() -> c.ring().members().size() == 2);
        TimeUnit.MILLISECONDS.sleep(300);
        stop.set(true);
        for (Thread t : readers) {
            t.join();
        }
        assertThat(wrong.get()).isNull();
        assertThat(c.ring().epoch()).isEqualTo(epoch + 4);
        assertThat(sources.get(Source.LOCAL_WORKER)).isPositive();
        assertThat(sources.get(Source.REMOTE_WORKER)).isPositive();
        assertThat(sources).doesNotContainKey(Source.STALE);
    }

    private List<Thread> readers(
            RingCache c, AtomicBoolean stop, AtomicReference<AssertionError> wrong, Map<Source, Integer> sources) {
        List<Thread> threads = new ArrayList<>();
        CachedFile f = cluster.store.file(DATASET, 14, 24 * MIB);
        for (int i = 0; i < 3; i++) {
            SplittableRandom random = new SplittableRandom(i);
            threads.add(Thread.ofPlatform().start(() -> {
                try (Arena own = Arena.ofConfined()) {
                    MemorySegment mine = own.allocate(BLOCK);
                    while (!stop.get() && wrong.get() == null) {
                        long at = random.nextInt(24) * MIB;
                        int length = random.nextBoolean() ? BLOCK : 1 + random.nextInt(200_000);
                        mine.fill((byte) 0);
                        Source s = c.read(f, at, mine, 0, length, ClusterCache.Pattern.SEQUENTIAL);
                        sources.merge(s, 1, Integer::sum);
                        if (s != Source.UNAVAILABLE && s != Source.STALE) {
                            expect(f, mine, 0, at, length);
                        }
                    }
                } catch (AssertionError e) {
                    wrong.set(e);
                }
            }));
        }
        return threads;
    }

    @Test
    void theMasterRestartsAndSessionsAndEpochsGoOn() {
        cluster.worker("w0", "n0", 64 * MIB);
        RingCache c = cluster.client("n0", "s1");
        CachedFile f = cluster.store.file(DATASET, 15, 4 * MIB);
        read(c, f, 0, BLOCK, ClusterCache.Pattern.SEQUENTIAL);
        long epoch = c.ring().epoch();
        long opened = cluster.master().status().sessions().getFirst().openedMillis();
        cluster.master().close();
        assertThat(read(c, f, 0, BLOCK, ClusterCache.Pattern.SEQUENTIAL)).isEqualTo(Source.LOCAL_WORKER);
        cluster.startMaster();
        assertThat(cluster.master().status().epoch()).isEqualTo(epoch);
        assertThat(cluster.master().status().workers()).hasSize(1);
        await(() -> !cluster.master().status().sessions().isEmpty()
                && cluster.master().status().read().localBytes() == MIB);
        assertThat(cluster.master().status().sessions().getFirst().openedMillis())
                .isEqualTo(opened);
        cluster.worker("w1", "n1", 64 * MIB);
        await(() -> c.ring().members().size() == 2);
        assertThat(c.ring().epoch()).isEqualTo(epoch + 1);
    }

    @Test
    void anOlderRingNeverReplacesANewerOne() throws Exception {
        AtomicReference<RingView> answer = new AtomicReference<>(ring(5, "a", "b"));
        DatasetView dataset = new DatasetView("ns/n", DATASET, BLOCK, 1, 50, 1000, List.of());
        RpcServer fake = cluster.closeLater(RpcServer.start(
                RpcServerConfig.of("fake", List.of(new Address.Tcp("127.0.0.1", 0)), SECRET, DATASET),
                e -> {
                    Wire.Writer out = new Wire.Writer();
                    switch (e.type()) {
                        case FrameType.OPEN_SESSION -> {
                            dataset.encode(out);
                            answer.get().encode(out);
                        }
                        case FrameType.SESSION_BEAT -> out.i64(answer.get().epoch());
                        case FrameType.RING -> answer.get().encode(out);
                        default -> out.u8(0);
                    }
                    e.reply(Status.OK, out.bytes());
                },
                new Metrics()));
        RingCache c =
                cluster.client(RingCacheConfig.of(fake.addresses().getFirst(), SECRET, DATASET, "n", "s", "/mnt"));
        assertThat(c.ring()).isEqualTo(ring(5, "a", "b"));
        push(fake, ring(4, "old"));
        answer.set(ring(3, "older"));
        TimeUnit.MILLISECONDS.sleep(300);
        assertThat(c.ring()).isEqualTo(ring(5, "a", "b"));
        push(fake, ring(6, "b"));
        await(() -> c.ring().equals(ring(6, "b")));
        answer.set(ring(7, "b", "c"));
        await(() -> c.ring().equals(ring(7, "b", "c")));
    }

    private static RingView ring(long epoch, String... ids) {
        return new RingView(
                epoch,
                Stream.of(ids)
                        .map(id -> new Member(id, "elsewhere", "127.0.0.1:1", "", 1))
                        .toList());
    }

    private static void push(RpcServer fake, RingView ring) {
        Wire.Writer out = new Wire.Writer();
        ring.encode(out);
        // A push is not sent while a reply is under way.
        await(() -> fake.peers().stream().anyMatch(p -> p.push(FrameType.RING, out.bytes())));
    }

    @Test
    void aSilentWorkerLeavesTheRingAndASilentSessionEnds() {
        Worker w = cluster.worker("w0", "n0", 64 * MIB);
        MasterStub mute = cluster.closeLater(
                MasterStub.connect(cluster.masterAddress(), SECRET, Role.WORKER, DATASET, "mute", r -> {}));
        mute.awaitConnected(Duration.ofSeconds(5));
        mute.join(new Member("mute", "n", "127.0.0.1:1", "", 1));
        MasterStub client = cluster.closeLater(
                MasterStub.connect(cluster.masterAddress(), SECRET, Role.CLIENT, DATASET, "mute", r -> {}));
        client.awaitConnected(Duration.ofSeconds(5));
        client.openSession("mute", "n", "/mnt");
        assertThat(w.ring().members().size()).isBetween(1, 2);
        await(() -> w.ring().members().size() == 2);
        await(() -> w.ring().members().size() == 1);
        await(() -> cluster.master().status().sessions().isEmpty());
        // And it comes back when told so.
        assertThatThrownBy(() -> mute.workerBeat("mute", WorkerFigures.NONE))
                .isInstanceOfSatisfying(
                        RpcException.class, e -> assertThat(e.status()).isEqualTo(Status.UNKNOWN_PEER));
    }

    @Test
    void rolesMayOnlyDoTheirOwn() {
        MasterStub client = cluster.closeLater(
                MasterStub.connect(cluster.masterAddress(), SECRET, Role.CLIENT, DATASET, "c", r -> {}));
        client.awaitConnected(Duration.ofSeconds(5));
        assertThatThrownBy(() -> client.join(new Member("evil", "n", "127.0.0.1:1", "", 1)))
                .isInstanceOfSatisfying(
                        RpcException.class, e -> assertThat(e.status()).isEqualTo(Status.DENIED));
    }

    @Test
    void withoutTheSecretOrForAnotherDatasetNobodyGetsIn() {
        cluster.worker("w0", "n0", 64 * MIB);
        RingCacheConfig good = cluster.clientConfig("n0", "s1");
        Secret other = new Secret("some other runtime's".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> RingCache.connect(
                        RingCacheConfig.of(good.master(), other, DATASET, "n0", "s", "/m"), new Metrics()))
                .isInstanceOfSatisfying(
                        RpcException.class, e -> assertThat(e.status()).isEqualTo(Status.DENIED));
        assertThatThrownBy(() -> RingCache.connect(
                        RingCacheConfig.of(good.master(), SECRET, DATASET + 1, "n0", "s", "/m"), new Metrics()))
                .isInstanceOfSatisfying(
                        RpcException.class, e -> assertThat(e.status()).isEqualTo(Status.DENIED));
        // A key of another dataset on a good connection is refused by the worker.
        RingCache c = cluster.client(good);
        CachedFile f = cluster.store.file(DATASET + 1, 16, MIB);
        assertThat(c.read(f, 0, to, 0, 4096, ClusterCache.Pattern.UNKNOWN)).isEqualTo(Source.UNAVAILABLE);
        assertThat(cluster.store.reads).hasValue(0);
    }

    @Test
    void aWholeFileIsPassedAndKeptFromEvictionUntilItsLastDescriptorIsClosed() {
        Worker w = cluster.worker("w0", "here", 16 * MIB);
        RingCache c = cluster.client("here", "s1");
        CachedFile f = cluster.store.file(DATASET, 17, 4 * MIB + 4097);
        assertThat(c.whole(f)).isNull();
        for (long at = 0; at < f.key().size(); at += BLOCK) {
            read(c, f, at, (int) Math.min(BLOCK, f.key().size() - at), ClusterCache.Pattern.SEQUENTIAL);
        }
        ClusterCache.WholeFile whole = Objects.requireNonNull(c.whole(f));
        int copy = Libc.dup(whole.fd());
        whole.close();
        c.close();
        // The client is gone, but somebody still has the file: the kernel, for one, as a backing file.
        RingCache c2 = cluster.client("here", "s2");
        CachedFile big = cluster.store.file(DATASET, 18, 40 * MIB);
        for (long at = 0; at < big.key().size(); at += BLOCK) {
            read(c2, big, at, BLOCK, ClusterCache.Pattern.SEQUENTIAL);
        }
        for (long at = 0; at < f.key().size(); at += 65536) {
            int length = (int) Math.min(65536, f.key().size() - at);
            assertThat(Libc.pread(copy, to, 0, length, at)).isEqualTo(length);
            expect(f, to, 0, at, length);
        }
        assertThat(w.usage().tiers().getFirst().heldBytes()).isPositive();
        Libc.close(copy);
        await(() -> w.usage().tiers().getFirst().heldBytes() == 0);
    }

    @Test
    void aWholeFileStaysRightOverARestartOfTheWorkerThatGaveIt() {
        Worker w = cluster.worker("w0", "here", 16 * MIB);
        RingCache c = cluster.client("here", "s1");
        CachedFile f = cluster.store.file(DATASET, 17, 4 * MIB);
        CachedFile other = cluster.store.file(DATASET, 16, MIB);
        for (long at = 0; at < f.key().size(); at += BLOCK) {
            read(c, f, at, BLOCK, ClusterCache.Pattern.SEQUENTIAL);
        }
        read(c, other, 0, BLOCK, ClusterCache.Pattern.SEQUENTIAL);
        try (ClusterCache.WholeFile whole = Objects.requireNonNull(c.whole(f))) {
            w.close();
            cluster.worker("w0", "here", 16 * MIB);
            await(() -> read(c, other, 0, BLOCK, ClusterCache.Pattern.SEQUENTIAL) == Source.LOCAL_WORKER);
            CachedFile big = cluster.store.file(DATASET, 18, 40 * MIB);
            for (long at = 0; at < big.key().size(); at += BLOCK) {
                read(c, big, at, BLOCK, ClusterCache.Pattern.SEQUENTIAL);
            }
            for (long at = 0; at < f.key().size(); at += 65536) {
                assertThat(Libc.pread(whole.fd(), to, 0, 65536, at)).isEqualTo(65536);
                expect(f, to, 0, at, 65536);
            }
            // The cache no longer has it, and fetches it again.
            assertThat(read(c, f, 0, BLOCK, ClusterCache.Pattern.SEQUENTIAL)).isEqualTo(Source.STORE_VIA_WORKER);
        }
    }

    @Test
    void clientsOfAnotherNodeGetNoDescriptor() {
        cluster.worker("w0", "here", 64 * MIB);
        RingCache c = cluster.client("there", "s1");
        CachedFile f = cluster.store.file(DATASET, 19, MIB);
        read(c, f, 0, BLOCK, ClusterCache.Pattern.SEQUENTIAL);
        assertThat(c.whole(f)).isNull();
    }

    @Test
    void anInterruptedReadReturnsSoonAndKeepsTheFlag() throws Exception {
        cluster.worker("w0", "here", 64 * MIB);
        RingCache c = cluster.client("here", "s1");
        CachedFile f = cluster.store.file(DATASET, 20, MIB);
        cluster.store.gate = new CountDownLatch(1);
        AtomicReference<Source> result = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread t = Thread.ofPlatform().start(() -> {
            result.set(c.read(f, 0, to, 0, 4096, ClusterCache.Pattern.UNKNOWN));
            flag.set(Thread.currentThread().isInterrupted());
        });
        await(() -> cluster.store.reads.get() == 1);
        t.interrupt();
        t.join(2000);
        assertThat(result.get()).isEqualTo(Source.UNAVAILABLE);
        assertThat(flag).isTrue();
        cluster.store.gate.countDown();
        assertThat(read(c, f, 0, 4096, ClusterCache.Pattern.UNKNOWN)).isNotEqualTo(Source.UNAVAILABLE);
    }

    @Test
    void aWorkerKeepsItsBlocksOverARestart() {
        Worker w = cluster.worker("w0", "here", 64 * MIB);
        RingCache c = cluster.client("here", "s1");
        CachedFile f = cluster.store.file(DATASET, 21, 4 * MIB);
        for (long at = 0; at < f.key().size(); at += BLOCK) {
            read(c, f, at, BLOCK, ClusterCache.Pattern.SEQUENTIAL);
        }
        w.close();
        await(() -> c.ring().members().isEmpty());
        assertThat(read(c, f, 0, BLOCK, ClusterCache.Pattern.SEQUENTIAL)).isEqualTo(Source.UNAVAILABLE);
        cluster.worker("w0", "here", 64 * MIB);
        await(() -> c.ring().members().size() == 1);
        await(() -> read(c, f, 0, BLOCK, ClusterCache.Pattern.SEQUENTIAL) == Source.LOCAL_WORKER);
        assertThat(cluster.store.bytes).hasValue(4 * MIB);
    }

    @Test
    void withTwoReplicasADeadOwnersBlocksComeFromTheOther() {
        cluster.close();
        cluster = new RingCacheFixture(BLOCK, 2);
        Worker a = cluster.worker("w0", "n0", 64 * MIB);
        cluster.worker("w1", "n1", 64 * MIB);
        RingCache c = cluster.client("n0", "s1");
        CachedFile f = cluster.store.file(DATASET, 22, 8 * MIB);
        for (long at = 0; at < f.key().size(); at += BLOCK) {
            assertThat(read(c, f, at, BLOCK, ClusterCache.Pattern.SEQUENTIAL)).isEqualTo(Source.STORE_VIA_WORKER);
            assertThat(read(c, f, at, BLOCK, ClusterCache.Pattern.SEQUENTIAL)).isEqualTo(Source.LOCAL_WORKER);
        }
        a.close();
        for (long at = 0; at < f.key().size(); at += BLOCK) {
            assertThat(read(c, f, at, BLOCK, ClusterCache.Pattern.SEQUENTIAL))
                    .isIn(Source.STORE_VIA_WORKER, Source.REMOTE_WORKER);
        }
    }
}
