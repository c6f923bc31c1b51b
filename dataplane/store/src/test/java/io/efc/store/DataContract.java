package io.efc.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Contents: reading, writing, truncating, holes, locks, copies. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DataContract extends UnderStoreContract {
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 3;

    private Opened create(String name) {
        return store.create(ROOT, dir, b(name), 0644, Access.READ_WRITE, true, false);
    }

    @Test
    void readsBackWhatWasWritten() {
        Opened f = create("f");
        write(f.file(), 0, b("hello world"));
        write(f.file(), 6, b("there"));
        assertThat(read(f.file(), 0, 100)).isEqualTo(b("hello there"));
        assertThat(read(f.file(), 4, 3)).isEqualTo(b("o t"));
        StoreAttr attr = store.commit(ROOT, f.file());
        assertThat(attr.size()).isEqualTo(11);
        store.close(f.file());
        assertThat(content(f.entry().handle())).isEqualTo(b("hello there"));
    }

    @Test
    void readSaysWhereTheFileEnds() {
        Opened f = create("f");
        write(f.file(), 0, pattern(1, 1000));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(2000);
            ReadResult inside = store.read(ROOT, f.file(), 0, to, 0, 999);
            assertThat(inside.count()).isEqualTo(999);
            assertThat(inside.eof()).isFalse();
            ReadResult upTo = store.read(ROOT, f.file(), 500, to, 0, 500);
            assertThat(upTo.count()).isEqualTo(500);
            assertThat(upTo.eof()).isTrue();
            ReadResult over = store.read(ROOT, f.file(), 900, to, 0, 2000);
            assertThat(over.count()).isEqualTo(100);
            assertThat(over.eof()).isTrue();
            ReadResult behind = store.read(ROOT, f.file(), 5000, to, 0, 10);
            assertThat(behind.count()).isZero();
            assertThat(behind.eof()).isTrue();
            assertThat(store.read(ROOT, f.file(), 0, to, 0, 0).count()).isZero();
        }
        store.close(f.file());
    }

    @Test
    void touchesOnlyTheMemoryItWasGiven() {
        Opened f = create("f");
        write(f.file(), 0, pattern(2, 5000));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(9000);
            to.fill((byte) 0x5a);
            assertThat(store.read(ROOT, f.file(), 0, to, 1001, 4097).count()).isEqualTo(4097);
            byte[] all = to.toArray(ValueLayout.JAVA_BYTE);
            assertThat(Arrays.copyOfRange(all, 1001, 1001 + 4097)).isEqualTo(Arrays.copyOf(pattern(2, 5000), 4097));
            for (int i = 0; i < all.length; i++) {
                if (i < 1001 || i >= 1001 + 4097) {
                    assertThat(all[i]).isEqualTo((byte) 0x5a);
                }
            }
            assertThatThrownBy(() -> store.read(ROOT, f.file(), 0, to, 8000, 1001))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> store.write(ROOT, f.file(), 0, to, 8000, 1001, Durability.UNSTABLE))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        store.close(f.file());
    }

    @Test
    void movesMoreThanOneRequestHolds() {
        int bytes = 2 * Math.max(store.readBytesMax(), store.writeBytesMax()) + 12_345;
        bytes = Math.min(bytes, 24 << 20);
        byte[] data = pattern(3, bytes);
        Opened f = create("big");
        write(f.file(), 7, data);
        store.commit(ROOT, f.file());
        assertThat(Arrays.equals(read(f.file(), 7, bytes), data)).isTrue();
        assertThat(read(f.file(), 0, 7)).isEqualTo(new byte[7]);
        store.close(f.file());
        assertThat(store.getattr(ROOT, f.entry().handle()).size()).isEqualTo(bytes + 7);
    }

    @Test
    void holdsOffsetsBeyondFourGibibytes() {
        long far = (5L << 30) + 123;
        Opened f = create("sparse");
        write(f.file(), far, b("far away"));
        assertThat(read(f.file(), far, 100)).isEqualTo(b("far away"));
        assertThat(read(f.file(), far - 3, 5)).isEqualTo(new byte[] {0, 0, 0, 'f', 'a'});
        StoreAttr attr = store.commit(ROOT, f.file());
        assertThat(attr.size()).isEqualTo(far + 8);
        assertThat(attr.blocks()).isLessThan(1 << 20);
        store.close(f.file());
    }

    @Test
    void fileSyncWritesAreStable() {
        Opened f = create("f");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocateFrom("durable");
            WriteResult result = store.write(ROOT, f.file(), 0, from, 0, 7, Durability.FILE_SYNC);
            assertThat(result.stable()).isTrue();
            assertThat(result.count()).isEqualTo(7);
        }
        store.close(f.file());
        assertThat(content(f.entry().handle())).isEqualTo(b("durable"));
    }

    @Test
    void openTellsWhatCannotBeOpened() {
        fails(Errno.EISDIR, () -> store.open(ROOT, dir, Access.READ, false));
        if (store.features().contains(StoreFeature.SYMLINKS)) {
            StoreEntry link = store.symlink(ROOT, dir, b("l"), b("f")).entry();
            fails(Errno.ELOOP, () -> store.open(ROOT, link.handle(), Access.READ, false));
            fails(Errno.ELOOP, () -> store.create(ROOT, dir, b("l"), 0644, Access.READ, false, false));
        }
        store.mkdir(ROOT, dir, b("d"), 0755);
        fails(Errno.EISDIR, () -> store.create(ROOT, dir, b("d"), 0644, Access.READ, false, false));
        fails(Errno.EEXIST, () -> store.create(ROOT, dir, b("d"), 0644, Access.READ, true, false));
        StoreEntry f = file("f");
        fails(Errno.ENOTDIR, () -> store.create(ROOT, f.handle(), b("x"), 0644, Access.READ, true, false));
    }

    @Test
    void createOpensWhatIsThereUnlessExclusive() {
        StoreEntry f = file("f", b("content"));
        Opened again = store.create(ROOT, dir, b("f"), 0600, Access.READ_WRITE, false, false);
        assertThat(again.created()).isFalse();
        assertThat(again.entry().handle()).isEqualTo(f.handle());
        assertThat(again.entry().attr().mode() & 0777).isEqualTo(0644);
        assertThat(read(again.file(), 0, 100)).isEqualTo(b("content"));
        store.close(again.file());
        fails(Errno.EEXIST, () -> store.create(ROOT, dir, b("f"), 0600, Access.READ_WRITE, true, false));
        Opened cut = store.create(ROOT, dir, b("f"), 0600, Access.READ_WRITE, false, true);
        assertThat(cut.entry().attr().size()).isZero();
        assertThat(cut.entry().attr().mode() & 0777).isEqualTo(0644);
        store.close(cut.file());
        Opened fresh = store.create(ALICE, dir, b("g"), 0600, Access.WRITE, false, false);
        assertThat(fresh.created()).isTrue();
        assertThat(fresh.entry().attr().uid()).isEqualTo(ALICE.uid());
        store.close(fresh.file());
    }

    @Test
    void openWithTruncateEmptiesTheFile() {
        StoreEntry f = file("f", b("content"));
        Opened opened = store.open(ROOT, f.handle(), Access.READ_WRITE, true);
        assertThat(opened.entry().attr().size()).isZero();
        assertThat(read(opened.file(), 0, 10)).isEmpty();
        store.close(opened.file());
        assertThat(store.getattr(ROOT, f.handle()).size()).isZero();
    }

    @Test
    void aFileOpenForOneUseRefusesTheOther() {
        StoreEntry f = file("f", b("content"));
        Opened reader = store.open(ROOT, f.handle(), Access.READ, false);
        fails(Errno.EBADF, () -> write(reader.file(), 0, b("x")));
        store.close(reader.file());
        Opened writer = store.open(ROOT, f.handle(), Access.WRITE, false);
        fails(Errno.EBADF, () -> read(writer.file(), 0, 10));
        write(writer.file(), 0, b("C"));
        store.close(writer.file());
        assertThat(content(f.handle())).isEqualTo(b("Content"));
    }

    @Test
    void truncateCutsAndExtendsWithZeroes() {
        StoreEntry f = file("f", b("0123456789"));
        assertThat(store.setattr(ROOT, f.handle(), null, SetAttr.ofSize(4)).size())
                .isEqualTo(4);
        assertThat(content(f.handle())).isEqualTo(b("0123"));
        assertThat(store.setattr(ROOT, f.handle(), null, SetAttr.ofSize(8)).size())
                .isEqualTo(8);
        assertThat(content(f.handle())).isEqualTo(new byte[] {'0', '1', '2', '3', 0, 0, 0, 0});
        fails(Set.of(Errno.EISDIR, Errno.EINVAL), () -> store.setattr(ROOT, dir, null, SetAttr.ofSize(0)));
    }

    @Test
    void truncateThroughAnOpenFileNeedsNoRightOnTheFile() {
        Opened f = store.create(ALICE, dir, b("f"), 0444, Access.READ_WRITE, true, false);
        write(f.file(), 0, b("0123456789"));
        store.commit(ALICE, f.file());
        assertThat(store.setattr(ALICE, f.entry().handle(), f.file(), SetAttr.ofSize(3))
                        .size())
                .isEqualTo(3);
        assertThat(read(f.file(), 0, 10)).isEqualTo(b("012"));
        store.close(f.file());
    }

    @Test
    void aWriteIsSeenByEveryOpenFileAtOnce() {
        Opened a = create("f");
        Opened c = store.open(ROOT, a.entry().handle(), Access.READ, false);
        write(a.file(), 0, b("new"));
        assertThat(read(c.file(), 0, 10)).isEqualTo(b("new"));
        assertThat(store.getattr(ROOT, a.entry().handle()).size()).isEqualTo(3);
        store.close(a.file());
        store.close(c.file());
    }

    @Test
    void writesMoveTimesAndChange() throws Exception {
        StoreEntry f = file("f", b("x"));
        StoreAttr before = store.getattr(ROOT, f.handle());
        Thread.sleep(12); // A tick of the file system's clock.
        Opened opened = store.open(ROOT, f.handle(), Access.WRITE, false);
        write(opened.file(), 0, b("y"));
        StoreAttr after = store.commit(ROOT, opened.file());
        store.close(opened.file());
        assertThat(after.mtime()).isGreaterThan(before.mtime());
        assertThat(after.ctime()).isGreaterThan(before.ctime());
        assertThat(after.change()).isNotEqualTo(before.change());
        assertThat(after.version()).isNotEqualTo(before.version());
        assertThat(store.getattr(ROOT, f.handle())).isEqualTo(after);
    }

    @Test
    void anOpenFileOutlivesItsNameIfTheStoreSaysSo() {
        needs(StoreFeature.OPEN_UNLINKED);
        Opened f = create("f");
        write(f.file(), 0, b("still here"));
        store.unlink(ROOT, dir, b("f"));
        assertThat(read(f.file(), 0, 100)).isEqualTo(b("still here"));
        write(f.file(), 0, b("STILL"));
        assertThat(read(f.file(), 0, 100)).isEqualTo(b("STILL here"));
        assertThat(store.getattr(ROOT, f.entry().handle()).nlink()).isZero();
        store.close(f.file());
        fails(Errno.ESTALE, () -> store.getattr(ROOT, f.entry().handle()));
    }

    @Test
    void unnamedFilesCanBeGivenAName() {
        if (!store.features().contains(StoreFeature.UNNAMED_FILES)) {
            fails(Errno.EOPNOTSUPP, () -> store.createUnnamed(ROOT, dir, 0600, Access.READ_WRITE));
            return;
        }
        Opened f = store.createUnnamed(ALICE, dir, 0640, Access.READ_WRITE);
        write(f.file(), 0, b("unnamed"));
        assertThat(names(dir)).isEmpty();
        assertThat(f.entry().attr().mode()).isEqualTo(S_IFREG | 0640);
        assertThat(f.entry().attr().uid()).isEqualTo(ALICE.uid());
        store.link(ALICE, f.entry().handle(), dir, b("named"));
        store.close(f.file());
        assertThat(content(lookup("named").handle())).isEqualTo(b("unnamed"));
    }

    @Test
    void seekFindsDataAndHoles() {
        Opened f = create("f");
        write(f.file(), 0, pattern(4, 65536));
        write(f.file(), 1 << 20, pattern(5, 65536));
        store.commit(ROOT, f.file());
        if (!store.features().contains(StoreFeature.SEEK_HOLE)) {
            fails(Errno.EOPNOTSUPP, () -> store.seek(ROOT, f.file(), 0, SEEK_DATA));
            store.close(f.file());
            return;
        }
        assertThat(store.seek(ROOT, f.file(), 0, SEEK_DATA)).isZero();
        assertThat(store.seek(ROOT, f.file(), 0, SEEK_HOLE)).isEqualTo(65536);
        assertThat(store.seek(ROOT, f.file(), 65536, SEEK_DATA)).isEqualTo(1 << 20);
        assertThat(store.seek(ROOT, f.file(), 1 << 20, SEEK_HOLE)).isEqualTo((1 << 20) + 65536);
        fails(Errno.ENXIO, () -> store.seek(ROOT, f.file(), (1 << 20) + 65536, SEEK_DATA));
        fails(Errno.EINVAL, () -> store.seek(ROOT, f.file(), 0, 0));
        store.close(f.file());
    }

    @Test
    void allocateReservesAndPunchGivesBack() {
        Opened f = create("f");
        write(f.file(), 0, pattern(6, 200_000));
        store.commit(ROOT, f.file());
        if (store.features().contains(StoreFeature.ALLOCATE)) {
            store.allocate(ROOT, f.file(), 200_000, 100_000, 0);
            assertThat(store.getattr(ROOT, f.entry().handle()).size()).isEqualTo(300_000);
            assertThat(read(f.file(), 200_000, 100_000)).isEqualTo(new byte[100_000]);
        } else {
            fails(Errno.EOPNOTSUPP, () -> store.allocate(ROOT, f.file(), 200_000, 100_000, 0));
        }
        long size = store.getattr(ROOT, f.entry().handle()).size();
        if (store.features().contains(StoreFeature.PUNCH_HOLE)) {
            store.allocate(ROOT, f.file(), 65536, 65536, PUNCH_HOLE);
            assertThat(read(f.file(), 65536, 65536)).isEqualTo(new byte[65536]);
            assertThat(read(f.file(), 0, 65536)).isEqualTo(Arrays.copyOf(pattern(6, 200_000), 65536));
            assertThat(store.getattr(ROOT, f.entry().handle()).size()).isEqualTo(size);
        } else {
            fails(Errno.EOPNOTSUPP, () -> store.allocate(ROOT, f.file(), 65536, 65536, PUNCH_HOLE));
        }
        fails(Set.of(Errno.EINVAL, Errno.EOPNOTSUPP), () -> store.allocate(ROOT, f.file(), 0, 0, KEEP_SIZE));
        store.close(f.file());
    }

    @Test
    void copiesInsideTheStore() {
        Opened from = create("from");
        Opened to = create("to");
        byte[] data = pattern(7, 300_000);
        write(from.file(), 0, data);
        store.commit(ROOT, from.file());
        if (!store.features().contains(StoreFeature.SERVER_COPY)) {
            fails(Errno.EOPNOTSUPP, () -> store.copy(ROOT, from.file(), 0, to.file(), 0, 10));
        } else {
            long done = 0;
            while (done < 200_000) {
                long n = store.copy(ROOT, from.file(), 1000 + done, to.file(), 50 + done, 200_000 - done);
                assertThat(n).isPositive();
                done += n;
            }
            store.commit(ROOT, to.file());
            assertThat(read(to.file(), 50, 200_000)).isEqualTo(Arrays.copyOfRange(data, 1000, 201_000));
            assertThat(store.getattr(ROOT, to.entry().handle()).size()).isEqualTo(200_050);
            assertThat(store.copy(ROOT, from.file(), 300_000, to.file(), 0, 10)).isZero();
        }
        store.close(from.file());
        store.close(to.file());
    }

    @Test
    void manyThreadsWriteOneFileAndManyFiles() throws Exception {
        int threads = 6;
        int pieces = 40;
        int piece = 20_011;
        byte[] data = pattern(8, threads * pieces * piece);
        Opened shared = create("shared");
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Object>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int id = t;
                all.add(pool.submit(() -> {
                    Opened own = create("own-" + id);
                    for (int i = 0; i < pieces; i++) {
                        int at = (i * threads + id) * piece;
                        byte[] part = Arrays.copyOfRange(data, at, at + piece);
                        write(shared.file(), at, part);
                        write(own.file(), (long) i * piece, part);
                        assertThat(Arrays.equals(read(own.file(), (long) i * piece, piece), part))
                                .isTrue();
                    }
                    store.commit(ROOT, own.file());
                    store.close(own.file());
                    return null;
                }));
            }
            for (Future<Object> f : all) {
                f.get();
            }
        }
        store.commit(ROOT, shared.file());
        assertThat(Arrays.equals(read(shared.file(), 0, data.length), data)).isTrue();
        store.close(shared.file());
        assertThat(store.getattr(ROOT, lookup("own-3").handle()).size()).isEqualTo((long) pieces * piece);
    }

    @Test
    void randomReadsAndWritesMatchAnArray() {
        long seed = Long.getLong("efc.seed", 20_261_124L);
        SplittableRandom random = new SplittableRandom(seed);
        int limit = 400_000;
        byte[] model = new byte[limit];
        int size = 0;
        Opened f = create("f");
        for (int i = 0; i < 300; i++) {
            int at = random.nextInt(limit - 1);
            int length = random.nextInt(Math.min(60_000, limit - at));
            switch (random.nextInt(8)) {
                case 0 -> {
                    store.setattr(ROOT, f.entry().handle(), f.file(), SetAttr.ofSize(at));
                    if (at < size) {
                        Arrays.fill(model, at, size, (byte) 0);
                    }
                    size = at;
                }
                case 1, 2, 3 -> {
                    byte[] data = pattern(i, length);
                    write(f.file(), at, data);
                    System.arraycopy(data, 0, model, at, length);
                    size = length == 0 ? size : Math.max(size, at + length);
                }
                case 4 ->
                    assertThat(store.commit(ROOT, f.file()).size())
                            .as("seed %d", seed)
                            .isEqualTo(size);
                default ->
                    assertThat(read(f.file(), at, length))
                            .as("seed %d, step %d", seed, i)
                            .isEqualTo(Arrays.copyOfRange(model, Math.min(at, size), Math.min(at + length, size)));
            }
        }
        store.close(f.file());
        assertThat(content(f.entry().handle())).as("seed %d", seed).isEqualTo(Arrays.copyOf(model, size));
    }

    @Test
    void locksKeepOthersOut() {
        needs(StoreFeature.BYTE_RANGE_LOCKS);
        Opened f = create("f");
        FileLock mine = new FileLock(1, 100, 50, true, 0);
        store.lock(ROOT, f.file(), mine, false);
        fails(Errno.EAGAIN, () -> store.lock(ROOT, f.file(), new FileLock(2, 149, 1, false, 0), false));
        FileLock conflict = store.testLock(ROOT, f.file(), new FileLock(2, 0, Long.MAX_VALUE, true, 0));
        assertThat(conflict).isNotNull();
        assertThat(java.util.Objects.requireNonNull(conflict).start()).isEqualTo(100);
        assertThat(conflict.length()).isEqualTo(50);
        assertThat(conflict.exclusive()).isTrue();
        store.lock(ROOT, f.file(), new FileLock(2, 150, 10, true, 0), false);
        assertThat(store.testLock(ROOT, f.file(), new FileLock(1, 100, 50, false, 0)))
                .isNull();
        store.unlock(ROOT, f.file(), new FileLock(1, 120, 10, true, 0));
        store.lock(ROOT, f.file(), new FileLock(2, 120, 10, true, 0), false);
        fails(Errno.EAGAIN, () -> store.lock(ROOT, f.file(), new FileLock(2, 110, 10, true, 0), false));
        store.unlock(ROOT, f.file(), new FileLock(1, 0, Long.MAX_VALUE, true, 0));
        store.lock(ROOT, f.file(), new FileLock(2, 0, Long.MAX_VALUE, true, 0), false);
        store.close(f.file());
    }

    @Test
    void sharedLocksGoTogetherAndLocksGoWithTheFile() {
        needs(StoreFeature.BYTE_RANGE_LOCKS);
        Opened f = create("f");
        Opened again = store.open(ROOT, f.entry().handle(), Access.READ_WRITE, false);
        store.lock(ROOT, f.file(), new FileLock(1, 0, 10, false, 0), false);
        store.lock(ROOT, again.file(), new FileLock(2, 5, 10, false, 0), false);
        fails(Errno.EAGAIN, () -> store.lock(ROOT, f.file(), new FileLock(1, 0, 20, true, 0), false));
        store.unlock(ROOT, again.file(), new FileLock(2, 0, Long.MAX_VALUE, false, 0));
        store.lock(ROOT, f.file(), new FileLock(1, 0, 20, true, 0), false);
        store.close(again.file());
        store.close(f.file());
        Opened later = store.open(ROOT, f.entry().handle(), Access.READ_WRITE, false);
        store.lock(ROOT, later.file(), new FileLock(3, 0, 20, true, 0), false);
        store.close(later.file());
    }

    @Test
    void aLockNeedsAFileOpenForIt() {
        needs(StoreFeature.BYTE_RANGE_LOCKS);
        StoreEntry f = file("f");
        Opened reader = store.open(ROOT, f.handle(), Access.READ, false);
        fails(Errno.EBADF, () -> store.lock(ROOT, reader.file(), new FileLock(1, 0, 10, true, 0), false));
        store.lock(ROOT, reader.file(), new FileLock(1, 0, 10, false, 0), false);
        store.close(reader.file());
    }

    @Test
    void aWaiterGetsTheLockWhenItIsGivenBackAndEndsWhenInterrupted() throws Exception {
        needs(StoreFeature.BYTE_RANGE_LOCKS);
        Opened f = create("f");
        store.lock(ROOT, f.file(), new FileLock(1, 0, 10, true, 0), false);
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            Future<?> waiter = pool.submit(() -> store.lock(ROOT, f.file(), new FileLock(2, 0, 10, true, 0), true));
            assertThatThrownBy(() -> waiter.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            store.unlock(ROOT, f.file(), new FileLock(1, 0, 10, true, 0));
            waiter.get(15, TimeUnit.SECONDS);

            CountDownLatch started = new CountDownLatch(1);
            Future<Errno> interrupted = pool.submit(() -> {
                started.countDown();
                try {
                    store.lock(ROOT, f.file(), new FileLock(3, 0, 10, true, 0), true);
                } catch (StoreException e) {
                    assertThat(Thread.currentThread().isInterrupted()).isTrue();
                    return e.errno();
                }
                return Errno.OK;
            });
            started.await();
            assertThatThrownBy(() -> interrupted.get(200, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            pool.shutdownNow();
            assertThat(interrupted.get(15, TimeUnit.SECONDS)).isEqualTo(Errno.EINTR);
        }
        store.close(f.file());
    }
}
