package io.efc.nfs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.nfs.NfsAccess;
import io.efc.nfs.NfsConfig;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsFeature;
import io.efc.nfs.NfsOpenFile;
import io.efc.nfs.NfsOpened;
import io.efc.nfs.NfsStability;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults that no real server shows on command. */
class Nfs4FaultsIT {
    private static final Credentials ROOT = Credentials.ROOT;

    private FakeNfs4Server server;
    private Nfs4Client nfs;
    private Metrics metrics;

    @BeforeEach
    void mount() throws IOException {
        server = new FakeNfs4Server();
        metrics = new Metrics();
        nfs = Nfs4Client.mount(config(), metrics);
        server.requests.clear();
        server.executed.clear();
    }

    private NfsConfig config() {
        return NfsConfig.of("127.0.0.1", server.port(), "/export");
    }

    @AfterEach
    void unmount() throws IOException {
        server.send = FakeNfs4Server.Reply::whole;
        server.fail = op -> 0;
        nfs.close();
        server.close();
    }

    private static byte[] name(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] random(int n, long seed) {
        byte[] b = new byte[n];
        new SplittableRandom(seed).nextBytes(b);
        return b;
    }

    private NfsOpenFile open() {
        return nfs.open(ROOT, FakeNfs4Server.FILE_HANDLE, NfsAccess.READ_WRITE, false)
                .file();
    }

