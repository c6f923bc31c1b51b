package io.efc.nfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.testing.support.GaneshaOptions;
import io.efc.testing.support.GaneshaServer;
import io.efc.testing.support.Ports;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every operation against a real nfs-ganesha, compared with the directory that it serves. */
class Nfs4IT {
    private static final Credentials ROOT = Credentials.ROOT;
    private static final Credentials ALICE = new Credentials(1000, 1000, new int[] {3000, 3001});

    @TempDir
    static Path served;

    private static GaneshaServer server;
    private static NfsClient nfs;
    private static byte[] root;

    @BeforeAll
    static void mount() throws IOException {
        Files.setPosixFilePermissions(served, PosixFilePermissions.fromString("rwxrwxrwx"));
        server = GaneshaServer.start(GaneshaOptions.of(served).onlyV4());
        nfs = NfsClients.connect(config().withNconnect(4), new Metrics());
        root = nfs.root().handle();
    }

    @AfterAll
    static void unmount() {
        if (nfs != null) {
            nfs.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static NfsConfig config() {
        return NfsConfig.of("127.0.0.1", server.nfsPort(), server.pseudo());
    }

    private static byte[] name(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private static void fails(Errno errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        NfsException.class,
                        e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }

    private static MemorySegment random(Arena arena, int bytes, long seed) {
        MemorySegment s = arena.allocate(bytes, 8);
        SplittableRandom r = new SplittableRandom(seed);
        byte[] b = new byte[bytes];
        r.nextBytes(b);
        MemorySegment.copy(b, 0, s, ValueLayout.JAVA_BYTE, 0, bytes);
        return s;
    }

    @Test
    void speaksTheLatestMinorVersionAndMegabyteTransfers() {
        assertThat(nfs.version()).isEqualTo("4.2");
        assertThat(nfs.readBytesMax()).isEqualTo(1 << 20);
        assertThat(nfs.writeBytesMax()).isEqualTo(1 << 20);
        assertThat(nfs.features())
                .contains(
                        NfsFeature.HARD_LINKS,
                        NfsFeature.SYMLINKS,
                        NfsFeature.BYTE_RANGE_LOCKS,
                        NfsFeature.EXACT_CHANGE,
                        NfsFeature.SEEK_HOLE)
                .doesNotContain(NfsFeature.XATTRS);
        assertThat(nfs.root().attr().isDirectory()).isTrue();
    }

    @Test
    void seesTheAttributesThatTheServersFileSystemHas() throws IOException {
        Path file = served.resolve("attributes");
        Files.writeString(file, "12345");
        Files.setAttribute(file, "unix:mode", 0640 | 0100000);
        Files.setAttribute(file, "unix:uid", 1234);
        Files.setAttribute(file, "unix:gid", 70000);
        NfsEntry e = nfs.lookup(ROOT, root, name("attributes"));
        NfsAttr a = e.attr();
        assertThat(a.mode()).isEqualTo(0100640);
        assertThat(a.uid()).isEqualTo(1234);
        assertThat(a.gid()).isEqualTo(70000);
        assertThat(a.size()).isEqualTo(5);
        assertThat(a.nlink()).isEqualTo(1);
        assertThat(a.fileId()).isEqualTo(((Long) Files.getAttribute(file, "unix:ino")).longValue());
        assertThat(a.type()).isEqualTo(8);
        assertThat(a.mtime() / 1000)
                .isEqualTo(Files.getLastModifiedTime(file).to(java.util.concurrent.TimeUnit.MICROSECONDS));
        assertThat(nfs.getattr(ROOT, e.handle())).isEqualTo(a);
    }

    @Test
    void setsEachAttributeAndLeavesTheOthersAlone() {
        NfsOpened opened = nfs.create(ROOT, root, name("setattr"), 0600, NfsAccess.WRITE, true, false);
        byte[] file = opened.entry().handle();
        NfsAttr a = nfs.setattr(ROOT, file, opened.file(), new NfsSetAttr(0751, null, null, null, null, null));
        assertThat(a.mode()).isEqualTo(0100751);
        a = nfs.setattr(ROOT, file, null, new NfsSetAttr(null, -294967296, 9, null, null, null));
        assertThat(Integer.toUnsignedLong(a.uid())).isEqualTo(4_000_000_000L);
        assertThat(a.gid()).isEqualTo(9);
        a = nfs.setattr(ROOT, file, opened.file(), NfsSetAttr.ofSize(123_456));
        assertThat(a.size()).isEqualTo(123_456);
        a = nfs.setattr(ROOT, file, null, new NfsSetAttr(null, null, null, null, -1L, 1_000_000_007L));
        assertThat(a.atime()).isEqualTo(-1);
        assertThat(a.mtime()).isEqualTo(1_000_000_007L);
        assertThat(a.mode()).isEqualTo(0100751);
        long change = a.change();
        a = nfs.setattr(ROOT, file, null, new NfsSetAttr(null, null, null, null, null, NfsSetAttr.NOW));
        assertThat(a.mtime()).isGreaterThan(1_700_000_000_000_000_000L);
        assertThat(a.change()).isNotEqualTo(change);
        nfs.close(opened.file());
    }

    @Test
    void writesAndReadsBackAcrossSeveralRequests() throws IOException {
        int size = (5 << 20) + 12_345;
        NfsOpened opened = nfs.create(ROOT, root, name("data"), 0644, NfsAccess.READ_WRITE, false, false);
        assertThat(opened.created()).isTrue();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = random(arena, size, 1);
            NfsWriteResult w = nfs.write(ROOT, opened.file(), 0, data, 0, size, NfsStability.UNSTABLE);
            assertThat(w.count()).isEqualTo(size);
            assertThat(w.stable()).isFalse();
            assertThat(nfs.commit(ROOT, opened.file()).size()).isEqualTo(size);
            MemorySegment onServer = MemorySegment.ofArray(Files.readAllBytes(served.resolve("data")));
            assertThat(onServer.mismatch(data)).isEqualTo(-1);

            MemorySegment back = arena.allocate(size + 100L);
            NfsReadResult r = nfs.read(ROOT, opened.file(), 0, back, 0, size + 100);
            assertThat(r.count()).isEqualTo(size);
            assertThat(r.eof()).isTrue();
            assertThat(back.asSlice(0, size).mismatch(data)).isEqualTo(-1);

            r = nfs.read(ROOT, opened.file().handle(), 77, back, 3, 1001);
            assertThat(r.count()).isEqualTo(1001);
            assertThat(r.eof()).isFalse();
            assertThat(MemorySegment.mismatch(back, 3, 1004, data, 77, 1078)).isEqualTo(-1);
            r = nfs.read(ROOT, opened.file(), size + 5L, back, 0, 10);
            assertThat(r.count()).isZero();
            assertThat(r.eof()).isTrue();
        }
        nfs.close(opened.file());
    }

    @Test
    void readsOddLengthsAndOffsetsExactly() throws IOException {
        byte[] content = new byte[10_000];
        new SplittableRandom(5).nextBytes(content);
        Files.write(served.resolve("odd"), content);
        NfsEntry e = nfs.lookup(ROOT, root, name("odd"));
        SplittableRandom random = new SplittableRandom(6);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(10_008, 1);
            for (int i = 0; i < 300; i++) {
                int at = random.nextInt(10_000);
                int n = random.nextInt(10_000 - at + 1);
                to.fill((byte) 0x55);
                NfsReadResult r = nfs.read(ROOT, e.handle(), at, to, 3, n);
                assertThat(r.count()).isEqualTo(n);
                assertThat(MemorySegment.mismatch(to, 3, 3L + n, MemorySegment.ofArray(content), at, (long) at + n))
                        .isEqualTo(-1);
                assertThat(to.get(ValueLayout.JAVA_BYTE, 2)).isEqualTo((byte) 0x55);
                assertThat(to.get(ValueLayout.JAVA_BYTE, 3 + n)).isEqualTo((byte) 0x55);
            }
        }
    }

    @Test
    void stableWritesNeedNoCommit() throws IOException {
        NfsOpened opened = nfs.create(ROOT, root, name("stable"), 0644, NfsAccess.WRITE, false, false);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = random(arena, 4097, 2);
            NfsWriteResult w = nfs.write(ROOT, opened.file(), 10, data, 1, 4096, NfsStability.FILE_SYNC);
            assertThat(w.stable()).isTrue();
            assertThat(w.attr()).isNotNull();
            assertThat(java.util.Objects.requireNonNull(w.attr()).size()).isEqualTo(4106);
            assertThat(MemorySegment.ofArray(Files.readAllBytes(served.resolve("stable")))
                            .asSlice(10)
                            .mismatch(data.asSlice(1)))
                    .isEqualTo(-1);
        }
        nfs.close(opened.file());
    }

