package io.efc.nfs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.nfs.NfsAccess;
import io.efc.nfs.NfsConfig;
import io.efc.nfs.NfsEntry;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsOpened;
import io.efc.nfs.NfsReadResult;
import io.efc.nfs.NfsSetAttr;
import io.efc.nfs.NfsStability;
import io.efc.nfs.NfsVersion;
import io.efc.nfs.NfsWriteResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the client does with answers that a real server gives seldom. */
@Timeout(60)
class Nfs3ClientIT {
    private static final Credentials ROOT = Credentials.ROOT;
    private static final byte[] NAME = {'n'};
    private static final int EXIST = 17;
    private static final int NOENT = 2;
    private static final int JUKEBOX = 10008;

    private final Nfs3FakeServer server = new Nfs3FakeServer();
    private Nfs3Client client = mount();

    private Nfs3Client mount() {
        return Nfs3Client.mount(
                NfsConfig.of("127.0.0.1", server.port(), "/x")
                        .withVersion(NfsVersion.V3)
                        .withMountPort(server.port())
                        .withTransfer(8192, 8192),
                new Metrics());
    }

    @BeforeEach
    void aFileIsThere() {
        server.on(
                Nfs3Procedure.ACCESS,
                a -> Nfs3FakeServer.results(0, o -> {
                    o.writeInt(1);
                    Nfs3FakeServer.attr(o, 1, 100);
                    o.writeInt(0x3f);
                }));
        server.on(
                Nfs3Procedure.LOOKUP,
                a -> Nfs3FakeServer.results(0, o -> {
                    o.writeInt(4);
                    o.write(Nfs3FakeServer.HANDLE);
                    o.writeInt(1);
                    Nfs3FakeServer.attr(o, 2, 0);
                    o.writeInt(0);
                }));
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private static void fails(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        NfsException.class,
                        e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }

    private static byte[] status(int status) {
        return Nfs3FakeServer.results(status, o -> o.writeLong(0));
    }

    @Test
    void asksABusyServerAgain() {
        AtomicInteger asked = new AtomicInteger();
        server.on(
                Nfs3Procedure.GETATTR,
                a -> asked.incrementAndGet() < 3
                        ? status(JUKEBOX)
                        : Nfs3FakeServer.results(0, o -> Nfs3FakeServer.attr(o, 1, 5)));
        assertThat(client.getattr(ROOT, Nfs3FakeServer.HANDLE).size()).isEqualTo(5);
        assertThat(asked).hasValue(3);
    }

    @Test
    void anInterruptEndsTheWaitForABusyServer() {
        server.on(Nfs3Procedure.GETATTR, a -> status(JUKEBOX));
        Thread me = Thread.currentThread();
        Thread.ofPlatform().start(() -> {
            while (server.calls(Nfs3Procedure.GETATTR) < 4) {
                Thread.onSpinWait();
            }
            me.interrupt();
        });
        fails(Errno.EINTR, () -> client.getattr(ROOT, Nfs3FakeServer.HANDLE));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void looksUpWhatACreateDoesNotTell() {
        server.on(Nfs3Procedure.MKDIR, a -> Nfs3FakeServer.results(0, o -> o.write(new byte[16])));
        NfsEntry made = client.mkdir(ROOT, Nfs3FakeServer.HANDLE, NAME, 0755).entry();
        assertThat(made.handle()).isEqualTo(Nfs3FakeServer.HANDLE);
        assertThat(server.calls(Nfs3Procedure.LOOKUP)).isEqualTo(1);
    }

    /** The first answer is lost with its connection, the second is what a server without memory says. */
    private void loseThenSay(Nfs3Procedure procedure, int status) {
        AtomicInteger asked = new AtomicInteger();
        server.on(procedure, a -> asked.incrementAndGet() == 1 ? null : status(status));
    }

    @Test
    void takesTheTracesOfItsOwnSuccessForSuccess() {
        loseThenSay(Nfs3Procedure.MKDIR, EXIST);
        assertThat(client.mkdir(ROOT, Nfs3FakeServer.HANDLE, NAME, 0755).entry().handle())
                .isEqualTo(Nfs3FakeServer.HANDLE);
        loseThenSay(Nfs3Procedure.REMOVE, NOENT);
        client.remove(ROOT, Nfs3FakeServer.HANDLE, NAME);
        loseThenSay(Nfs3Procedure.RENAME, NOENT);
        client.rename(ROOT, Nfs3FakeServer.HANDLE, NAME, Nfs3FakeServer.HANDLE, new byte[] {'m'});
    }

    @Test
    void doesNotTakeAnothersFileForItsOwn() {
        loseThenSay(Nfs3Procedure.SYMLINK, EXIST); // What LOOKUP finds is a directory.
        server.on(Nfs3Procedure.READLINK, a -> status(22));
        fails(Errno.EEXIST, () -> client.symlink(ROOT, Nfs3FakeServer.HANDLE, NAME, NAME));
        loseThenSay(Nfs3Procedure.MKDIR, EXIST);
        fails(Errno.EEXIST, () -> client.mkdir(Credentials.of(7, 7), Nfs3FakeServer.HANDLE, NAME, 0755));
        server.on(Nfs3Procedure.MKDIR, a -> status(EXIST));
        fails(Errno.EEXIST, () -> client.mkdir(ROOT, Nfs3FakeServer.HANDLE, NAME, 0755));
        server.on(Nfs3Procedure.REMOVE, a -> status(NOENT));
        fails(Errno.ENOENT, () -> client.remove(ROOT, Nfs3FakeServer.HANDLE, NAME));
        loseThenSay(Nfs3Procedure.RENAME, NOENT);
        server.on(Nfs3Procedure.LOOKUP, a -> status(NOENT));
        fails(
                Errno.ENOENT,
                () -> client.rename(ROOT, Nfs3FakeServer.HANDLE, NAME, Nfs3FakeServer.HANDLE, new byte[] {'m'}));
    }

    @Test
    void readsOnBehindAShortAnswer() {
        server.on(Nfs3Procedure.READ, a -> {
            a.position(a.position() + 8);
            long at = a.getLong();
            int wanted = a.getInt();
            int n = (int) Math.max(0, Math.min(Math.min(wanted, 3000), 20_000 - at));
            return Nfs3FakeServer.results(0, o -> {
                o.writeInt(0);
                o.writeInt(n);
                o.writeInt(at + n >= 20_000 ? 1 : 0);
                o.writeInt(n);
                for (int i = 0; i < XdrWriter.padded(n); i++) {
                    o.write((int) (at + i) * 7);
                }
            });
        });
        NfsOpened f = client.open(ROOT, Nfs3FakeServer.HANDLE, NfsAccess.READ, false);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(30_000);
            NfsReadResult r = client.read(ROOT, f.file(), 0, to, 0, 30_000);
            assertThat(r.count()).isEqualTo(20_000);
            assertThat(r.eof()).isTrue();
            for (int i = 0; i < 20_000; i++) {
                assertThat(to.get(ValueLayout.JAVA_BYTE, i)).isEqualTo((byte) (i * 7));
            }
        }
    }

    @Test
    void aReadThatBringsMoreThanAskedForOrNothingFails() {
        NfsOpened f = client.open(ROOT, Nfs3FakeServer.HANDLE, NfsAccess.READ, false);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(1000);
            server.on(
                    Nfs3Procedure.READ,
                    a -> Nfs3FakeServer.results(0, o -> {
                        o.writeInt(0);
                        o.writeInt(500);
                        o.writeInt(0);
                        o.writeInt(500);
                        o.write(new byte[500]);
                    }));
            to.fill((byte) 0x5a);
            fails(Errno.EIO, () -> client.read(ROOT, f.file(), 0, to, 0, 100));
            for (int i = 100; i < 1000; i++) {
                assertThat(to.get(ValueLayout.JAVA_BYTE, i)).isEqualTo((byte) 0x5a);
            }
            server.on(Nfs3Procedure.READ, a -> Nfs3FakeServer.results(0, o -> o.write(new byte[16])));
            fails(Errno.EIO, () -> client.read(ROOT, f.file(), 0, to, 0, 100));
        }
    }