    private byte[] read(int position, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(length + 8L, 1);
            to.fill((byte) 0x55);
            int n = nfs.read(ROOT, FakeNfs4Server.FILE_HANDLE, position, to, 4, length)
                    .count();
            assertThat(to.get(ValueLayout.JAVA_BYTE, 3)).isEqualTo((byte) 0x55);
            assertThat(to.get(ValueLayout.JAVA_BYTE, 4 + n)).isEqualTo((byte) 0x55);
            return to.asSlice(4, n).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private void write(NfsOpenFile file, int position, byte[] data, NfsStability stability) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(data.length, 1);
            MemorySegment.copy(data, 0, from, ValueLayout.JAVA_BYTE, 0, data.length);
            nfs.write(ROOT, file, position, from, 0, data.length, stability);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 7, 100, 511, 512, 513, 4096, 5000})
    void takesRepliesInFragmentsOfAnySize(int size) {
        byte[] content = random(100_001, size);
        server.content(content);
        server.send = reply -> reply.fragments(size);
        int length = size < 8 ? 3_000 : 99_990;
        assertThat(read(11, length)).isEqualTo(Arrays.copyOfRange(content, 11, 11 + length));
        assertThat(nfs.getattr(ROOT, FakeNfs4Server.FILE_HANDLE).size()).isEqualTo(content.length);
    }

    @Test
    void matchesRepliesThatComeOutOfOrder() {
        byte[] content = random(1 << 20, 3);
        server.content(content);
        List<FakeNfs4Server.Reply> held = new ArrayList<>();
        server.send = reply -> {
            held.add(reply);
            if (held.size() == 16) {
                for (int i = held.size() - 1; i >= 0; i--) {
                    held.get(i).whole();
                }
                held.clear();
            }
        };
        assertThat(read(0, 1 << 20)).isEqualTo(content);
        assertThat(server.requests).hasSize(16);
    }

    @Test
    void ignoresRepliesToNobodyAndCallsFromTheServer() {
        byte[] content = random(5_000, 4);
        server.content(content);
        server.send = reply -> {
            reply.withXid(reply.xid() + 256).whole();
            reply.withXid(reply.xid() ^ 1).whole();
            ByteArrayOutputStream call = new ByteArrayOutputStream();
            FakeNfs4Server.Reply.marker(call, 12, true);
            call.writeBytes(new byte[] {0, 0, 0, 9, 0, 0, 0, 0, 1, 2, 3, 4});
            reply.raw(call.toByteArray());
            reply.whole();
            reply.whole();
        };
        for (int i = 0; i < 5; i++) {
            assertThat(read(0, 5_000)).isEqualTo(content);
        }
        assertThat(metrics("efc_nfs_stray_replies_total")).isGreaterThanOrEqualTo(15);
        assertThat(metrics("efc_nfs_reconnects_total")).isZero();
    }

    @Test
    void aReplyThatComesAgainLateDoesNotAnswerTheNextCall() {
        byte[] content = random(5_000, 14);
        server.content(content);
        List<FakeNfs4Server.Reply> before = new ArrayList<>();
        server.send = reply -> {
            before.forEach(FakeNfs4Server.Reply::whole);
            before.clear();
            before.add(reply);
            reply.whole();
        };
        for (int i = 0; i < 20; i++) {
            assertThat(read(100 * i, 50)).isEqualTo(Arrays.copyOfRange(content, 100 * i, 100 * i + 50));
        }
        assertThat(metrics("efc_nfs_stray_replies_total")).isEqualTo(19);
    }

    private long metrics(String name) {
        StringBuilder text = new StringBuilder();
        metrics.writePrometheus(text);
        return text.toString()
                .lines()
                .filter(l -> l.startsWith(name + " "))
                .mapToLong(l -> Long.parseLong(l.substring(name.length() + 1)))
                .sum();
    }

    @ParameterizedTest
    @CsvSource({"ffffffff00000001", "7fffffff00000001", "8000000400000001", "80000000", "47455420"})
    void breaksAConnectionThatSpeaksNoRpcAndAsksAgain(String garbage) {
        server.content(random(10, 5));
        AtomicInteger replies = new AtomicInteger();
        server.send = reply -> {
            if (replies.getAndIncrement() == 0) {
                reply.raw(java.util.HexFormat.of().parseHex(garbage));
                if (!garbage.startsWith("ff") && !garbage.startsWith("7f") && !garbage.startsWith("8")) {
                    reply.cut();
                }
            } else {
                reply.whole();
            }
        };
        assertThat(nfs.getattr(ROOT, FakeNfs4Server.FILE_HANDLE).size()).isEqualTo(10);
        assertThat(metrics("efc_nfs_reconnects_total")).isPositive();
    }

    @Test
    void aReadThatBringsMoreThanWasAskedFailsAndTouchesNothingBeyond() {
        server.content(random(100, 6));
        server.send = reply -> {
            byte[] m = reply.message().clone();
            ByteArrayOutputStream longer = new ByteArrayOutputStream();
            int lengthAt = m.length - 100 - 4;
            longer.write(m, 0, lengthAt);
            longer.writeBytes(new byte[] {0, 1, 0, 0});
            longer.writeBytes(new byte[1 << 16]);
            new FakeNfs4Server.Reply(reply.xid(), longer.toByteArray(), reply.out(), reply.socket()).whole();
        };
        assertThatThrownBy(() -> read(0, 100))
                .isInstanceOfSatisfying(
                        NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO))
                .hasMessageContaining("malformed");
        server.send = FakeNfs4Server.Reply::whole;
        assertThat(read(0, 100)).hasSize(100);
    }

    @Test
    void aLostReplyIsAskedForWithTheSameSlotAndNumberAndNotExecutedAgain() {
        AtomicInteger replies = new AtomicInteger();
        server.send = reply -> {
            if (replies.getAndIncrement() == 0) {
                reply.cut();
            } else {
                reply.whole();
            }
        };
        NfsOpened opened = nfs.open(ROOT, FakeNfs4Server.FILE_HANDLE, NfsAccess.READ, false);
        assertThat(server.executed.stream().filter(op -> op == Nfs4.OP_OPEN)).hasSize(1);
        assertThat(server.requests).hasSize(2);
        assertThat(server.requests.get(0).replayed()).isFalse();
        assertThat(server.requests.get(1).replayed()).isTrue();
        assertThat(server.requests.get(1).slot())
                .isEqualTo(server.requests.get(0).slot());
        assertThat(server.requests.get(1).sequence())
                .isEqualTo(server.requests.get(0).sequence());
        assertThat(metrics("efc_nfs_retransmits_total")).isEqualTo(1);
        server.requests.clear();
        nfs.close(opened.file());
        assertThat(server.requests.getFirst().replayed()).isFalse();
    }

    /** The server dies after it has created the file and before it can say so. */
    private void dieAfterCreation(Runnable meanwhile) {
        server.remembersCreation = true;
        AtomicInteger replies = new AtomicInteger();
        server.send = reply -> {
            if (replies.getAndIncrement() == 0) {
                server.restart(true);
                meanwhile.run();
            } else {
                reply.whole();
            }
        };
    }

    private NfsOpened createExclusively() {
        return nfs.create(ROOT, FakeNfs4Server.ROOT_HANDLE, name("f"), 0644, NfsAccess.WRITE, true, false);
    }

    @Test
    void anExclusiveCreationThatTheServersDeathCutShortSucceedsOnce() {
        dieAfterCreation(() -> {});
        NfsOpened opened = createExclusively();
        assertThat(opened.created()).isTrue();
        assertThat(opened.entry().handle()).isEqualTo(FakeNfs4Server.FILE_HANDLE);
        nfs.close(opened.file());
        assertThatThrownBy(this::createExclusively).hasMessageContaining("EXIST");
    }

    @Test
    void aFileThatAnotherMadeMeanwhileIsNotTakenForOnesOwn() {
        dieAfterCreation(() -> server.atime = 5_000);
        assertThatThrownBy(this::createExclusively).hasMessageContaining("EXIST");
        assertThat(server.executed).endsWith(Nfs4.OP_PUTFH, Nfs4.OP_CLOSE);
        assertThat(nfs.features()).isNotEmpty();
    }

    /** To send it again would be to create or to remove twice. */
    @ParameterizedTest
    @ValueSource(ints = {10008, 10018, 70})
    void aChangeIsDoneThoughTheLookAtItFails(int status) {
        server.remembersCreation = true;
        AtomicInteger looks = new AtomicInteger();
        server.fail = op -> op == Nfs4.OP_GETATTR && looks.getAndIncrement() == 0 ? status : 0;
        NfsOpened opened = createExclusively();
        assertThat(opened.directory()).isNull();
        assertThat(opened.entry().attr().isRegular()).isTrue();
        looks.set(0);
        server.executed.clear();
        assertThat(nfs.remove(ROOT, FakeNfs4Server.ROOT_HANDLE, name("f"))).isNull();
        assertThat(server.executed.stream().filter(op -> op == Nfs4.OP_REMOVE)).hasSize(1);
        assertThat(nfs.remove(ROOT, FakeNfs4Server.ROOT_HANDLE, name("f"))).isNotNull();
        nfs.close(opened.file());
    }

    @Test
    void creatingAndClosingTakesTwoRequests() {
        NfsOpened opened = createExclusively();
        assertThat(opened.directory()).isNotNull();
        nfs.close(opened.file());
        assertThat(server.requests).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void uncommittedWritesAreSentAgainWhenTheServerLostThem(int newVerifier) {
        NfsOpenFile file = open();
        byte[] a = random(200_000, 7);
        byte[] b = random(1_000, 8);
        write(file, 0, a, NfsStability.UNSTABLE);
        write(file, 50_000, b, NfsStability.UNSTABLE);
        assertThat(server.disk()).isEmpty();
        server.restart(newVerifier == 1);
        byte[] c = random(1_000, 9);
        write(file, 50_500, c, NfsStability.UNSTABLE);
        nfs.commit(ROOT, file);
        System.arraycopy(b, 0, a, 50_000, 1_000);
        System.arraycopy(c, 0, a, 50_500, 1_000);
        assertThat(server.disk()).isEqualTo(a);
        server.executed.clear();
        nfs.commit(ROOT, file);
        assertThat(server.executed).doesNotContain(Nfs4.OP_WRITE, Nfs4.OP_COMMIT);
        nfs.close(file);
    }

    @Test
    void committedWritesAreNotSentAgain() {
        NfsOpenFile file = open();
        byte[] a = random(100_000, 7);
        write(file, 0, a, NfsStability.UNSTABLE);
        nfs.commit(ROOT, file);
        assertThat(server.disk()).isEqualTo(a);
        server.restart(true);
        server.executed.clear();
        nfs.close(file);
        assertThat(server.executed).doesNotContain(Nfs4.OP_WRITE);
    }

    @Test
    void commitsByItselfWhenItsMemoryIsFull() throws IOException {
        try (Nfs4Client small = Nfs4Client.mount(config().withUncommittedBytesMax(1 << 20), new Metrics())) {
            NfsOpenFile file = small.open(ROOT, FakeNfs4Server.FILE_HANDLE, NfsAccess.WRITE, false)
                    .file();
            byte[] all = random(5 << 20, 10);
            server.executed.clear();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment from = arena.allocate(all.length, 1);
                MemorySegment.copy(all, 0, from, ValueLayout.JAVA_BYTE, 0, all.length);
                for (int at = 0; at < all.length; at += 100_000) {
                    int n = Math.min(100_000, all.length - at);
                    small.write(ROOT, file, at, from, at, n, NfsStability.UNSTABLE);
                }
                assertThat(server.executed.stream().filter(op -> op == Nfs4.OP_COMMIT))
                        .hasSizeBetween(4, 12);
                assertThat(small.write(ROOT, file, 0, from, 0, 2 << 20, NfsStability.UNSTABLE)
                                .stable())
                        .as("more than fits is written through")
                        .isTrue();
            }
            small.close(file);
            assertThat(server.disk()).isEqualTo(all);
        }
    }

    @Test
    void aSessionThatIsGoneIsMadeAnew() {
        server.content(random(300_000, 11));
        for (int i = 0; i < 3; i++) {
            server.forgetSession();
            assertThat(read(0, 300_000)).hasSize(300_000);
        }
        assertThat(server.executed).doesNotContain(Nfs4.OP_OPEN, Nfs4.OP_EXCHANGE_ID);
    }

    @Test
    void aRevokedOpenIsOpenedAgain() {
        server.content(random(1_000, 12));
        NfsOpenFile file = open();
        server.executed.clear();
        server.revoke();
        try (Arena arena = Arena.ofConfined()) {
            assertThat(nfs.read(ROOT, file, 0, arena.allocate(1_000), 0, 1_000).count())
                    .isEqualTo(1_000);
        }
        assertThat(server.executed).containsSubsequence(Nfs4.OP_OPEN, Nfs4.OP_READ);
        write(file, 0, random(10, 1), NfsStability.FILE_SYNC);
        nfs.close(file);
    }

    @ParameterizedTest
    @ValueSource(ints = {10008, 10013})
    void asksAgainWhenTheServerAsksForPatience(int status) {
        AtomicInteger left = new AtomicInteger(3);
        server.fail = op -> op == Nfs4.OP_GETATTR && left.getAndDecrement() > 0 ? status : 0;
        assertThat(nfs.getattr(ROOT, FakeNfs4Server.FILE_HANDLE).isRegular()).isTrue();
        assertThat(server.requests).hasSize(4);
        AtomicInteger slotLeft = new AtomicInteger(2);
        server.requests.clear();
        server.fail = op -> op == Nfs4.OP_SEQUENCE && slotLeft.getAndDecrement() > 0 ? 10008 : 0;
        assertThat(nfs.getattr(ROOT, FakeNfs4Server.FILE_HANDLE).isRegular()).isTrue();
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void aMisorderedSlotCostsTheSessionNotTheCaller() {
        AtomicInteger left = new AtomicInteger(1);
        server.fail = op -> op == Nfs4.OP_SEQUENCE && left.getAndDecrement() > 0 ? 10063 : 0;
        assertThat(nfs.getattr(ROOT, FakeNfs4Server.FILE_HANDLE).isRegular()).isTrue();
        assertThat(server.executed).contains(Nfs4.OP_CREATE_SESSION);
    }

    @Test
    void reclaimsWhenTheServerSaysThatStateIsLost() {
        NfsOpenFile file = open();
        server.executed.clear();
        server.sequenceFlags = 0x100;
        nfs.getattr(ROOT, FakeNfs4Server.FILE_HANDLE);
        server.sequenceFlags = 0;
        io.efc.testing.support.Waiting.until(
                "the open is reclaimed",
                Duration.ofSeconds(5),
                () -> server.executed.contains(Nfs4.OP_OPEN) && server.executed.contains(Nfs4.OP_RECLAIM_COMPLETE));
        nfs.close(file);
    }

    @Test
    void speaksMinorVersionOneWithAServerThatKnowsNoOther() throws IOException {
        server.minorMax = 1;
        try (Nfs4Client old = Nfs4Client.mount(config(), new Metrics())) {
            assertThat(old.version()).isEqualTo("4.1");
            assertThat(old.features()).doesNotContain(NfsFeature.XATTRS, NfsFeature.SEEK_HOLE, NfsFeature.SERVER_COPY);
            assertThatThrownBy(() -> old.getxattr(ROOT, FakeNfs4Server.FILE_HANDLE, name("user.a")))
                    .isInstanceOfSatisfying(
                            NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP));
        }
        server.minorMax = 0;
        assertThatThrownBy(() -> Nfs4Client.mount(config(), new Metrics()))
                .isInstanceOfSatisfying(
                        NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP));
        server.minorMax = 2;
    }

    @Test
    void keepsExtendedAttributes() {
        byte[] file = FakeNfs4Server.FILE_HANDLE;
        assertThat(nfs.features()).contains(NfsFeature.XATTRS);
        byte[] large = random(60_000, 13);
        nfs.setxattr(ROOT, file, name("user.a"), name("1"), 0);
        nfs.setxattr(ROOT, file, name("user.large"), large, 1);
        nfs.setxattr(ROOT, file, name("user.c"), new byte[0], 0);
        assertThat(nfs.getxattr(ROOT, file, name("user.large"))).isEqualTo(large);
        assertThat(nfs.getxattr(ROOT, file, name("user.c"))).isEmpty();
        assertThat(nfs.listxattr(ROOT, file)).isEqualTo(name("user.a\0user.c\0user.large\0"));
        assertThatThrownBy(() -> nfs.setxattr(ROOT, file, name("user.a"), name("2"), 1))
                .isInstanceOfSatisfying(
                        NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));
        assertThatThrownBy(() -> nfs.setxattr(ROOT, file, name("user.x"), name("2"), 2))
                .isInstanceOfSatisfying(
                        NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODATA));
        nfs.removexattr(ROOT, file, name("user.a"));
        assertThatThrownBy(() -> nfs.getxattr(ROOT, file, name("user.a")))
                .isInstanceOfSatisfying(
                        NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODATA));
        assertThatThrownBy(() -> nfs.getxattr(ROOT, file, name("security.x")))
                .isInstanceOfSatisfying(
                        NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP));
        assertThat(server.xattrs).containsOnlyKeys("large", "c");
    }

    @Test
    void copiesOnTheServerIfItCan() throws IOException {
        NfsOpenFile file = open();
        assertThat(nfs.features()).contains(NfsFeature.SERVER_COPY);
        assertThat(nfs.copy(ROOT, file, 0, file, 100, 50)).isEqualTo(50);
        nfs.close(file);
        server.copySupported = false;
        try (Nfs4Client without = Nfs4Client.mount(config(), new Metrics())) {
            assertThat(without.features())
                    .doesNotContain(NfsFeature.SERVER_COPY)
                    .contains(NfsFeature.SEEK_HOLE);
        }
    }

    @Test
    void aServerWithoutAnAnswerIsAskedOnAnotherConnection() throws IOException {
        NfsConfig impatient = config().withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(200), Duration.ZERO);
        try (Nfs4Client own = Nfs4Client.mount(impatient, metrics)) {
            AtomicInteger replies = new AtomicInteger();
            server.send = reply -> {
                if (replies.getAndIncrement() > 0) {
                    reply.whole();
                }
            };
            assertThat(own.getattr(ROOT, FakeNfs4Server.FILE_HANDLE).isRegular())
                    .isTrue();
            assertThat(metrics("efc_nfs_reconnects_total")).isEqualTo(1);
        }
    }
}
