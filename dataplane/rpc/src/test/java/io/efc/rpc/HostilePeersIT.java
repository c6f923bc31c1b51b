package io.efc.rpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Metrics;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Strangers on a server's port, each beside a good client whose calls must not notice. */
@Timeout(60)
class HostilePeersIT {
    private static final Secret SECRET = new Secret("0123456789abcdef-hostile".getBytes(UTF_8));
    private static final int ECHO = 100;
    private static final int BODY_MAX = 1 << 20;

    /** Long enough for an honest handshake on a busy machine, and shorter than anything a stranger is given to wait for. */
    private static final Duration HANDSHAKE = Duration.ofSeconds(2);

    private static final Duration IDLE = Duration.ofSeconds(3);

    private final Metrics metrics = new Metrics();
    private final AtomicInteger lost = new AtomicInteger();
    private final List<AutoCloseable> open = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private RpcServer server;

    @SuppressWarnings("NullAway.Init")
    private RpcClient good;

    @BeforeEach
    void start() {
        server = RpcServer.start(
                RpcServerConfig.of("hostile", List.of(new Address.Tcp("127.0.0.1", 0)), SECRET, 7)
                        .withLimits(8, 4, 8)
                        .withTimeouts(HANDSHAKE, HANDSHAKE, IDLE),
                e -> e.reply(Status.OK, e.bodyBytes()),
                metrics);
        open.add(server);
        good = client(SECRET, 7, new RpcListener() {
            @Override
            public void disconnected(String reason) {
                lost.incrementAndGet();
            }
        });
        connected(good);
        lost.set(0);
    }

    private RpcClient client(Secret secret, long dataset) {
        return client(secret, dataset, RpcListener.NONE);
    }

    /** One that lets the server hear of it often enough. */
    private RpcClient client(Secret secret, long dataset, RpcListener listener) {
        RpcClient c = RpcClient.start(
                RpcClientConfig.of(server.addresses().getFirst(), secret, Role.CLIENT, dataset, "c")
                        .withIdlePing(IDLE.dividedBy(10)),
                listener);
        open.add(c);
        return c;
    }

    private static void connected(RpcClient c) {
        assertThat(c.awaitConnected(Duration.ofSeconds(20), false))
                .as(c.failure())
                .isTrue();
    }

    @AfterEach
    void theGoodClientWasNeverHarmed() throws Exception {
        assertThat(good.call(ECHO, new byte[] {1, 2}, Duration.ofSeconds(20))).containsExactly(1, 2);
        assertThat(lost).as(good.failure()).hasValue(0);
        for (AutoCloseable c : open.reversed()) {
            c.close();
        }
    }

    private long refused(String reason) {
        return metrics.counter(
                        "efc_rpc_refused_total",
                        "Connections cut off, by reason.",
                        "server",
                        "hostile",
                        "reason",
                        reason)
                .value();
    }