    /** Writes are answered short; after the restart, which the verifier tells, only what the server lost comes again, and in order. */
    @Test
    void sendsWhatTheServerForgotOnceMoreAndNothingElse() {
        List<String> written = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger boot = new AtomicInteger(1);
        server.on(Nfs3Procedure.WRITE, a -> {
            a.position(a.position() + 8);
            long at = a.getLong();
            int n = Math.min(a.getInt(), 5000);
            int stable = a.getInt();
            written.add(at + "+" + n + (stable == 2 ? " sync" : ""));
            return Nfs3FakeServer.results(0, o -> {
                o.writeLong(0);
                o.writeInt(n);
                o.writeInt(stable);
                o.writeLong(boot.get());
            });
        });
        server.on(
                Nfs3Procedure.COMMIT,
                a -> Nfs3FakeServer.results(0, o -> {
                    o.writeLong(0);
                    o.writeLong(boot.get());
                }));
        NfsOpened f = client.open(ROOT, Nfs3FakeServer.HANDLE, NfsAccess.WRITE, false);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(8000);
            NfsWriteResult r = client.write(ROOT, f.file(), 0, from, 0, 8000, NfsStability.UNSTABLE);
            assertThat(r.count()).isEqualTo(8000);
            assertThat(r.stable()).isFalse();
            assertThat(written).containsExactly("0+5000", "5000+3000");
            client.commit(ROOT, f.file());
            client.commit(ROOT, f.file());
            assertThat(written).hasSize(2);
            assertThat(server.calls(Nfs3Procedure.COMMIT)).isEqualTo(1);
            client.write(ROOT, f.file(), 100_000, from, 0, 10, NfsStability.UNSTABLE);
            boot.set(2);
            client.close(f.file());
            assertThat(written).containsExactly("0+5000", "5000+3000", "100000+10", "100000+10 sync");
        }
    }

    /** A truncation must not be undone by a write from before it that is sent again. */
    @Test
    void commitsBeforeItTruncates() {
        server.on(
                Nfs3Procedure.WRITE,
                a -> Nfs3FakeServer.results(0, o -> {
                    o.writeLong(0);
                    o.writeInt(10);
                    o.writeInt(0);
                    o.writeLong(1);
                }));
        server.on(
                Nfs3Procedure.COMMIT,
                a -> Nfs3FakeServer.results(0, o -> {
                    o.writeLong(0);
                    o.writeLong(1);
                }));
        server.on(Nfs3Procedure.SETATTR, a -> {
            assertThat(server.calls(Nfs3Procedure.COMMIT)).isEqualTo(1);
            return status(0);
        });
        NfsOpened f = client.open(ROOT, Nfs3FakeServer.HANDLE, NfsAccess.WRITE, false);
        try (Arena arena = Arena.ofConfined()) {
            client.write(ROOT, f.file(), 0, arena.allocate(10), 0, 10, NfsStability.UNSTABLE);
            client.setattr(ROOT, Nfs3FakeServer.HANDLE, f.file(), NfsSetAttr.ofSize(3));
        }
        assertThat(server.calls(Nfs3Procedure.COMMIT)).isEqualTo(1);
        client.close(f.file());
        assertThat(server.calls(Nfs3Procedure.COMMIT)).isEqualTo(1);
    }

    @Test
    void aMalformedAnswerIsAnErrorAndTheConnectionGoesOn() {
        server.on(Nfs3Procedure.LOOKUP, a -> Nfs3FakeServer.results(0, o -> o.writeInt(-1)));
        fails(Errno.EIO, () -> client.lookup(ROOT, Nfs3FakeServer.HANDLE, NAME));
        server.on(
                Nfs3Procedure.READDIRPLUS,
                a -> Nfs3FakeServer.results(0, o -> {
                    o.writeInt(0);
                    o.writeLong(0);
                    o.writeInt(1);
                    o.writeLong(1);
                    o.writeInt(Integer.MAX_VALUE);
                }));
        fails(Errno.EIO, () -> client.readdir(ROOT, Nfs3FakeServer.HANDLE, 0, 0, 10, true));
        assertThat(client.root().attr().isDirectory()).isTrue();
    }

    @Test
    void aCookieThatTheServerNoLongerKnowsIsStale() {
        server.on(Nfs3Procedure.READDIRPLUS, a -> status(10003));
        fails(Errno.ESTALE, () -> client.readdir(ROOT, Nfs3FakeServer.HANDLE, 5, 6, 10, true));
    }
}
