package io.efc.client.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.fuse.FuseAttr;
import io.efc.store.FileHandle;
import io.efc.store.StoreAttr;
import io.efc.store.StoreException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table over a real mapped file. */
class InodeTableIT {
    @TempDir
    private Path directory = Path.of("/");

    @SuppressWarnings("NullAway.Init")
    private InodeTable table;

    @BeforeEach
    void openTable() {
        table = InodeTable.open(directory, 1 << 20);
        table.root(0, handle(0, 8), 7);
    }

    @AfterEach
    void closeTable() {
        table.close();
    }

    private static FileHandle handle(long number, int length) {
        byte[] b = new byte[length];
        ByteBuffer.wrap(b).putLong(number);
        for (int i = 8; i < length; i++) {
            b[i] = (byte) (number * 31 + i);
        }
        return new FileHandle(b);
    }

    private static StoreAttr attr(long size, long ctime) {
        return new StoreAttr(7, 1, 0100644, 1, 10, 20, 0, size, 8, 1, 2, ctime, 4);
    }

    @Test
    void theRootIsNodeOne() {
        assertThat(table.find(0, handle(0, 8))).isEqualTo(1);
        table.forget(1, 1000);
        assertThat(table.isLive(1)).isTrue();
    }

    @Test
    void whatAChangeSaysIsKeptUnlessAnotherChangeWasAnsweredMeanwhile() {
        long a = table.intern(0, handle(1, 40), 7, 1, 1);
        table.changed(a, 20, attr(1, 1), 10);
        assertThat(table.fetchedAt(a)).isEqualTo(10);
        assertThat(table.size(a)).isEqualTo(1);
        assertThat(table.apply(a, attr(9, 9), 19)).isFalse();
        table.changed(a, 31, attr(2, 2), 21);
        table.changed(a, 32, attr(3, 3), 22);
        assertThat(table.fetchedAt(a)).isEqualTo(Freshness.UNKNOWN);
        assertThat(table.size(a)).isEqualTo(2);
        assertThat(table.apply(a, attr(4, 4), 32)).isTrue();
        table.changed(a, 40, null, 33);
        assertThat(table.fetchedAt(a)).isEqualTo(Freshness.UNKNOWN);
        table.unsettled(a);
        table.changed(a, 50, attr(5, 5), 45);
        assertThat(table.fetchedAt(a)).isEqualTo(Freshness.UNKNOWN);
        table.settled(a, 60);
        assertThat(table.apply(a, attr(6, 6), 60)).isTrue();
    }

    @Test
    void oneFileHasOneNodeAndMountsAreApart() {
        long a = table.intern(0, handle(1, 40), 7, 1, 1);
        assertThat(table.intern(0, handle(1, 40), 7, 1, 2)).isEqualTo(a);
        assertThat(table.nlookup(a)).isEqualTo(3);
        assertThat(table.intern(1, handle(1, 40), 7, 1, 1)).isNotEqualTo(a);
        assertThat(table.find(2, handle(1, 40))).isZero();
    }

    @Test
    void handlesOfAllLengthsComeBack() {
        for (int length = 8; length <= FileHandle.BYTES_MAX; length++) {
            long id = table.intern(0, handle(length, length), 7, 1, 1);
            assertThat(table.handle(id)).isEqualTo(handle(length, length));
            byte[] other = handle(length, length).bytes().clone();
            other[length - 1]++;
            assertThat(table.find(0, new FileHandle(other))).isZero();
        }
    }

    @Test
    void aForgottenNodeIsStaleAndItsNumberGetsAnotherGeneration() {
        long a = table.intern(0, handle(1, 100), 7, 1, 2);
        long generation = table.generation(a);
        table.forget(a, 1);
        assertThat(table.isLive(a)).isTrue();
        table.forget(a, 1);
        assertThat(table.isLive(a)).isFalse();
        assertThatThrownBy(() -> table.handle(a))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("ESTALE");
        long b = table.intern(0, handle(2, 10), 7, 1, 1);
        assertThat(b).isEqualTo(a);
        assertThat(table.generation(b)).isGreaterThan(generation);
        assertThat(table.acquire(b, generation)).isFalse();
        assertThat(table.acquire(b, table.generation(b))).isTrue();
        assertThat(table.nlookup(b)).isEqualTo(2);
    }

    @Test
    void aPinnedNodeOutlivesForget() {
        long a = table.intern(0, handle(1, 16), 7, 1, 1);
        table.pin(a);
        table.forget(a, 1);
        assertThat(table.handle(a)).isEqualTo(handle(1, 16));
        table.unpin(a);
        assertThat(table.isLive(a)).isFalse();
    }