    @Test
    void createsOnceExclusivelyAndOpensWhatExistsOtherwise() throws IOException {
        NfsOpened first = nfs.create(ROOT, root, name("once"), 0640, NfsAccess.WRITE, true, false);
        assertThat(first.created()).isTrue();
        assertThat(first.entry().attr().mode()).isEqualTo(0100640);
        assertThat(first.entry().attr().mtime()).isGreaterThan(1_700_000_000_000_000_000L);
        fails(Errno.EEXIST, () -> nfs.create(ROOT, root, name("once"), 0640, NfsAccess.WRITE, true, false));
        Files.writeString(served.resolve("once"), "content");
        NfsOpened second = nfs.create(ROOT, root, name("once"), 0600, NfsAccess.READ, false, false);
        assertThat(second.created()).isFalse();
        assertThat(second.entry().handle()).isEqualTo(first.entry().handle());
        assertThat(second.entry().attr().size()).isEqualTo(7);
        NfsOpened third = nfs.create(ROOT, root, name("once"), 0600, NfsAccess.READ_WRITE, false, true);
        assertThat(third.entry().attr().size()).isZero();
        for (NfsOpened o : List.of(first, second, third)) {
            nfs.close(o.file());
        }
        fails(Errno.EBADF, () -> nfs.close(third.file()));
    }

