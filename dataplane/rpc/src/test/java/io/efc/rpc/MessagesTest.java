package io.efc.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Credentials;
import io.efc.rpc.internal.FrameBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesTest {
    private static final HexFormat HEX = HexFormat.of();

    private static String hex(MemorySegment s, int length) {
        return HEX.formatHex(s.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }

    /** CRC32C bit by bit, as RFC 3720 appendix B.4 defines it: independent of the JDK's. */
    private static int crc(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xff;
            for (int i = 0; i < 8; i++) {
                crc = (crc >>> 1) ^ (0x82F63B78 & -(crc & 1));
            }
        }
        return ~crc;
    }

    private static String le(int v) {
        return HEX.toHexDigits(Integer.reverseBytes(v));
    }

    @Test
    void aFrameHasTheseBytes() {
        FrameBuffer f = new FrameBuffer(8);
        f.body().set(ValueLayout.JAVA_BYTE, 0, (byte) 0xAB);
        f.body().set(ValueLayout.JAVA_BYTE, 1, (byte) 0xCD);
        f.seal(FrameType.READ, FrameBuffer.FLAG_REPLY, 0x1122334455667788L, 1_000_000, 2, 2, 0x00100000);
        String head = "45464352" + "01" + "10" + "0100" + "8877665544332211" + "40420f00" + "02000000" + "02000000"
                + "00001000" + le(crc(HEX.parseHex("abcd")));
        assertThat(hex(f.segment(), 42)).isEqualTo(head + le(crc(HEX.parseHex(head))) + "abcd");
        assertThat(f.headerIntact()).isTrue();
        assertThat(f.bodyIntact()).isTrue();
        assertThat(f.type()).isEqualTo(FrameType.READ);
        assertThat(f.has(FrameBuffer.FLAG_REPLY)).isTrue();
        assertThat(f.has(FrameBuffer.FLAG_PUSH)).isFalse();
        assertThat(f.id()).isEqualTo(0x1122334455667788L);
        assertThat(f.deadlineMicros()).isEqualTo(1_000_000);
        assertThat(f.status()).isEqualTo(2);
        assertThat(f.bodyLength()).isEqualTo(2);
        assertThat(f.bulkLength()).isEqualTo(1 << 20);
    }

    @Test
    void everyFlippedBitOfAFrameIsSeen() {
        FrameBuffer f = new FrameBuffer(8);
        f.body().fill((byte) 0x33);
        f.seal(FrameType.STAT, 0, 99, 5, 0, 8, 0);
        for (int bit = 0; bit < 48 * 8; bit++) {
            byte old = f.segment().get(ValueLayout.JAVA_BYTE, bit / 8);
            f.segment().set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (old ^ 1 << bit % 8));
            assertThat(f.headerIntact() && f.bodyIntact()).as("bit %d", bit).isFalse();
            f.segment().set(ValueLayout.JAVA_BYTE, bit / 8, old);
        }
        assertThat(f.headerIntact() && f.bodyIntact()).isTrue();
    }

    @Test
    void aReadRequestHasTheseBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment b = arena.allocate(Call.REQUEST_BODY_BYTES);
            ReadRequest.content(b, 7, 0x0102030405060708L, -1, 0x99, 0x1_0000_0000L);
            ReadRequest.range(b, 0x20000, 0x10000, ReadRequest.SEQUENTIAL);
            int length = ReadRequest.source(b, 3, new Credentials(1000, 100, new int[] {4, 27}), new byte[] {9, 8, 7});
            assertThat(hex(b, length))
                    .isEqualTo("0700000000000000" + "0807060504030201" + "ffffffffffffffff" + "9900000000000000"
                            + "0000000001000000" + "0000020000000000" + "00000100" + "0100" + "0300" + "e8030000"
                            + "64000000" + "0200" + "0300" + "04000000" + "1b000000" + "090807");
            assertThat(ReadRequest.isWellFormed(b, length)).isTrue();
            assertThat(ReadRequest.dataset(b)).isEqualTo(7);
            assertThat(ReadRequest.fileHi(b)).isEqualTo(0x0102030405060708L);
            assertThat(ReadRequest.fileLo(b)).isEqualTo(-1);
            assertThat(ReadRequest.version(b)).isEqualTo(0x99);
            assertThat(ReadRequest.size(b)).isEqualTo(0x1_0000_0000L);
            assertThat(ReadRequest.position(b)).isEqualTo(0x20000);
            assertThat(ReadRequest.length(b)).isEqualTo(0x10000);
            assertThat(ReadRequest.has(b, ReadRequest.SEQUENTIAL)).isTrue();
            assertThat(ReadRequest.has(b, ReadRequest.CACHED_ONLY)).isFalse();
            assertThat(ReadRequest.mount(b)).isEqualTo(3);
            assertThat(ReadRequest.caller(b)).isEqualTo(new Credentials(1000, 100, new int[] {4, 27}));
            assertThat(ReadRequest.handle(b)).containsExactly(9, 8, 7);
        }
    }

    @Test
    void aReadRequestWhoseLengthsDoNotFitIsRefused() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment b = arena.allocate(Call.REQUEST_BODY_BYTES);
            ReadRequest.content(b, 7, 1, 2, 3, 1000);
            ReadRequest.range(b, 0, 1000, 0);
            int length = ReadRequest.source(b, 0, Credentials.of(1, 1), new byte[128]);
            assertThat(ReadRequest.isWellFormed(b, length)).isTrue();
            for (int other = 0; other < Call.REQUEST_BODY_BYTES; other++) {
                assertThat(ReadRequest.isWellFormed(b, other)).isEqualTo(other == length);
            }
            ReadRequest.range(b, 1, 1000, 0);
            assertThat(ReadRequest.isWellFormed(b, length)).isFalse();
            ReadRequest.range(b, Long.MAX_VALUE, 1000, 0);
            assertThat(ReadRequest.isWellFormed(b, length)).isFalse();
            ReadRequest.range(b, -1, 1, 0);
            assertThat(ReadRequest.isWellFormed(b, length)).isFalse();
            ReadRequest.range(b, 0, -1, 0);
            assertThat(ReadRequest.isWellFormed(b, length)).isFalse();
        }
    }

    @Test
    void tooManyGroupsAreLeftOut() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment b = arena.allocate(Call.REQUEST_BODY_BYTES);
            ReadRequest.content(b, 7, 1, 2, 3, 1000);
            int length = ReadRequest.source(b, 0, new Credentials(1, 1, new int[60_000]), new byte[128]);
            assertThat(ReadRequest.isWellFormed(b, length)).isTrue();
            assertThat(ReadRequest.caller(b).groups()).hasSize(ReadRequest.GROUPS_MAX);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1048576, 16",
        "0, 1, 1",
        "65535, 2, 2",
        "65536, 65536, 1",
        "4096, 4096, 1",
        "1000, 64536, 1",
        "1000, 64537, 2",
        "0, 0, 0",
        "9007199254740992, 65537, 2"
    })
    void piecesCoverARangeExactly(long position, int length, int pieces) {
        assertThat(ReadReply.pieces(position, length)).isEqualTo(pieces);
        int sum = 0;
        for (int i = 0; i < pieces; i++) {
            assertThat(ReadReply.pieceStart(position, length, i)).isEqualTo(sum);
            int n = ReadReply.pieceLength(position, length, i);
            assertThat(n).isBetween(1, ReadReply.PIECE_BYTES);
            assertThat((position + sum) / ReadReply.PIECE_BYTES)
                    .isEqualTo((position + sum + n - 1) / ReadReply.PIECE_BYTES);
            sum += n;
        }
        assertThat(sum).isEqualTo(length);
    }

    @Test
    void aReadReplyHasTheseBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment b = arena.allocate(64);
            ReadReply.encode(b, ReadReply.FROM_STORE, 2);
            ReadReply.setCrc(b, 0, 0x01020304);
            ReadReply.setCrc(b, 1, -2);
            assertThat(hex(b, ReadReply.bodyLength(2))).isEqualTo("01000200" + "04030201" + "feffffff");
            assertThat(ReadReply.isWellFormed(b, 12, 2)).isTrue();
            assertThat(ReadReply.isWellFormed(b, 12, 3)).isFalse();
            assertThat(ReadReply.isWellFormed(b, 8, 2)).isFalse();
            assertThat(ReadReply.source(b)).isEqualTo(ReadReply.FROM_STORE);
            assertThat(ReadReply.crc(b, 1)).isEqualTo(-2);
        }
    }

    @Test
    void statusSurvivesTheWireAndCutMessagesAreRefused() {
        DatasetView dataset = new DatasetView(
                "ns/name",
                5,
                1 << 20,
                1,
                1000,
                10_000,
                List.of(new MountSpec("efc", "/", "nfs://h:/e", Map.of("port", "12049"), true)));
        Member member = new Member("w0", "n0", "10.0.0.1:7000", "/run/w0", 1 << 30);
        ClusterStatus status = new ClusterStatus(
                dataset,
                9,
                -1,
                List.of(new ClusterStatus.Worker(member, 1, 2, new WorkerFigures(1, 2, 3, 4, 5, 6))),
                List.of(new ClusterStatus.Session("s", "n", "/mnt", 3, 4, new SessionFigures(1, 2, 3, 4))),
                new SessionFigures(10, 20, 30, 40));
        byte[] bytes = status.encode();
        assertThat(ClusterStatus.decode(bytes)).isEqualTo(status);
        assertThat(status.read()).isEqualTo(new SessionFigures(11, 22, 33, 44));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> ClusterStatus.decode(cut)).isInstanceOf(RpcException.class);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void decodersOfGarbageThrowNothingElseThanMalformed(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            try {
                ClusterStatus.decode(garbage);
                RingView.decode(new Wire.Reader(garbage));
            } catch (RpcException e) {
                assertThat(e.status()).isEqualTo(Status.BAD_REQUEST);
            }
        }
    }

    @Test
    void checksumsOfAnyRangeAreThoseOfItsBytes() {
        SplittableRandom random = new SplittableRandom(1);
        Checksum checksum = new Checksum();
        for (int round = 0; round < 50; round++) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment s = arena.allocate(5000);
                byte[] bytes = new byte[5000];
                random.nextBytes(bytes);
                MemorySegment.copy(bytes, 0, s, ValueLayout.JAVA_BYTE, 0, 5000);
                int from = random.nextInt(5000);
                int length = random.nextInt(5000 - from);
                CRC32C expected = new CRC32C();
                expected.update(bytes, from, length);
                assertThat(checksum.of(s, from, length)).isEqualTo((int) expected.getValue());
                assertThat(checksum.of(s, 0, 9)).isEqualTo(crc(java.util.Arrays.copyOf(bytes, 9)));
            }
        }
    }

    @Test
    void bothSidesProofsAreHmacOfWhatWasAgreed() {
        // Computed with Python's hmac over the concatenation that docs/protocol/cluster.md gives.
        Secret secret = new Secret("0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        byte[] c = new byte[32];
        java.util.Arrays.fill(c, (byte) 1);
        byte[] s = new byte[32];
        java.util.Arrays.fill(s, (byte) 2);
        Hello hello = new Hello(Role.CLIENT, 7, "me", c);
        assertThat(HEX.formatHex(secret.prove("efc client", hello, 1, s))).isEqualTo(GOLDEN);
        assertThat(secret.prove("efc server", hello, 1, s)).isNotEqualTo(secret.prove("efc client", hello, 1, s));
        assertThat(secret.toString()).doesNotContain("0123");
    }

    private static final String GOLDEN = "0f49b5a58128fe584781c05174b454c95151e0a374e37139144214c6d78c0dcf";

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1:7000", "[::1]:7000", "host.name:0", "unix:/run/efc/w"})
    void addressesAreReadAndWritten(String text) {
        assertThat(Address.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", "host:", ":1", "host:65536", "host:-1", "unix:relative", "host:x"})
    void whatIsNoAddressIsRefusedByName(String text) {
        assertThatThrownBy(() -> Address.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }
}