    @Test
    void forgettingMoreThanWasLookedUpIsRefused() {
        long a = table.intern(0, handle(1, 16), 7, 1, 1);
        assertThatThrownBy(() -> table.forget(a, 2)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSuccessorFindsEverything() {
        Map<Long, FileHandle> known = new HashMap<>();
        Map<Long, Long> generations = new HashMap<>();
        Random random = new Random(1);
        for (int i = 1; i <= 5000; i++) {
            FileHandle h = handle(i, 8 + random.nextInt(FileHandle.BYTES_MAX - 7));
            long id = table.intern(0, h, 7, 1, 1 + i % 5);
            if (i % 3 == 0) {
                table.forget(id, 1 + i % 5);
            } else {
                known.put(id, h);
                table.apply(id, attr(i, i), 100);
            }
        }
        known.keySet().removeIf(id -> !table.isLive(id));
        for (Map.Entry<Long, FileHandle> e : List.copyOf(known.entrySet())) {
            if (!table.handle(e.getKey()).equals(e.getValue())) {
                known.remove(e.getKey());
            } else {
                generations.put(e.getKey(), table.generation(e.getKey()));
            }
        }
        long count = table.count();
        table.close();
        table = InodeTable.open(directory, 1 << 20);
        table.root(0, handle(0, 8), 7);
        assertThat(table.count()).isEqualTo(count);
        assertThat(known).hasSizeGreaterThan(3000);
        known.forEach((id, h) -> {
            assertThat(table.find(0, h)).isEqualTo(id);
            assertThat(table.handle(id)).isEqualTo(h);
            assertThat(table.generation(id)).isEqualTo(generations.get(id));
            assertThat(table.nlookup(id)).isPositive();
            assertThat(table.fetchedAt(id)).isEqualTo(Freshness.UNKNOWN);
        });
        long fresh = table.intern(0, handle(99_999, 30), 7, 1, 1);
        assertThat(known).doesNotContainKey(fresh);
    }

    @Test
    void refusesAFileThatIsNoTable() throws Exception {
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.write(other.resolve("inodes"), new byte[10_000]);
        assertThatThrownBy(() -> InodeTable.open(other, 1000))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("inodes");
    }

    @Test
    void aTableOfAnotherDatasetIsRefused() {
        assertThatThrownBy(() -> table.root(0, handle(77, 8), 7))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("another data set");
    }

    @Test
    void fullIsAnError() throws Exception {
        try (InodeTable small = InodeTable.open(Files.createDirectory(directory.resolve("small")), 3)) {
            for (int i = 0; i < 3; i++) {
                small.intern(0, handle(i, 8), 7, 1, 1);
            }
            assertThatThrownBy(() -> small.intern(0, handle(9, 8), 7, 1, 1)).hasMessageContaining("ENOMEM");
            assertThat(small.intern(0, handle(1, 8), 7, 1, 1)).isPositive();
        }
    }

    @Test
    void answersThatOvertakeEachOtherDoNotBringOldAttributesBack() {
        long a = table.intern(0, handle(1, 16), 7, 1, 1);
        assertThat(table.apply(a, attr(2, 2), 20)).isTrue();
        assertThat(table.apply(a, attr(1, 1), 10)).isFalse();
        assertThat(table.size(a)).isEqualTo(2);
        table.changed(a, 30);
        assertThat(table.fetchedAt(a)).isEqualTo(Freshness.UNKNOWN);
        assertThat(table.apply(a, attr(3, 3), 29)).isFalse();
        assertThat(table.apply(a, attr(4, 4), 30)).isTrue();
        assertThat(table.size(a)).isEqualTo(4);
        assertThat(table.fetchedAt(a)).isEqualTo(30);
    }

    @Test
    void absentAttributesAreForgottenWhenTheFileChanges() {
        long a = table.intern(0, handle(1, 16), 7, 1, 1);
        table.apply(a, attr(1, 5), 1);
        table.set(a, InodeTable.NO_CAPABILITY, true);
        table.apply(a, attr(1, 5), 2);
        assertThat(table.has(a, InodeTable.NO_CAPABILITY)).isTrue();
        table.apply(a, attr(1, 6), 3);
        assertThat(table.has(a, InodeTable.NO_CAPABILITY)).isFalse();
    }

    @Test
    void hiddenNamesAreNotCounted() {
        long a = table.intern(0, handle(1, 16), 7, 1, 1);
        table.apply(a, attr(1, 5), 1);
        Nlink nlink = new Nlink();
        table.fill(a, nlink);
        assertThat(nlink.value).isEqualTo(1);
        table.set(a, InodeTable.SILLY, true);
        table.fill(a, nlink);
        assertThat(nlink.value).isZero();
    }

    @Test
    void concurrentLookupsAndForgetsLeaveNothingBehind() throws Exception {
        int threads = 4;
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Thread> running = new ArrayList<>();
        List<Throwable> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int t = 0; t < threads; t++) {
            long seed = t;
            running.add(Thread.ofPlatform().start(() -> {
                try {
                    start.await(10, TimeUnit.SECONDS);
                    Random random = new Random(seed);
                    for (int i = 0; i < 40_000; i++) {
                        FileHandle h = handle(1 + random.nextInt(200), 8 + random.nextInt(2) * 80);
                        long id = table.intern(0, h, 7, 1, 1);
                        if (!table.handle(id).equals(h)) {
                            throw new IllegalStateException("node " + id + " is another file");
                        }
                        table.apply(id, attr(i, i), i);
                        table.forget(id, 1);
                    }
                } catch (Throwable e) {
                    wrong.add(e);
                }
            }));
        }
        for (Thread t : running) {
            t.join();
        }
        assertThat(wrong).isEmpty();
        assertThat(table.count()).isEqualTo(1);
    }

    /** Takes the link count of an answer. */
    private static final class Nlink implements FuseAttr {
        int value;

        @Override
        public FuseAttr ino(long ino) {
            return this;
        }

        @Override
        public FuseAttr size(long bytes) {
            return this;
        }

        @Override
        public FuseAttr blocks(long count) {
            return this;
        }

        @Override
        public FuseAttr atime(long nanos) {
            return this;
        }

        @Override
        public FuseAttr mtime(long nanos) {
            return this;
        }

        @Override
        public FuseAttr ctime(long nanos) {
            return this;
        }

        @Override
        public FuseAttr mode(int mode) {
            return this;
        }

        @Override
        public FuseAttr nlink(int count) {
            value = count;
            return this;
        }

        @Override
        public FuseAttr uid(int uid) {
            return this;
        }

        @Override
        public FuseAttr gid(int gid) {
            return this;
        }

        @Override
        public FuseAttr rdev(int device) {
            return this;
        }

        @Override
        public FuseAttr blksize(int bytes) {
            return this;
        }
    }
}