    @Test
    void opensByHandleAndCutsIfAsked() throws IOException {
        Files.writeString(served.resolve("cut"), "content");
        NfsEntry e = nfs.lookup(ROOT, root, name("cut"));
        NfsOpened whole = nfs.open(ROOT, e.handle(), NfsAccess.READ, false);
        assertThat(whole.entry().attr().size()).isEqualTo(7);
        assertThat(whole.created()).isFalse();
        NfsOpened cut = nfs.open(ROOT, e.handle(), NfsAccess.WRITE, true);
        assertThat(cut.entry().attr().size()).isZero();
        assertThat(Files.size(served.resolve("cut"))).isZero();
        fails(
                Errno.EBADF,
                () -> nfs.write(ROOT, whole.file(), 0, Arena.ofAuto().allocate(1), 0, 1, NfsStability.UNSTABLE));
        nfs.close(whole.file());
        nfs.close(cut.file());
        fails(Errno.EISDIR, () -> nfs.open(ROOT, root, NfsAccess.READ, false));
    }

    @Test
    void makesEveryKindOfFile() {
        NfsEntry dir = nfs.mkdir(ROOT, root, name("kinds"), 0750).entry();
        assertThat(dir.attr().mode()).isEqualTo(0040750);
        byte[] d = dir.handle();
        assertThat(nfs.mknod(ROOT, d, name("fifo"), 0010600, 0).entry().attr().mode())
                .isEqualTo(0010600);
        assertThat(nfs.mknod(ROOT, d, name("socket"), 0140600, 0).entry().attr().mode())
                .isEqualTo(0140600);
        NfsAttr device =
                nfs.mknod(ROOT, d, name("char"), 0020600, 0x1_0003L).entry().attr();
        assertThat(device.mode()).isEqualTo(0020600);
        assertThat(device.rdev()).isEqualTo(0x1_0003L);
        assertThat(nfs.mknod(ROOT, d, name("block"), 0060600, 0x801)
                        .entry()
                        .attr()
                        .rdev())
                .isEqualTo(0x801);
        assertThat(nfs.mknod(ROOT, d, name("file"), 0100604, 0).entry().attr().mode())
                .isEqualTo(0100604);
        NfsEntry link = nfs.symlink(ROOT, d, name("link"), name("some/where")).entry();
        assertThat(link.attr().type()).isEqualTo(10);
        assertThat(nfs.readlink(ROOT, link.handle())).isEqualTo(name("some/where"));
        fails(Errno.EEXIST, () -> nfs.mkdir(ROOT, root, name("kinds"), 0750));
        fails(Errno.EEXIST, () -> nfs.mknod(ROOT, d, name("file"), 0100604, 0));
        fails(Errno.EINVAL, () -> nfs.readlink(ROOT, d));
    }