    /** The count, once it is at least this; refusals are counted after the peer was told. */
    private long refusedAtLeast(String reason, long count) {
        await(() -> refused(reason) >= count);
        return refused(reason);
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("waited too long").isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    private int port() {
        return ((Address.Tcp) server.addresses().getFirst()).port();
    }

    private Socket stranger() throws IOException {
        Socket s = new Socket(InetAddress.getLoopbackAddress(), port());
        open.add(s);
        s.setSoTimeout(20_000);
        return s;
    }

    /** Reads until the server ends the connection, within 20 s; the milliseconds that took. */
    private static long untilCutOff(Socket s) throws IOException {
        long start = System.nanoTime();
        try {
            InputStream in = s.getInputStream();
            while (in.read(new byte[4096]) >= 0) {
                assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the server did not cut it off", e);
        } catch (SocketException e) {
            // A reset is as good an end.
        }
        return (System.nanoTime() - start) / 1_000_000;
    }

    private static byte[] frame(int type, int bodyLength, int bulkLength, byte[] body) {
        ByteBuffer b = ByteBuffer.allocate(40 + body.length).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0x52434645)
                .put((byte) 1)
                .put((byte) type)
                .putShort((short) 0)
                .putLong(0)
                .putInt(0)
                .putInt(0);
        b.putInt(bodyLength).putInt(bulkLength);
        CRC32C crc = new CRC32C();
        crc.update(body);
        b.putInt((int) crc.getValue());
        crc.reset();
        crc.update(b.array(), 0, 36);
        b.putInt((int) crc.getValue()).put(body);
        return b.array();
    }

    private static byte[] hello(long dataset) {
        return new Wire.Writer()
                .u16(1)
                .u16(1)
                .u16(Role.CLIENT.code())
                .i64(dataset)
                .raw(new byte[32])
                .string("x")
                .bytes();
    }

    @Test
    void garbageIsCutOffAtOnce() throws Exception {
        for (long seed = 0; seed < 5; seed++) {
            Socket s = stranger();
            byte[] garbage = new byte[10_000];
            new Random(seed).nextBytes(garbage);
            try {
                s.getOutputStream().write(garbage);
            } catch (SocketException e) {
                // Already cut off.
            }
            untilCutOff(s);
        }
        assertThat(refusedAtLeast("garbage", 5)).isEqualTo(5);
        assertThat(refused("timeout")).isZero();
    }

    @Test
    void hugeLengthsAllocateNothingAndAreCutOff() throws Exception {
        for (int length : new int[] {Integer.MAX_VALUE, -1, 1 << 30, 513}) {
            Socket s = stranger();
            s.getOutputStream().write(frame(FrameType.HELLO, length, 0, new byte[0]));
            untilCutOff(s);
        }
        Socket bulk = stranger();
        bulk.getOutputStream().write(frame(FrameType.HELLO, 0, 1 << 30, new byte[0]));
        untilCutOff(bulk);
        assertThat(refusedAtLeast("garbage", 5)).isEqualTo(5);
        assertThat(refused("timeout")).isZero();
    }

    @Test
    void aHugeLengthFromAnAuthenticatedPeerEndsItsConnectionOnly() {
        RpcClient c = client(SECRET, 7);
        connected(c);
        assertThatThrownBy(() -> c.call(ECHO, new byte[BODY_MAX + 1], Duration.ofSeconds(20)))
                .isInstanceOfSatisfying(
                        RpcException.class, e -> assertThat(e.status()).isEqualTo(Status.LOST));
        assertThat(refusedAtLeast("length", 1)).isEqualTo(1);
    }

    @Test
    void theWrongSecretIsRefusedAndTold() {
        RpcClient c = client(new Secret("another-secret-of-someone".getBytes(UTF_8)), 7);
        await(() -> c.refusal() == Status.DENIED);
        assertThat(c.isConnected()).isFalse();
        assertThat(refusedAtLeast("secret", 1)).isPositive();
    }

    @Test
    void anotherDatasetIsRefused() {
        RpcClient c = client(SECRET, 8);
        await(() -> c.refusal() == Status.DENIED);
        assertThat(c.isConnected()).isFalse();
        assertThat(refusedAtLeast("dataset", 1)).isPositive();
    }

    @Test
    void nothingButTheHandshakeIsAnsweredToAStranger() throws Exception {
        Socket s = stranger();
        s.getOutputStream().write(frame(ECHO, 3, 0, new byte[] {1, 2, 3}));
        untilCutOff(s);
        assertThat(refusedAtLeast("garbage", 1)).isEqualTo(1);
        assertThat(refused("timeout")).isZero();
        Socket t = stranger();
        t.getOutputStream().write(frame(FrameType.HELLO, hello(7).length, 0, hello(7)));
        t.getOutputStream().write(frame(FrameType.PROOF, 32, 0, new byte[32]));
        byte[] all = t.getInputStream().readAllBytes();
        // CHALLENGE with 34 bytes, WELCOME without a proof, nothing else.
        assertThat(all).hasSize(40 + 34 + 40);
        assertThat(all[74 + 20]).isEqualTo((byte) Status.DENIED.code());
    }

    @Test
    void aReplayedHandshakeIsWorthNothing() throws Exception {
        // What a good client said once does not fit the nonce of another connection.
        byte[] body = hello(7);
        Secret secret = SECRET;
        byte[] oldNonce = new byte[32];
        byte[] proof = secret.prove("efc client", new Hello(Role.CLIENT, 7, "x", new byte[32]), 1, oldNonce);
        Socket s = stranger();
        s.getOutputStream().write(frame(FrameType.HELLO, body.length, 0, body));
        s.getOutputStream().write(frame(FrameType.PROOF, 32, 0, proof));
        s.getInputStream().readAllBytes();
        assertThat(refusedAtLeast("secret", 1)).isEqualTo(1);
    }

    @Test
    void aSlowLorisIsCutOffWithinTheTimeout() throws Exception {
        Socket s = stranger();
        byte[] hello = frame(FrameType.HELLO, hello(7).length, 0, hello(7));
        AtomicInteger dripped = new AtomicInteger();
        Thread drip = Thread.ofVirtual().start(() -> {
            try {
                OutputStream out = s.getOutputStream();
                for (byte b : hello) {
                    out.write(b);
                    dripped.incrementAndGet();
                    Thread.sleep(100);
                }
            } catch (IOException | InterruptedException e) {
                // Cut off, as it should be.
            }
        });
        untilCutOff(s);
        assertThat(dripped).hasValueLessThan(hello.length);
        drip.interrupt();
        drip.join();
        assertThat(refusedAtLeast("timeout", 1)).isEqualTo(1);
    }

    @Test
    void aSilentOrHalfOpenConnectionIsCutOff() throws Exception {
        Socket silent = stranger();
        Socket half = stranger();
        half.getOutputStream().write(frame(FrameType.HELLO, hello(7).length, 0, hello(7)), 0, 20);
        half.shutdownOutput();
        untilCutOff(half);
        assertThat(refusedAtLeast("closed", 1)).isEqualTo(1);
        assertThat(untilCutOff(silent)).isPositive();
        assertThat(refusedAtLeast("timeout", 1)).isEqualTo(1);
    }

    @Test
    void aFloodOfConnectionsPushesOutItsOwnOldest() throws Exception {
        List<Socket> flood = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            flood.add(stranger());
        }
        RpcClient c = client(SECRET, 7);
        connected(c);
        assertThat(c.call(ECHO, new byte[] {5}, Duration.ofSeconds(20))).containsExactly(5);
        assertThat(refused("flood")).isGreaterThan(20);
        for (Socket s : flood) {
            untilCutOff(s);
        }
    }

