package io.efc.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Errno;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Names: making, finding, moving and removing them, and listing directories. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class NamespaceContract extends UnderStoreContract {
    private static final int RENAME_NOREPLACE = 1;
    private static final int RENAME_EXCHANGE = 2;

    @Test
    void rootIsADirectoryThatStaysTheSame() {
        assertThat(store.root().attr().type()).isEqualTo(FileType.DIRECTORY);
        assertThat(store.root().handle()).isEqualTo(store.root().handle());
        assertThat(store.getattr(ROOT, store.root().handle()).fileId())
                .isEqualTo(store.root().attr().fileId());
    }

    @Test
    void lookupFindsWhatWasMade() {
        StoreEntry made = file("a", 0640, ALICE);
        StoreEntry found = lookup("a");
        assertThat(found.handle()).isEqualTo(made.handle());
        assertThat(found.attr().fileId()).isEqualTo(made.attr().fileId());
        assertThat(found.attr().mode()).isEqualTo(S_IFREG | 0640);
        assertThat(found.attr().uid()).isEqualTo(ALICE.uid());
        assertThat(found.attr().gid()).isEqualTo(ALICE.gid());
        assertThat(found.attr().nlink()).isEqualTo(1);
        assertThat(found.attr().size()).isZero();
    }

    @Test
    void lookupFailsAsThePathDoes() {
        StoreEntry file = file("f");
        fails(Errno.ENOENT, () -> lookup("missing"));
        fails(Errno.ENOTDIR, () -> store.lookup(ROOT, file.handle(), b("x")));
        fails(Errno.ENAMETOOLONG, () -> lookup("n".repeat(256)));
        for (String bad : List.of("", ".", "..", "a/b", "a\0b")) {
            fails(Errno.EINVAL, () -> lookup(bad));
        }
    }

    @Test
    void namesAreAnyBytesUpTo255() {
        List<byte[]> odd = List.of(
                "n".repeat(255).getBytes(UTF_8),
                new byte[] {(byte) 0xff, (byte) 0xfe, 1, '\n', ' '},
                b("ünïcødé ☃"),
                b("\\ \" ' * ? ~"),
                b("..."),
                b(".hidden"));
        for (byte[] name : odd) {
            Opened opened = store.create(ROOT, dir, name, 0644, Access.WRITE, true, false);
            store.close(opened.file());
            assertThat(store.lookup(ROOT, dir, name).handle())
                    .isEqualTo(opened.entry().handle());
        }
        List<byte[]> listed = list(dir, 3, false).stream().map(DirEntry::name).toList();
        assertThat(listed).hasSize(odd.size());
        assertThat(listed).containsExactlyInAnyOrderElementsOf(odd);
        for (byte[] name : odd) {
            store.unlink(ROOT, dir, name);
        }
        assertThat(list(dir, 100, false)).isEmpty();
    }

    @Test
    void mkdirMakesADirectoryAndCountsLinks() {
        int links = store.getattr(ROOT, dir).nlink();
        StoreEntry d = store.mkdir(ALICE, dir, b("d"), 0751).entry();
        assertThat(d.attr().mode()).isEqualTo(S_IFDIR | 0751);
        assertThat(d.attr().uid()).isEqualTo(ALICE.uid());
        assertThat(d.attr().nlink()).isEqualTo(2);
        assertThat(store.getattr(ROOT, dir).nlink()).isEqualTo(links + 1);
        fails(Errno.EEXIST, () -> store.mkdir(ROOT, dir, b("d"), 0755));
        file("f");
        fails(Errno.EEXIST, () -> store.mkdir(ROOT, dir, b("f"), 0755));
        fails(Errno.ENOTDIR, () -> store.mkdir(ROOT, lookup("f").handle(), b("x"), 0755));
        store.rmdir(ROOT, dir, b("d"));
        assertThat(store.getattr(ROOT, dir).nlink()).isEqualTo(links);
    }

    @Test
    void modesArriveExactlyWhateverTheUmask() {
        for (int mode : new int[] {0777, 0666, 0, 07777 & ~06000, 0222}) {
            String name = Integer.toOctalString(mode);
            assertThat(file("f" + name, mode, ROOT).attr().mode()).isEqualTo(S_IFREG | mode);
            assertThat(store.mkdir(ROOT, dir, b("d" + name), mode)
                            .entry()
                            .attr()
                            .mode())
                    .isEqualTo(S_IFDIR | mode);
        }
    }

    @Test
    void filesInASetGroupIdDirectoryTakeItsGroup() {
        FileHandle d = store.mkdir(ROOT, dir, b("d"), 0777).entry().handle();
        store.setattr(ROOT, d, null, new SetAttr(null, null, ALICE.gid(), null, null, null));
        store.setattr(ROOT, d, null, SetAttr.ofMode(02777));
        Opened opened = store.create(BOB, d, b("f"), 0644, Access.WRITE, true, false);
        store.close(opened.file());
        assertThat(opened.entry().attr().gid()).isEqualTo(ALICE.gid());
        assertThat(store.mkdir(BOB, d, b("sub"), 0755).entry().attr().mode() & 02000)
                .isEqualTo(02000);
    }

    @Test
    void symlinksKeepTheirTargetByteForByte() {
        needs(StoreFeature.SYMLINKS);
        for (byte[] target : List.of(b("a/b/../c"), b("x".repeat(1000)), b("/abs é"), new byte[] {(byte) 0xff})) {
            byte[] name = b("l" + target.length);
            StoreEntry link = store.symlink(ALICE, dir, name, target).entry();
            assertThat(link.attr().type()).isEqualTo(FileType.SYMLINK);
            assertThat(link.attr().size()).isEqualTo(target.length);
            assertThat(link.attr().uid()).isEqualTo(ALICE.uid());
            assertThat(store.readlink(ROOT, link.handle())).isEqualTo(target);
            assertThat(store.lookup(ROOT, dir, name).handle()).isEqualTo(link.handle());
        }
        fails(Errno.EEXIST, () -> store.symlink(ROOT, dir, b("l1000"), b("x")));
        fails(Errno.EINVAL, () -> store.readlink(ROOT, file("f").handle()));
        fails(Errno.EINVAL, () -> store.readlink(ROOT, dir));
    }

    @Test
    void mknodMakesEveryKind() {
        needs(StoreFeature.DEVICES);
        StoreEntry fifo = store.mknod(ALICE, dir, b("fifo"), S_IFIFO | 0640, 0).entry();
        assertThat(fifo.attr().mode()).isEqualTo(S_IFIFO | 0640);
        assertThat(store.mknod(ALICE, dir, b("sock"), S_IFSOCK | 0600, 0)
                        .entry()
                        .attr()
                        .type())
                .isEqualTo(FileType.SOCKET);
        StoreEntry regular =
                store.mknod(ALICE, dir, b("reg"), S_IFREG | 0604, 0).entry();
        assertThat(regular.attr().mode()).isEqualTo(S_IFREG | 0604);
        StoreEntry device =
                store.mknod(ROOT, dir, b("null"), S_IFCHR | 0666, (1 << 8) | 3).entry();
        assertThat(device.attr().type()).isEqualTo(FileType.CHARACTER_DEVICE);
        assertThat(device.attr().rdev()).isEqualTo((1 << 8) | 3);
        fails(Errno.EPERM, () -> store.mknod(ALICE, dir, b("mine"), S_IFCHR | 0666, (1 << 8) | 3));
        fails(Errno.EEXIST, () -> store.mknod(ROOT, dir, b("fifo"), S_IFIFO | 0640, 0));
    }

    @Test
    void hardLinksShareTheFile() {
        needs(StoreFeature.HARD_LINKS);
        StoreEntry a = file("a", b("one"));
        StoreEntry linked = store.link(ROOT, a.handle(), dir, b("b")).entry();
        assertThat(linked.attr().nlink()).isEqualTo(2);
        assertThat(linked.attr().fileId()).isEqualTo(a.attr().fileId());
        assertThat(content(lookup("b").handle())).isEqualTo(b("one"));
        assertThat(lookup("b").attr().fileId()).isEqualTo(a.attr().fileId());
        store.unlink(ROOT, dir, b("a"));
        assertThat(lookup("b").attr().nlink()).isEqualTo(1);
        assertThat(content(lookup("b").handle())).isEqualTo(b("one"));
        file("c");
        fails(Errno.EEXIST, () -> store.link(ROOT, a.handle(), dir, b("c")));
        fails(Errno.EPERM, () -> store.link(ROOT, dir, dir, b("d")));
        fails(Errno.ENOTDIR, () -> store.link(ROOT, a.handle(), lookup("c").handle(), b("d")));
    }

    private void says(@Nullable StoreAttr said, FileHandle file) {
        if (said != null) {
            assertThat(said).isEqualTo(store.getattr(ROOT, file));
        }
    }

    @Test
    void aChangeTellsWhatTheDirectoryIsLikeSince() {
        Made sub = store.mkdir(ALICE, dir, b("sub"), 0777);
        says(sub.directory(), dir);
        Opened opened = store.create(ALICE, dir, b("f"), 0644, Access.WRITE, true, false);
        says(opened.directory(), dir);
        says(opened.entry().attr(), opened.entry().handle());
        store.close(opened.file());
        assertThat(store.open(ALICE, opened.entry().handle(), Access.READ, false)
                        .directory())
                .isNull();
        says(store.mknod(ALICE, dir, b("reg"), S_IFREG | 0604, 0).directory(), dir);
        Renamed within = store.rename(ALICE, dir, b("f"), dir, b("g"), 0);
        says(within.from(), dir);
        says(within.to(), dir);
        moved(within, opened);
        Renamed across = store.rename(ALICE, dir, b("g"), sub.entry().handle(), b("h"), 0);
        says(across.from(), dir);
        says(across.to(), sub.entry().handle());
        moved(across, opened);
        says(store.unlink(ALICE, sub.entry().handle(), b("h")), sub.entry().handle());
        says(store.rmdir(ALICE, dir, b("sub")), dir);
        if (store.features().contains(StoreFeature.HARD_LINKS)) {
            Made linked = store.link(ALICE, lookup("reg").handle(), dir, b("also"));
            says(linked.directory(), dir);
            says(linked.entry().attr(), linked.entry().handle());
        }
    }

    private void moved(Renamed renamed, Opened file) {
        StoreEntry moved = renamed.moved();
        if (moved != null) {
            assertThat(moved.handle()).isEqualTo(file.entry().handle());
            says(moved.attr(), moved.handle());
        }
    }

    @Test
    void unlinkAndRmdirKeepToTheirKind() {
        file("f");
        FileHandle d = store.mkdir(ROOT, dir, b("d"), 0755).entry().handle();
        store.mkdir(ROOT, d, b("inner"), 0755);
        fails(Errno.ENOENT, () -> store.unlink(ROOT, dir, b("missing")));
        fails(Errno.ENOENT, () -> store.rmdir(ROOT, dir, b("missing")));
        fails(Set.of(Errno.EISDIR), () -> store.unlink(ROOT, dir, b("d")));
        fails(Errno.ENOTDIR, () -> store.rmdir(ROOT, dir, b("f")));
        fails(Errno.ENOTEMPTY, () -> store.rmdir(ROOT, dir, b("d")));
        fails(Errno.ENOTDIR, () -> store.unlink(ROOT, lookup("f").handle(), b("x")));
        store.rmdir(ROOT, d, b("inner"));
        store.rmdir(ROOT, dir, b("d"));
        store.unlink(ROOT, dir, b("f"));
        assertThat(names(dir)).isEmpty();
    }

    @Test
    void aHandleIsStaleOnceTheFileIsGone() {
        StoreEntry f = file("f");
        FileHandle d = store.mkdir(ROOT, dir, b("d"), 0755).entry().handle();
        store.unlink(ROOT, dir, b("f"));
        store.rmdir(ROOT, dir, b("d"));
        fails(Errno.ESTALE, () -> store.getattr(ROOT, f.handle()));
        fails(Errno.ESTALE, () -> store.open(ROOT, f.handle(), Access.READ, false));
        fails(Set.of(Errno.ESTALE, Errno.ENOENT), () -> store.lookup(ROOT, d, b("x")));
        fails(Set.of(Errno.ESTALE, Errno.ENOENT), () -> store.mkdir(ROOT, d, b("x"), 0755));
    }

    @Test
    void renameMovesAndReplaces() {
        StoreEntry a = file("a", b("A"));
        file("b", b("B"));
        store.rename(ROOT, dir, b("a"), dir, b("b"), 0);
        assertThat(lookup("b").handle()).isEqualTo(a.handle());
        assertThat(content(lookup("b").handle())).isEqualTo(b("A"));
        fails(Errno.ENOENT, () -> lookup("a"));
        FileHandle d = store.mkdir(ROOT, dir, b("d"), 0755).entry().handle();
        store.rename(ROOT, dir, b("b"), d, b("c"), 0);
        assertThat(store.lookup(ROOT, d, b("c")).handle()).isEqualTo(a.handle());
        assertThat(names(dir)).containsExactly("d");
        int links = store.getattr(ROOT, dir).nlink();
        FileHandle e = store.mkdir(ROOT, dir, b("e"), 0755).entry().handle();
        store.rename(ROOT, dir, b("d"), e, b("d"), 0);
        assertThat(store.getattr(ROOT, dir).nlink()).isEqualTo(links);
        assertThat(store.getattr(ROOT, e).nlink()).isEqualTo(3);
        assertThat(store.lookup(ROOT, d, b("c")).handle()).isEqualTo(a.handle());
    }

    @Test
    void renameToTheSameFileDoesNothing() {
        needs(StoreFeature.HARD_LINKS);
        StoreEntry a = file("a");
        store.rename(ROOT, dir, b("a"), dir, b("a"), 0);
        store.link(ROOT, a.handle(), dir, b("b"));
        store.rename(ROOT, dir, b("a"), dir, b("b"), 0);
        assertThat(names(dir)).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void renameFailsAsPosixSays() {
        file("f");
        FileHandle d = store.mkdir(ROOT, dir, b("d"), 0755).entry().handle();
        store.mkdir(ROOT, d, b("inner"), 0755);
        store.mkdir(ROOT, dir, b("empty"), 0755);
        fails(Errno.ENOENT, () -> store.rename(ROOT, dir, b("missing"), dir, b("x"), 0));
        fails(Errno.EISDIR, () -> store.rename(ROOT, dir, b("f"), dir, b("d"), 0));
        fails(Errno.ENOTDIR, () -> store.rename(ROOT, dir, b("d"), dir, b("f"), 0));
        fails(Errno.ENOTEMPTY, () -> store.rename(ROOT, dir, b("empty"), dir, b("d"), 0));
        fails(Errno.EINVAL, () -> store.rename(ROOT, dir, b("d"), d, b("x"), 0));
        fails(Errno.ENAMETOOLONG, () -> store.rename(ROOT, dir, b("f"), dir, b("n".repeat(256)), 0));
        fails(Errno.EINVAL, () -> store.rename(ROOT, dir, b("f"), dir, b("g"), 4));
        assertThat(names(dir)).containsExactlyInAnyOrder("f", "d", "empty");
        store.rename(ROOT, d, b("inner"), dir, b("empty"), 0);
        assertThat(names(d)).isEmpty();
    }

    @Test
    void renameNoReplaceKeepsTheTarget() {
        file("a", b("A"));
        file("b", b("B"));
        if (!store.features().contains(StoreFeature.RENAME_NOREPLACE)) {
            fails(Errno.EINVAL, () -> store.rename(ROOT, dir, b("a"), dir, b("c"), RENAME_NOREPLACE));
            return;
        }
        fails(Errno.EEXIST, () -> store.rename(ROOT, dir, b("a"), dir, b("b"), RENAME_NOREPLACE));
        assertThat(content(lookup("b").handle())).isEqualTo(b("B"));
        store.rename(ROOT, dir, b("a"), dir, b("c"), RENAME_NOREPLACE);
        assertThat(names(dir)).containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void renameExchangeSwaps() {
        file("a", b("A"));
        store.mkdir(ROOT, dir, b("b"), 0755);
        if (!store.features().contains(StoreFeature.RENAME_EXCHANGE)) {
            fails(Errno.EINVAL, () -> store.rename(ROOT, dir, b("a"), dir, b("b"), RENAME_EXCHANGE));
            return;
        }
        store.rename(ROOT, dir, b("a"), dir, b("b"), RENAME_EXCHANGE);
        assertThat(lookup("a").attr().type()).isEqualTo(FileType.DIRECTORY);
        assertThat(content(lookup("b").handle())).isEqualTo(b("A"));
        fails(Errno.ENOENT, () -> store.rename(ROOT, dir, b("a"), dir, b("missing"), RENAME_EXCHANGE));
    }

    @Test
    void handlesSurviveRenames() {
        StoreEntry f = file("f", b("x"));
        FileHandle d = store.mkdir(ROOT, dir, b("d"), 0755).entry().handle();
        store.rename(ROOT, dir, b("f"), d, b("g"), 0);
        assertThat(store.getattr(ROOT, f.handle()).fileId()).isEqualTo(f.attr().fileId());
        assertThat(content(f.handle())).isEqualTo(b("x"));
    }

    @Test
    void changesOfADirectoryShowInItsAttributes() {
        StoreAttr before = store.getattr(ROOT, dir);
        file("f");
        StoreAttr after = store.getattr(ROOT, dir);
        assertThat(after.mtime()).isGreaterThanOrEqualTo(before.mtime());
        assertThat(after.change()).isNotEqualTo(before.change());
        assertThat(after.version()).isNotEqualTo(before.version());
    }

    @Test
    void readdirPagesThroughEverythingOnce() {
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < 300; i++) {
            file("file-" + i);
            expected.add("file-" + i);
        }
        store.mkdir(ROOT, dir, b("sub"), 0755);
        expected.add("sub");
        for (int page : new int[] {1, 7, 100, 10_000}) {
            for (boolean plus : new boolean[] {false, true}) {
                List<DirEntry> all = list(dir, page, plus);
                assertThat(all).hasSize(expected.size());
                assertThat(all.stream().map(e -> new String(e.name(), UTF_8)).collect(Collectors.toSet()))
                        .isEqualTo(expected);
            }
        }
        for (DirEntry e : list(dir, 50, true)) {
            StoreEntry found = store.lookup(ROOT, dir, e.name());
            assertThat(e.fileId()).isEqualTo(found.attr().fileId());
            assertThat(e.type()).isEqualTo(found.attr().type());
            assertThat(e.entry()).isNotNull();
            assertThat(java.util.Objects.requireNonNull(e.entry()).handle()).isEqualTo(found.handle());
        }
        fails(Errno.ENOTDIR, () -> store.readdir(ROOT, lookup("file-0").handle(), 0, 0, 10, false));
    }

    @Test
    void readdirNeitherLosesNorRepeatsWhatStaysWhileOthersComeAndGo() throws Exception {
        int lasting = 10_000;
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            List<Future<Object>> makers = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int first = t;
                makers.add(pool.submit(() -> {
                    for (int i = first; i < lasting; i += 4) {
                        store.mknod(ROOT, dir, b("lasting-" + i), S_IFREG | 0644, 0);
                    }
                    return null;
                }));
            }
            for (Future<Object> maker : makers) {
                maker.get();
            }
            Future<Object> churn = pool.submit(() -> {
                for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                    try {
                        store.mknod(ROOT, dir, b("coming-" + i), S_IFREG | 0644, 0);
                        store.unlink(ROOT, dir, b("coming-" + i));
                    } catch (StoreException e) {
                        if (e.errno() == Errno.EINTR) {
                            return null;
                        }
                        throw e;
                    }
                }
                return null;
            });
            List<String> seen =
                    names(dir).stream().filter(n -> n.startsWith("lasting-")).toList();
            assertThat(churn.isDone()).isFalse();
            pool.shutdownNow();
            assertThat(seen).doesNotHaveDuplicates().hasSize(lasting);
        }
    }

    @Test
    void exactlyOneOfManyExclusiveCreatorsWins() throws Exception {
        int threads = 8;
        int rounds = 20;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int round = 0; round < rounds; round++) {
                byte[] name = b("race-" + round);
                List<Callable<Boolean>> creators = IntStream.range(0, threads)
                        .mapToObj(i -> (Callable<Boolean>) () -> {
                            try {
                                store.close(store.create(ROOT, dir, name, 0644, Access.WRITE, true, false)
                                        .file());
                                return true;
                            } catch (StoreException e) {
                                assertThat(e.errno()).isEqualTo(Errno.EEXIST);
                                return false;
                            }
                        })
                        .toList();
                int winners = 0;
                for (Future<Boolean> f : pool.invokeAll(creators)) {
                    winners += f.get() ? 1 : 0;
                }
                assertThat(winners).isEqualTo(1);
            }
        }
    }

    @Test
    void manyThreadsMakeAndRemoveInOneDirectory() throws Exception {
        int threads = 6;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Object>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int id = t;
                all.add(pool.submit(() -> {
                    for (int i = 0; i < 60; i++) {
                        String name = "t" + id + "-" + i;
                        byte[] text = b(name);
                        file(name, text);
                        store.rename(ROOT, dir, text, dir, b(name + "-moved"), 0);
                        assertThat(content(lookup(name + "-moved").handle())).isEqualTo(text);
                        if (i % 2 == 0) {
                            store.unlink(ROOT, dir, b(name + "-moved"));
                        }
                    }
                    return null;
                }));
            }
            for (Future<Object> f : all) {
                f.get();
            }
        }
        assertThat(names(dir)).hasSize(threads * 30).doesNotHaveDuplicates();
    }
}