    @Test
    void linksRenamesAndRemoves() throws IOException {
        byte[] d = nfs.mkdir(ROOT, root, name("names"), 0755).entry().handle();
        Path dir = served.resolve("names");
        Files.writeString(dir.resolve("a"), "a");
        NfsEntry a = nfs.lookup(ROOT, d, name("a"));
        NfsEntry b = nfs.link(ROOT, a.handle(), d, name("b")).entry();
        assertThat(b.attr().nlink()).isEqualTo(2);
        assertThat(b.handle()).isEqualTo(a.handle());
        nfs.rename(ROOT, d, name("b"), root, name("moved"));
        assertThat(served.resolve("moved")).hasContent("a");
        assertThat(dir.resolve("b")).doesNotExist();
        nfs.remove(ROOT, root, name("moved"));
        assertThat(served.resolve("moved")).doesNotExist();
        nfs.mkdir(ROOT, d, name("sub"), 0755);
        fails(Errno.EISDIR, () -> nfs.remove(ROOT, d, name("sub")));
        fails(Errno.ENOTDIR, () -> nfs.rmdir(ROOT, d, name("a")));
        fails(Errno.ENOTEMPTY, () -> nfs.rmdir(ROOT, root, name("names")));
        fails(Errno.ENOENT, () -> nfs.remove(ROOT, d, name("nothing")));
        fails(Errno.ENOENT, () -> nfs.lookup(ROOT, d, name("nothing")));
        fails(Errno.ENOTDIR, () -> nfs.lookup(ROOT, a.handle(), name("x")));
        fails(Errno.ENAMETOOLONG, () -> nfs.mkdir(ROOT, d, name("n".repeat(300)), 0755));
        nfs.rmdir(ROOT, d, name("sub"));
        nfs.remove(ROOT, d, name("a"));
        nfs.rmdir(ROOT, root, name("names"));
        assertThat(dir).doesNotExist();
        fails(Errno.ESTALE, () -> nfs.getattr(ROOT, a.handle()));
    }

