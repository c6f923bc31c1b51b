package io.efc.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.testing.support.FaultProxy;
import io.efc.testing.support.Ports;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that die, freeze, cut connections, refuse or are not there, with both protocols. */
@Tag("slow")
@Timeout(120)
class NfsFaultsIT {
    private static final Credentials ROOT = Credentials.ROOT;
    private static final int PIECE = 50_001;
    private static final int PIECES = 240;

    private static byte[] data() {
        byte[] all = new byte[PIECE * PIECES];
        new SplittableRandom(7).nextBytes(all);
        return all;
    }

    private static byte[] b(String name) {
        return UnderStoreContract.b(name);
    }

    /** Writes {@link #data} in pieces from several threads, some committed in between, closes, and compares on the server's disk. */
    private static void writeWhile(NfsStores nfs, UnderStore store, Fault fault) throws Exception {
        byte[] data = data();
        Opened f = store.create(ROOT, store.root().handle(), b("f"), 0644, Access.READ_WRITE, true, false);
        AtomicInteger done = new AtomicInteger();
        try (ExecutorService pool = Executors.newFixedThreadPool(3);
                Arena arena = Arena.ofShared()) {
            MemorySegment from = arena.allocate(data.length);
            MemorySegment.copy(data, 0, from, ValueLayout.JAVA_BYTE, 0, data.length);
            List<Future<Object>> writers = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                int first = t;
                writers.add(pool.submit(() -> {
                    for (int i = first; i < PIECES; i += 3) {
                        long at = (long) i * PIECE;
                        store.write(ROOT, f.file(), at, from, at, PIECE, Durability.UNSTABLE);
                        done.incrementAndGet();
                        if (i % 50 == 0) {
                            store.commit(ROOT, f.file());
                        }
                    }
                    return null;
                }));
            }
            fault.run(done);
            for (Future<Object> w : writers) {
                w.get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(store.commit(ROOT, f.file()).size()).isEqualTo(data.length);
        store.close(f.file());
        assertThat(Arrays.equals(Files.readAllBytes(nfs.tree.directory.resolve("f")), data))
                .isTrue();
    }

    private interface Fault {
        void run(AtomicInteger piecesDone) throws Exception;
    }

    private static void awaitPieces(AtomicInteger done, int count) throws InterruptedException {
        while (done.get() < count) {
            Thread.sleep(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "4.1"})
    void writesSurviveTheServersDeathAndReturn(String version) throws Exception {
        NfsStores nfs = new NfsStores();
        try (UnderStore store = nfs.open(version)) {
            writeWhile(nfs, store, done -> {
                for (int kill = 1; kill <= 2; kill++) {
                    awaitPieces(done, kill * PIECES / 4);
                    nfs.server.kill();
                    Thread.sleep(50);
                    nfs.server.restart();
                }
            });
        } finally {
            nfs.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "4.1"})
    void uncommittedWritesThatAServerForgotAreSentAgain(String version) throws Exception {
        NfsStores nfs = new NfsStores();
        try (UnderStore store = nfs.open(version);
                Arena arena = Arena.ofConfined()) {
            Opened f = store.create(ROOT, store.root().handle(), b("f"), 0644, Access.READ_WRITE, true, false);
            MemorySegment from = arena.allocateFrom("forget me not");
            WriteResult result = store.write(ROOT, f.file(), 0, from, 0, 13, Durability.UNSTABLE);
            assertThat(result.stable()).isFalse();
            nfs.server.kill();
            // What a machine that crashed with the server would have lost.
            Files.write(nfs.tree.directory.resolve("f"), new byte[0]);
            nfs.server.restart();
            assertThat(store.commit(ROOT, f.file()).size()).isEqualTo(13);
            assertThat(Files.readString(nfs.tree.directory.resolve("f"))).isEqualTo("forget me not");
            store.close(f.file());
        } finally {
            nfs.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "4.1"})
    void closingTheStoreCommitsWhatItsOpenFilesWrote(String version) throws Exception {
        NfsStores nfs = new NfsStores();
        try (Arena arena = Arena.ofConfined()) {
            UnderStore store = nfs.open(version);
            Opened f = store.create(ROOT, store.root().handle(), b("f"), 0644, Access.READ_WRITE, true, false);
            store.write(ROOT, f.file(), 0, arena.allocateFrom("forget me not"), 0, 13, Durability.UNSTABLE);
            nfs.server.kill();
            Files.write(nfs.tree.directory.resolve("f"), new byte[0]);
            nfs.server.restart();
            store.close();
            assertThat(Files.readString(nfs.tree.directory.resolve("f"))).isEqualTo("forget me not");
            store.close();
        } finally {
            nfs.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "4.1"})
    void readsGoOnWhenConnectionsAreCut(String version) throws Exception {
        NfsStores nfs = new NfsStores();
        byte[] data = data();
        Files.write(nfs.tree.directory.resolve("f"), data);
        try (FaultProxy proxy = new FaultProxy(nfs.server.nfsPort(), 1);
                UnderStore store = Stores.open(nfs.config(
                        version, Map.of("port", Integer.toString(proxy.port()), "nconnect", "2", "rsize", "131072")));
                Arena arena = Arena.ofConfined()) {
            Opened f = store.open(
                    ROOT, store.lookup(ROOT, store.root().handle(), b("f")).handle(), Access.READ, false);
            MemorySegment to = arena.allocate(data.length);
            for (int i = 0; i < 8; i++) {
                to.fill((byte) 0);
                proxy.cutAfterToClient(1_000_003L * (i + 1));
                ReadResult r = store.read(ROOT, f.file(), 0, to, 0, data.length);
                assertThat(r.count()).isEqualTo(data.length);
                assertThat(Arrays.equals(to.toArray(ValueLayout.JAVA_BYTE), data))
                        .isTrue();
            }
            assertThat(proxy.accepted()).isGreaterThan(8);
            store.close(f.file());
        } finally {
            nfs.stop();
        }
    }

    /** Each answer is lost once: the server has acted, the client asks again. */
    @ParameterizedTest
    @ValueSource(strings = {"3", "4.1"})
    void changesWhoseAnswerIsLostHappenOnce(String version) throws Exception {
        NfsStores nfs = new NfsStores();
        try (FaultProxy proxy = new FaultProxy(nfs.server.nfsPort(), 1);
                UnderStore store = Stores.open(nfs.config(version, Map.of("port", Integer.toString(proxy.port()))))) {
            FileHandle root = store.root().handle();
            for (int i = 0; i < 5; i++) {
                String n = "-" + i;
                proxy.cutAfterToClient(0);
                store.mkdir(ROOT, root, b("d" + n), 0755);
                proxy.cutAfterToClient(0);
                store.symlink(ROOT, root, b("l" + n), b("target"));
                proxy.cutAfterToClient(0);
                Opened f = store.create(ROOT, root, b("f" + n), 0640, Access.READ_WRITE, true, false);
                assertThat(f.entry().attr().mode() & 0777).isEqualTo(0640);
                store.close(f.file());
                proxy.cutAfterToClient(0);
                store.link(ROOT, f.entry().handle(), root, b("h" + n));
                proxy.cutAfterToClient(0);
                store.rename(ROOT, root, b("f" + n), root, b("g" + n), 0);
                proxy.cutAfterToClient(0);
                store.mknod(ROOT, root, b("p" + n), UnderStoreContract.S_IFIFO | 0600, 0);
                proxy.cutAfterToClient(0);
                store.unlink(ROOT, root, b("h" + n));
                proxy.cutAfterToClient(0);
                store.rmdir(ROOT, root, b("d" + n));
                UnderStoreContract.fails(Errno.EEXIST, () -> store.mkdir(ROOT, root, b("g" + n), 0755));
                UnderStoreContract.fails(Errno.ENOENT, () -> store.unlink(ROOT, root, b("f" + n)));
                assertThat(store.lookup(ROOT, root, b("g" + n)).attr().nlink()).isEqualTo(1);
            }
            assertThat(proxy.accepted()).isGreaterThan(20);
        } finally {
            nfs.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "4.1"})
    void aFrozenServerIsWaitedForAndAnInterruptEndsTheWait(String version) throws Exception {
        NfsStores nfs = new NfsStores();
        try (UnderStore store = nfs.open(version);
                ExecutorService pool = Executors.newFixedThreadPool(2)) {
            FileHandle root = store.root().handle();
            nfs.server.freeze(true);
            AtomicBoolean flag = new AtomicBoolean();
            Future<Errno> interrupted = pool.submit(() -> {
                try {
                    store.lookup(ROOT, root, b("x"));
                } catch (StoreException e) {
                    flag.set(Thread.currentThread().isInterrupted());
                    return e.errno();
                }
                return Errno.OK;
            });
            Thread.sleep(200);
            assertThat(interrupted.isDone()).isFalse();
            pool.shutdownNow();
            assertThat(interrupted.get(10, TimeUnit.SECONDS)).isEqualTo(Errno.EINTR);
            assertThat(flag).isTrue();
            try (ExecutorService again = Executors.newSingleThreadExecutor()) {
                Future<StoreEntry> patient = again.submit(
                        () -> store.mkdir(ROOT, root, b("later"), 0755).entry());
                Thread.sleep(200);
                assertThat(patient.isDone()).isFalse();
                nfs.server.freeze(false);
                assertThat(patient.get(30, TimeUnit.SECONDS).attr().type()).isEqualTo(FileType.DIRECTORY);
            }
        } finally {
            nfs.server.freeze(false);
            nfs.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "4.1"})
    void aWrongExportIsNamed(String version) throws Exception {
        NfsStores nfs = new NfsStores();
        try {
            StoreConfig right = nfs.config(version, Map.of());
            StoreConfig wrong = new StoreConfig("nfs://127.0.0.1:/no/such", right.options(), false);
            assertThatThrownBy(() -> Stores.open(wrong))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("/no/such")
                    .satisfies(e -> assertThat(((StoreException) e).errno()).isIn(Errno.ENOENT, Errno.EACCES));
        } finally {
            nfs.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "4.1"})
    void refusedAccessIsSaid(String version) throws Exception {
        NfsStores nfs = new NfsStores(NfsStores.Server.DENY_ALL);
        try {
            assertThatThrownBy(() -> nfs.open(version))
                    .isInstanceOf(StoreException.class)
                    .satisfies(e -> assertThat(((StoreException) e).errno()).isIn(Errno.EACCES, Errno.ENOENT));
        } finally {
            nfs.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "4.1"})
    void aServerThatIsNotThereIsReportedWithinTheConnectTimeout(String version) {
        String port = Integer.toString(Ports.free());
        StoreConfig config = new StoreConfig(
                "nfs://127.0.0.1:/export",
                Map.of("vers", version, "port", port, "mountport", port, "connecttimeo", "10"),
                false);
        long start = System.nanoTime();
        assertThatThrownBy(() -> Stores.open(config))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("127.0.0.1:" + port)
                .satisfies(e -> assertThat(((StoreException) e).errno()).isEqualTo(Errno.ECONNREFUSED));
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(30));
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "4.1"})
    void aReadOnlyExportSaysSo(String version) throws Exception {
        NfsStores nfs = new NfsStores(NfsStores.Server.READ_ONLY);
        Files.writeString(nfs.tree.directory.resolve("f"), "content");
        try (UnderStore store = nfs.open(version)) {
            FileHandle root = store.root().handle();
            FileHandle f = store.lookup(ROOT, root, b("f")).handle();
            UnderStoreContract.fails(Errno.EROFS, () -> store.mkdir(ROOT, root, b("d"), 0755));
            UnderStoreContract.fails(Errno.EROFS, () -> store.setattr(ROOT, f, null, SetAttr.ofSize(0)));
            Opened opened = store.open(ROOT, f, Access.READ, false);
            assertThat(opened.entry().attr().size()).isEqualTo(7);
            store.close(opened.file());
        } finally {
            nfs.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "4.1"})
    void rootIsNobodyWhereTheServerSquashesIt(String version) throws Exception {
        NfsStores nfs = new NfsStores(NfsStores.Server.ROOT_SQUASH);
        Files.setPosixFilePermissions(
                nfs.tree.directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        try (UnderStore store = nfs.open(version)) {
            FileHandle root = store.root().handle();
            Opened f = store.create(ROOT, root, b("f"), 0644, Access.WRITE, true, false);
            store.close(f.file());
            assertThat(f.entry().attr().uid()).isNotZero();
            Opened mine = store.create(UnderStoreContract.ALICE, root, b("m"), 0600, Access.WRITE, true, false);
            store.close(mine.file());
            assertThat(mine.entry().attr().uid()).isEqualTo(UnderStoreContract.ALICE.uid());
            UnderStoreContract.fails(
                    Errno.EACCES, () -> store.open(ROOT, mine.entry().handle(), Access.READ, false));
        } finally {
            nfs.stop();
        }
    }
}