    /** A flood may push out a handshake that is under way, never a client that was told it is welcome. */
    @Test
    void whoIsWelcomeIsOutOfReachOfAFloodAtOnce() {
        AtomicInteger welcome = new AtomicInteger();
        AtomicInteger registered = new AtomicInteger();
        for (int i = 1; i <= 200; i++) {
            String name = "c" + i;
            RpcClient c = RpcClient.start(
                    RpcClientConfig.of(server.addresses().getFirst(), SECRET, Role.CLIENT, 7, name), new RpcListener() {
                        @Override
                        public void connected() {
                            if (server.peers().stream().anyMatch(p -> p.name().equals(name))) {
                                registered.incrementAndGet();
                            }
                            welcome.incrementAndGet();
                        }
                    });
            open.add(c);
            int told = i;
            await(() -> welcome.get() == told);
            c.close();
            assertThat(registered).hasValue(i);
            // Whoever leaves is seen to leave a little later; there must be room for the next one.
            await(() -> server.connectionCount() < 4);
        }
    }

    @Test
    void moreConnectionsThanAllowedAreTurnedAwayAndRoomComesBack() {
        List<RpcClient> seven = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            RpcClient c = client(SECRET, 7);
            connected(c);
            seven.add(c);
        }
        await(() -> server.connectionCount() == 8);
        RpcClient ninth = client(SECRET, 7);
        assertThat(ninth.awaitConnected(Duration.ofSeconds(20), true)).isFalse();
        assertThat(refusedAtLeast("limit", 1)).isPositive();
        seven.getFirst().close();
        connected(ninth);
    }

    @Test
    void anAuthenticatedPeerThatStopsInAFrameIsCutOff() throws Exception {
        Socket s = authenticated();
        s.getOutputStream().write(frame(ECHO, 3, 0, new byte[] {1, 2, 3}), 0, 30);
        untilCutOff(s);
    }

    @Test
    void anAuthenticatedPeerThatIsSilentIsCutOff() throws Exception {
        Socket s = authenticated();
        assertThat(untilCutOff(s)).isGreaterThan(IDLE.toMillis() / 2);
    }

    private Socket authenticated() throws IOException {
        Socket s = stranger();
        byte[] body = hello(7);
        s.getOutputStream().write(frame(FrameType.HELLO, body.length, 0, body));
        byte[] challenge = s.getInputStream().readNBytes(40 + 34);
        byte[] nonce = java.util.Arrays.copyOfRange(challenge, 42, 74);
        byte[] proof = SECRET.prove("efc client", new Hello(Role.CLIENT, 7, "x", new byte[32]), 1, nonce);
        s.getOutputStream().write(frame(FrameType.PROOF, 32, 0, proof));
        byte[] welcome = s.getInputStream().readNBytes(40 + 32);
        assertThat(welcome[20]).isZero();
        return s;
    }

    @Test
    void aClientIsNotFooledByAServerWithoutTheSecret() throws Exception {
        try (ServerSocket fake = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread t = Thread.ofVirtual().start(() -> {
                try (Socket s = fake.accept()) {
                    s.getInputStream().readNBytes(40 + hello(7).length);
                    s.getOutputStream()
                            .write(frame(
                                    FrameType.CHALLENGE,
                                    34,
                                    0,
                                    new Wire.Writer().u16(1).raw(new byte[32]).bytes()));
                    s.getInputStream().readNBytes(72);
                    s.getOutputStream().write(frame(FrameType.WELCOME, 32, 0, new byte[32]));
                    s.getInputStream().read();
                } catch (IOException e) {
                    // The client went away.
                }
            });
            RpcClient c = RpcClient.start(
                    RpcClientConfig.of(new Address.Tcp("127.0.0.1", fake.getLocalPort()), SECRET, Role.CLIENT, 7, "x"),
                    RpcListener.NONE);
            open.add(c);
            await(() -> c.refusal() == Status.DENIED);
            assertThat(c.isConnected()).isFalse();
            t.join();
        }
    }
}