    @ParameterizedTest
    @EnumSource
    void listsEveryNameOnce(Listing how) throws IOException {
        byte[] d = nfs.mkdir(ROOT, root, name("list" + how), 0755).entry().handle();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 1500; i++) {
            String n = "entry-" + i + "-" + "x".repeat(i % 100);
            Files.createFile(served.resolve("list" + how).resolve(n));
            names.add(n);
        }
        Set<String> seen = new HashSet<>();
        long cookie = 0;
        long verifier = 0;
        int pages = 0;
        while (true) {
            NfsDirPage page = nfs.readdir(ROOT, d, cookie, verifier, how.entriesMax, how.plus);
            pages++;
            assertThat(page.entries()).hasSizeLessThanOrEqualTo(how.entriesMax);
            for (NfsDirEntry e : page.entries()) {
                assertThat(seen.add(new String(e.name(), StandardCharsets.UTF_8)))
                        .isTrue();
                assertThat(e.type()).isEqualTo(8);
                assertThat(e.cookie()).isNotZero();
                assertThat(e.entry() != null).isEqualTo(how.plus);
                cookie = e.cookie();
            }
            verifier = page.verifier();
            if (page.eof()) {
                break;
            }
        }
        assertThat(seen).isEqualTo(names);
        assertThat(pages).isGreaterThan(how == Listing.PLUS_SMALL ? 60 : 1);
        NfsDirEntry one = nfs.readdir(ROOT, d, 0, 0, 1, true).entries().getFirst();
        NfsEntry entry = java.util.Objects.requireNonNull(one.entry());
        assertThat(nfs.lookup(ROOT, d, one.name())).usingRecursiveComparison().isEqualTo(entry);
    }

    enum Listing {
        PLAIN(1000, false),
        PLUS(1000, true),
        PLUS_SMALL(17, true);

        final int entriesMax;
        final boolean plus;

        Listing(int entriesMax, boolean plus) {
            this.entriesMax = entriesMax;
            this.plus = plus;
        }
    }

    @Test
    void actsWithTheCallersRights() throws IOException {
        Files.writeString(served.resolve("secret"), "s");
        Files.setPosixFilePermissions(served.resolve("secret"), PosixFilePermissions.fromString("rw-r-----"));
        NfsEntry secret = nfs.lookup(ROOT, root, name("secret"));
        assertThat(nfs.access(ROOT, secret.handle(), 7)).isEqualTo(6);
        assertThat(nfs.access(ALICE, secret.handle(), 6)).isZero();
        fails(Errno.EACCES, () -> nfs.open(ALICE, secret.handle(), NfsAccess.READ, false));
        nfs.setattr(ROOT, secret.handle(), null, new NfsSetAttr(null, null, 3001, null, null, null));
        assertThat(nfs.access(ALICE, secret.handle(), 6)).isEqualTo(4);
        nfs.close(nfs.open(ALICE, secret.handle(), NfsAccess.READ, false).file());
        fails(Errno.EACCES, () -> nfs.open(ALICE, secret.handle(), NfsAccess.READ_WRITE, false));
        fails(Errno.EPERM, () -> nfs.setattr(ALICE, secret.handle(), null, NfsSetAttr.ofMode(0777)));
        NfsEntry hers = nfs.mkdir(ALICE, root, name("hers"), 0700).entry();
        assertThat(hers.attr().uid()).isEqualTo(1000);
        assertThat(nfs.access(ALICE, hers.handle(), 7)).isEqualTo(7);
        assertThat(nfs.access(Credentials.of(1001, 1001), hers.handle(), 7)).isZero();
    }

    @Test
    void findsDataAndHolesAndMakesThem() throws IOException {
        NfsOpened opened = nfs.create(ROOT, root, name("sparse"), 0644, NfsAccess.READ_WRITE, true, false);
        NfsOpenFile f = opened.file();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = random(arena, 64 << 10, 3);
            nfs.write(ROOT, f, 1 << 20, data, 0, 64 << 10, NfsStability.UNSTABLE);
            nfs.commit(ROOT, f);
            assertThat(nfs.seek(ROOT, f, 0, 3)).isEqualTo(1 << 20);
            assertThat(nfs.seek(ROOT, f, 1 << 20, 4)).isEqualTo((1 << 20) + (64 << 10));
            assertThat(nfs.seek(ROOT, f, 0, 4)).isZero();
            fails(Errno.ENXIO, () -> nfs.seek(ROOT, f, 4 << 20, 3));
            fails(Errno.ENXIO, () -> nfs.seek(ROOT, f, (1 << 20) + (64 << 10), 3));
            nfs.deallocate(ROOT, f, 1 << 20, 32 << 10);
            assertThat(nfs.seek(ROOT, f, 0, 3)).isEqualTo((1 << 20) + (32 << 10));
            assertThat(nfs.getattr(ROOT, f.handle()).size()).isEqualTo((1 << 20) + (64 << 10));
            nfs.allocate(ROOT, f, 0, 3 << 20);
            assertThat(nfs.getattr(ROOT, f.handle()).size()).isEqualTo(3 << 20);
            assertThat(Files.readAllBytes(served.resolve("sparse"))).hasSize(3 << 20);
        }
        nfs.close(f);
        assertThat(nfs.features()).doesNotContain(NfsFeature.SERVER_COPY);
        fails(Errno.EOPNOTSUPP, () -> nfs.getxattr(ROOT, root, name("user.x")));
    }

    @Test
    void unmountingClosesWhatIsOpen() throws IOException {
        NfsOpened opened;
        try (NfsClient leaving = NfsClients.connect(config(), new Metrics())) {
            opened = leaving.create(ROOT, root, name("left"), 0644, NfsAccess.READ_WRITE, true, false);
            leaving.lock(ROOT, opened.file(), new NfsLock(1, 0, 10, true), false);
            MemorySegment data = random(Arena.ofAuto(), 100, 4);
            leaving.write(ROOT, opened.file(), 0, data, 0, 100, NfsStability.UNSTABLE);
        }
        NfsOpenFile file = nfs.open(ROOT, opened.entry().handle(), NfsAccess.READ_WRITE, false)
                .file();
        nfs.lock(ROOT, file, new NfsLock(1, 0, 10, true), false);
        nfs.close(file);
        assertThat(Files.size(served.resolve("left"))).isEqualTo(100);
    }

    @Test
    void statesTheRoomThereIs() throws IOException {
        NfsStatfs s = nfs.statfs(ROOT, root);
        assertThat(s.bytes()).isEqualTo(Files.getFileStore(served).getTotalSpace());
        assertThat(s.bytesAvailable()).isBetween(1L, s.bytes());
        assertThat(s.files()).isPositive();
        assertThat(s.nameMax()).isPositive();
    }

    @Test
    void refusesToMountWithTheComponentThatIsToBlame() {
        assertThatThrownBy(() -> NfsClients.connect(
                        NfsConfig.of("127.0.0.1", server.nfsPort(), "/export/no/such"), new Metrics()))
                .hasMessageContaining("'no'")
                .isInstanceOfSatisfying(
                        NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
        fails(
                Errno.ENOENT,
                () -> NfsClients.connect(NfsConfig.of("127.0.0.1", server.nfsPort(), "/elsewhere"), new Metrics()));
    }

    @Test
    void refusesWithinTheBoundWhenNobodyListens() {
        long start = System.nanoTime();
        NfsConfig nobody = NfsConfig.of("127.0.0.1", Ports.free(), "/export")
                .withTimeouts(Duration.ofMillis(500), Duration.ofSeconds(60), Duration.ZERO);
        fails(Errno.ECONNREFUSED, () -> NfsClients.connect(nobody, new Metrics()));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void countsWhatItDoes() throws IOException {
        Metrics metrics = new Metrics();
        try (NfsClient own = NfsClients.connect(config(), metrics)) {
            own.getattr(ROOT, own.root().handle());
            fails(Errno.ENOENT, () -> own.lookup(ROOT, own.root().handle(), name("not there")));
        }
        StringBuilder text = new StringBuilder();
        metrics.writePrometheus(text);
        assertThat(text.toString())
                .contains("efc_nfs_requests_total{op=\"GETATTR\"} 2")
                .contains("efc_nfs_request_errors_total{op=\"LOOKUP\"} 1")
                .contains("efc_nfs_request_seconds_count{op=\"GETATTR\"} 2")
                .containsPattern("efc_nfs_sent_bytes_total [1-9]");
    }

    @Test
    void listsTheDirectoryItServesAsItIs() throws IOException {
        List<String> names = new ArrayList<>();
        for (NfsDirEntry e : nfs.readdir(ROOT, root, 0, 0, 1000, false).entries()) {
            names.add(new String(e.name(), StandardCharsets.UTF_8));
        }
        assertThat(names)
                .doesNotContain(".", "..")
                .allSatisfy(n -> assertThat(Files.exists(served.resolve(n), LinkOption.NOFOLLOW_LINKS))
                        .isTrue());
    }
}
