package io.efc.rpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Libc;
import io.efc.base.Metrics;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Client and server over real sockets. */
@Timeout(60)
class RpcIT {
    private static final Secret SECRET = new Secret("0123456789abcdef-rpc".getBytes(UTF_8));
    private static final int ECHO = 100;
    private static final int BULK = 101;
    private static final int HOLD = 102;
    private static final int DESCRIPTOR = 103;
    private static final int FILE = 104;
    private static final int FAIL = 105;
    private static final int MUTE = 106;

    @TempDir
    Path dir;

    private final Arena arena = Arena.ofShared();
    private final LinkedBlockingQueue<Exchange> held = new LinkedBlockingQueue<>();
    private final AtomicInteger closed = new AtomicInteger();
    private final CountDownLatch unmuted = new CountDownLatch(1);
    private final Metrics metrics = new Metrics();
    private final List<AutoCloseable> open = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private RpcServer server;

    private int fileFd = -1;
    private MemorySegment bulk = MemorySegment.NULL;

    @BeforeEach
    void start() throws Exception {
        bulk = arena.allocate(1 << 20, 64);
        for (int i = 0; i < bulk.byteSize(); i += 8) {
            bulk.set(ValueLayout.JAVA_LONG, i, i * 0x9E3779B97F4A7C15L);
        }
        Path file = dir.resolve("data");
        Files.write(file, bulk.toArray(ValueLayout.JAVA_BYTE));
        fileFd = Libc.open(Libc.cString(arena, file.toString()), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        server = serve(config());
    }

    private RpcServerConfig config() {
        return RpcServerConfig.of(
                "test", List.of(new Address.Tcp("127.0.0.1", 0), new Address.Unix(dir.resolve("s"))), SECRET, 7);
    }

    private RpcServer serve(RpcServerConfig config) {
        RpcServer s = RpcServer.start(config, new Handler(), metrics);
        open.add(s);
        return s;
    }

    private final class Handler implements RpcHandler {
        @Override
        public void handle(Exchange e) {
            switch (e.type()) {
                case ECHO -> e.reply(Status.OK, e.bodyBytes());
                case BULK -> {
                    e.begin(Status.OK, 0, 1 << 20);
                    e.part(bulk, 0, 1000);
                    e.part(fileFd, 1000, 500_000);
                    e.part(bulk, 501_000, (1 << 20) - 501_000);
                    e.end();
                }
                case FILE -> {
                    e.begin(Status.OK, 4, 1 << 20);
                    e.part(fileFd, 0, 1 << 20);
                    e.end();
                }
                case HOLD -> held.add(e);
                case DESCRIPTOR -> e.replyDescriptor(Status.OK, 8, fileFd);
                case FAIL -> throw new IllegalStateException("on purpose");
                case MUTE -> {
                    try {
                        e.reply(unmuted.await(50, TimeUnit.SECONDS) ? Status.OK : Status.INTERNAL);
                    } catch (InterruptedException x) {
                        throw new IllegalStateException(x);
                    }
                }
                default -> e.reply(Status.UNKNOWN_TYPE);
            }
        }

        @Override
        public void closed(Peer peer) {
            closed.incrementAndGet();
        }
    }

    private RpcClient client(int address) {
        return client(RpcClientConfig.of(server.addresses().get(address), SECRET, Role.CLIENT, 7, "tester"));
    }

    private RpcClient client(RpcClientConfig config) {
        RpcClient c = RpcClient.start(config, RpcListener.NONE);
        open.add(c);
        assertThat(c.awaitConnected(Duration.ofSeconds(20), false))
                .as(c.failure())
                .isTrue();
        return c;
    }

    private static <T> CompletableFuture<T> async(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                result.complete(work.get());
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private static Call begin(RpcClient c) {
        return Objects.requireNonNull(c.begin(in(20_000)), c.failure());
    }

    private static void await(BooleanSupplier condition) {
        long deadline = in(20_000);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("waited too long").isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static long in(long millis) {
        return System.nanoTime() + millis * 1_000_000;
    }

    @AfterEach
    void stop() throws Exception {
        unmuted.countDown();
        for (AutoCloseable c : open.reversed()) {
            c.close();
        }
        Libc.close(fileFd);
        arena.close();
    }

    @Test
    void carriesBodiesOfAllSizesBothWays() {
        for (int address = 0; address < 2; address++) {
            RpcClient c = client(address);
            for (int size : new int[] {0, 1, 1000, 1024, 1025, 5000, 1 << 20}) {
                byte[] body = new byte[size];
                new java.util.Random(size).nextBytes(body);
                assertThat(c.call(ECHO, body, Duration.ofSeconds(20))).isEqualTo(body);
            }
        }
    }

    @Test
    void receivesBulkFromMemoryAndFilesIntoTheCallersSegmentAndNowhereElse() {
        for (int address = 0; address < 2; address++) {
            RpcClient c = client(address);
            MemorySegment to = arena.allocate((1 << 20) + 128, 64).fill((byte) 0x5a);
            for (int type : new int[] {BULK, FILE}) {
                try (Call call = begin(c)) {
                    assertThat(call.execute(type, 0, to, 64, 1 << 20, in(20_000)))
                            .isEqualTo(Status.OK);
                    assertThat(call.bulkLength()).isEqualTo(1 << 20);
                    assertThat(to.asSlice(64, 1 << 20).mismatch(bulk)).isEqualTo(-1);
                    assertThat(to.asSlice(0, 64).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x5a);
                    assertThat(to.asSlice((1 << 20) + 64).toArray(ValueLayout.JAVA_BYTE))
                            .containsOnly(0x5a);
                }
            }
        }
    }

    @Test
    void moreBulkThanAskedForEndsTheConnectionAndTouchesNothing() {
        RpcClient c = client(0);
        MemorySegment to = arena.allocate(1 << 20, 64).fill((byte) 0x5a);
        try (Call call = begin(c)) {
            assertThat(call.execute(BULK, 0, to, 0, (1 << 20) - 1, in(20_000))).isEqualTo(Status.LOST);
        }
        assertThat(to.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x5a);
    }

    @Test
    void passesADescriptorOverTheUnixSocket() {
        RpcClient c = client(1);
        int fd;
        try (Call call = begin(c)) {
            assertThat(call.execute(DESCRIPTOR, 0, in(20_000))).isEqualTo(Status.OK);
            fd = call.takeDescriptor();
        }
        MemorySegment back = arena.allocate(4096);
        assertThat(Libc.pread(fd, back, 0, 4096, 4096)).isEqualTo(4096);
        assertThat(back.mismatch(bulk.asSlice(4096, 4096))).isEqualTo(-1);
        assertThat(Libc.close(fd)).isZero();
        assertThat(c.call(ECHO, new byte[3], Duration.ofSeconds(20))).hasSize(3);
    }

    @Test
    void repliesMayOvertakeEachOther() throws Exception {
        RpcClient c = client(0);
        CompletableFuture<Status> slow = async(() -> {
            try (Call call = begin(c)) {
                return call.execute(HOLD, 0, in(20_000));
            }
        });
        Exchange waiting = held.take();
        assertThat(c.call(ECHO, new byte[] {1}, Duration.ofSeconds(20))).containsExactly(1);
        assertThat(slow.isDone()).isFalse();
        waiting.reply(Status.STALE);
        assertThat(slow.get(20, TimeUnit.SECONDS)).isEqualTo(Status.STALE);
    }

    @Test
    void oneRequestTooManyIsAnsweredBusyAndTheOthersAreNotHarmed() throws Exception {
        server = serve(RpcServerConfig.of("small", List.of(new Address.Tcp("127.0.0.1", 0)), SECRET, 7)
                .withLimits(4, 4, 2));
        RpcClient c = client(0);
        List<CompletableFuture<Status>> two = IntStream.range(0, 2)
                .mapToObj(i -> async(() -> {
                    try (Call call = begin(c)) {
                        return call.execute(HOLD, 0, in(20_000));
                    }
                }))
                .toList();
        Exchange a = held.take();
        Exchange b = held.take();
        try (Call call = begin(c)) {
            assertThat(call.execute(ECHO, 100, in(20_000))).isEqualTo(Status.BUSY);
        }
        a.reply(Status.OK);
        b.reply(Status.OK);
        assertThat(two.get(0).get(20, TimeUnit.SECONDS)).isEqualTo(Status.OK);
        assertThat(two.get(1).get(20, TimeUnit.SECONDS)).isEqualTo(Status.OK);
        assertThat(c.call(ECHO, new byte[] {1}, Duration.ofSeconds(20))).containsExactly(1);
    }

    @Test
    void anInterruptedCallerReturnsAtOnceAndTheLateReplyHarmsNobody() throws Exception {
        RpcClient c = client(0);
        MemorySegment to = arena.allocate(1 << 20).fill((byte) 0x5a);
        CompletableFuture<Status> outcome = new CompletableFuture<>();
        Thread t = Thread.ofPlatform().start(() -> {
            try (Call call = begin(c)) {
                Status s = call.execute(HOLD, 0, to, 0, 1 << 20, in(30_000));
                outcome.complete(Thread.currentThread().isInterrupted() ? s : Status.INTERNAL);
            }
        });
        Exchange e = held.take();
        t.interrupt();
        assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo(Status.INTERRUPTED);
        int free = c.freeCalls();
        e.begin(Status.OK, 0, 1 << 20);
        e.part(bulk, 0, 1 << 20);
        e.end();
        assertThat(c.call(ECHO, new byte[] {1}, Duration.ofSeconds(20))).containsExactly(1);
        assertThat(to.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x5a);
        assertThat(c.freeCalls()).isEqualTo(free + 1).isEqualTo(32);
    }

    @Test
    void deadlinesTravelAndEndTheWait() throws Exception {
        RpcClient c = client(0);
        long deadline = in(1000);
        CompletableFuture<Long> ended = async(() -> {
            try (Call call = begin(c)) {
                assertThat(call.execute(HOLD, 0, deadline)).isEqualTo(Status.TIMED_OUT);
            }
            return System.nanoTime();
        });
        Exchange e = held.take();
        long arrived = System.nanoTime();
        assertThat(ended.get(20, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(deadline);
        // The frame says how long is left, in whole microseconds; the server's clock of it starts when it arrives.
        assertThat(e.deadlineNanos()).isBetween(deadline - 1000, arrived + 1_000_000_000);
        await(() -> System.nanoTime() - e.deadlineNanos() >= 0);
        assertThat(e.isLate()).isTrue();
        e.reply(Status.DEADLINE);
    }

    @Test
    void aSilentPeerIsFoundDeadLongBeforeTheDeadline() {
        RpcClient c = client(RpcClientConfig.of(server.addresses().get(0), SECRET, Role.CLIENT, 7, "t")
                .withDeadAfter(Duration.ofMillis(600)));
        try (Call call = begin(c)) {
            // The handler waits on the connection's own thread, so pings go unanswered too, for as long as the call
            // could last.
            assertThat(call.execute(MUTE, 0, in(50_000))).isEqualTo(Status.LOST);
        }
        assertThat(unmuted.getCount()).isOne();
        assertThat(c.awaitConnected(Duration.ofSeconds(20), false)).isTrue();
        assertThat(c.call(ECHO, new byte[] {1}, Duration.ofSeconds(20))).containsExactly(1);
    }

    @Test
    void aBugInTheHandlerIsAnsweredAndTheConnectionGoesOn() {
        RpcClient c = client(0);
        assertThatThrownBy(() -> c.call(FAIL, new byte[0], Duration.ofSeconds(20)))
                .isInstanceOfSatisfying(
                        RpcException.class, e -> assertThat(e.status()).isEqualTo(Status.INTERNAL));
        assertThat(c.call(ECHO, new byte[] {1}, Duration.ofSeconds(20))).containsExactly(1);
    }

    @Test
    void connectsAgainAfterTheServerCameBackAndEndsCallsThatWereOut() throws Exception {
        RpcServer first = serve(RpcServerConfig.of("a", List.of(new Address.Unix(dir.resolve("again"))), SECRET, 7));
        server = first;
        RpcClient c = client(0);
        CompletableFuture<Status> out = async(() -> {
            try (Call call = begin(c)) {
                return call.execute(HOLD, 0, in(30_000));
            }
        });
        Exchange e = held.take();
        first.close();
        assertThat(out.get(20, TimeUnit.SECONDS)).isEqualTo(Status.LOST);
        e.reply(Status.OK);
        serve(RpcServerConfig.of("a", List.of(new Address.Unix(dir.resolve("again"))), SECRET, 7));
        assertThat(c.awaitConnected(Duration.ofSeconds(20), false)).isTrue();
        assertThat(c.call(ECHO, new byte[] {1}, Duration.ofSeconds(20))).containsExactly(1);
        assertThat(c.freeCalls()).isEqualTo(32);
    }

    @Test
    void manyThreadsShareOneConnection() throws Exception {
        RpcClient c = client(1);
        CountDownLatch done = new CountDownLatch(40);
        AtomicInteger bad = new AtomicInteger();
        for (int t = 0; t < 40; t++) {
            int seed = t;
            Thread.ofPlatform().start(() -> {
                try (Arena a = Arena.ofConfined()) {
                    MemorySegment to = a.allocate(1 << 20, 64);
                    for (int i = 0; i < 25; i++) {
                        byte[] body = new byte[seed * 37 + i];
                        java.util.Arrays.fill(body, (byte) (seed + i));
                        if (!java.util.Arrays.equals(c.call(ECHO, body, Duration.ofSeconds(20)), body)) {
                            bad.incrementAndGet();
                        }
                        try (Call call = begin(c)) {
                            if (call.execute(FILE, 0, to, 0, 1 << 20, in(20_000)) != Status.OK
                                    || to.mismatch(bulk) != -1) {
                                bad.incrementAndGet();
                            }
                        }
                    }
                } catch (RuntimeException e) {
                    bad.incrementAndGet();
                }
                done.countDown();
            });
        }
        assertThat(done.await(40, TimeUnit.SECONDS)).isTrue();
        assertThat(bad).hasValue(0);
        assertThat(c.freeCalls()).isEqualTo(32);
    }

    @Test
    void pushesReachTheListener() throws Exception {
        LinkedBlockingQueue<byte[]> pushed = new LinkedBlockingQueue<>();
        RpcClient c = RpcClient.start(
                RpcClientConfig.of(server.addresses().get(0), SECRET, Role.WORKER, 7, "w"), new RpcListener() {
                    @Override
                    public void pushed(int type, byte[] body) {
                        pushed.add(body);
                    }
                });
        open.add(c);
        assertThat(c.awaitConnected(Duration.ofSeconds(20), false)).isTrue();
        // Whoever was told that he is welcome is known as a peer; a first attempt that timed out may not have left yet.
        assertThat(server.peers()).isNotEmpty();
        await(() -> server.peers().size() == 1);
        assertThat(server.peers().getFirst().push(FrameType.RING, new byte[] {1, 2, 3}))
                .isTrue();
        assertThat(pushed.poll(20, TimeUnit.SECONDS)).containsExactly(1, 2, 3);
    }

    @Test
    void whatIsPushedWhileAReplyIsUnderWayIsLostAndSaysSo() throws Exception {
        RpcClient c = client(0);
        CompletableFuture<Status> call = async(() -> {
            try (Call held = begin(c)) {
                return held.execute(HOLD, 0, arena.allocate(1 << 20), 0, 1 << 20, in(20_000));
            }
        });
        Exchange e = held.take();
        e.begin(Status.OK, 0, 1 << 20);
        // The send lock is this thread's until the reply ends, so another one asks.
        assertThat(async(() -> e.peer().push(FrameType.RING, new byte[] {1})).get(20, TimeUnit.SECONDS))
                .isFalse();
        e.part(bulk, 0, 1 << 20);
        e.end();
        assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo(Status.OK);
    }

    @Test
    @Tag("slow")
    void anIdleClientPingsOftenEnoughForAServerThatCutsOffSilentPeers() {
        server = serve(RpcServerConfig.of("strict", List.of(new Address.Tcp("127.0.0.1", 0)), SECRET, 7)
                .withTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(2)));
        AtomicInteger lost = new AtomicInteger();
        RpcClient c = RpcClient.start(
                RpcClientConfig.of(server.addresses().getFirst(), SECRET, Role.CLIENT, 7, "idle")
                        .withIdlePing(Duration.ofMillis(200)),
                new RpcListener() {
                    @Override
                    public void disconnected(String reason) {
                        lost.incrementAndGet();
                    }
                });
        open.add(c);
        assertThat(c.awaitConnected(Duration.ofSeconds(20), false)).isTrue();
        lost.set(0);
        long start = System.nanoTime();
        await(() -> System.nanoTime() - start > 3_000_000_000L);
        assertThat(c.call(ECHO, new byte[] {1}, Duration.ofSeconds(20))).containsExactly(1);
        assertThat(lost).hasValue(0);
    }
}
