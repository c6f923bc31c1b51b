package io.efc.client.internal;

import static io.efc.client.internal.Kernel.failing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the client makes of a store that fails, waits or changes. */
@Timeout(120)
class FaultsIT {
    private static final int CREATE = Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL;
    private static final int MIB = 1 << 20;

    @TempDir
    private Path home = Path.of("/");

    @SuppressWarnings("NullAway.Init")
    private Kernel kernel;

    @BeforeEach
    void open() throws IOException {
        kernel = new Kernel(home);
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    private static byte[] random(int length) {
        byte[] b = new byte[length];
        new Random(length).nextBytes(b);
        return b;
    }

    private byte[] stored(String name) throws IOException {
        return Files.readAllBytes(kernel.store().resolve(name));
    }

    @Test
    void smallWritesReachTheStoreAsLargeOnes() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        kernel.fault("write", a -> calls.incrementAndGet());
        Kernel.File f = kernel.create("f", CREATE);
        byte[] data = random(3 * MIB);
        for (int at = 0; at < data.length; at += 8192) {
            assertThat(kernel.write(f, at, Arrays.copyOfRange(data, at, at + 8192)))
                    .isEqualTo(Errno.OK);
        }
        assertThat(kernel.flush(f)).isEqualTo(Errno.OK);
        assertThat(stored("f")).isEqualTo(data);
        assertThat(calls.get()).isBetween(3, 8);
        kernel.release(f);
    }

    @Test
    void aWriteThatFailsIsToldOnceToEveryOpenFile() {
        Kernel.File f = kernel.create("f", CREATE);
        Kernel.File g = kernel.open("f", Libc.O_RDWR);
        kernel.fault("write", failing(Errno.EIO, 1));
        assertThat(kernel.write(f, 0, random(1000))).isEqualTo(Errno.OK);
        assertThat(kernel.fsync(f)).isEqualTo(Errno.EIO);
        assertThat(kernel.fsync(f)).isEqualTo(Errno.OK);
        assertThat(kernel.flush(g)).isEqualTo(Errno.EIO);
        assertThat(kernel.flush(g)).isEqualTo(Errno.OK);
        Kernel.File h = kernel.open("f", Libc.O_RDWR);
        assertThat(kernel.fsync(h)).isEqualTo(Errno.OK);
        kernel.release(f);
        kernel.release(g);
        kernel.release(h);
    }

    @Test
    void noRoomIsToldToTheNextWriteAndThenToTheWriteThatHasIt() {
        Kernel.File f = kernel.create("f", CREATE);
        kernel.fault("write", failing(Errno.ENOSPC, 2));
        assertThat(kernel.write(f, 0, random(MIB))).isEqualTo(Errno.OK);
        assertThat(kernel.size(f)).isZero();
        assertThat(kernel.write(f, MIB, random(10))).isEqualTo(Errno.ENOSPC);
        assertThat(kernel.write(f, MIB, random(10))).isEqualTo(Errno.ENOSPC);
        assertThat(kernel.write(f, 0, random(10))).isEqualTo(Errno.OK);
        assertThat(kernel.fsync(f)).isEqualTo(Errno.OK);
        kernel.release(f);
    }

    @Test
    void aSlowStoreHoldsWritersBackAndLosesNothing() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        kernel.fault("write", a -> open.await());
        Kernel.File f = kernel.create("f", CREATE);
        byte[] data = random(12 * MIB);
        AtomicLong written = new AtomicLong();
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int at = 0; at < data.length; at += MIB) {
                if (kernel.write(f, at, Arrays.copyOfRange(data, at, at + MIB)).isOk()) {
                    written.addAndGet(MIB);
                }
            }
        });
        writer.join(500);
        assertThat(writer.isAlive()).isTrue();
        assertThat(written.get()).isLessThanOrEqualTo(4L * MIB);
        open.countDown();
        writer.join();
        assertThat(kernel.flush(f)).isEqualTo(Errno.OK);
        assertThat(stored("f")).isEqualTo(data);
        kernel.release(f);
    }

    @Test
    void manyOpenFilesShareTheRoomForDirtyBytes() throws Exception {
        Kernel.File[] files = new Kernel.File[40];
        for (int i = 0; i < files.length; i++) {
            files[i] = kernel.create("f" + i, CREATE);
            assertThat(kernel.write(files[i], 0, random(100 + i))).isEqualTo(Errno.OK);
        }
        for (int i = 0; i < files.length; i++) {
            kernel.release(files[i]);
            assertThat(stored("f" + i)).isEqualTo(random(100 + i));
        }
    }

    @Test
    void ownWritesAreReadBeforeTheStoreHasThem() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        Kernel.File f = kernel.create("f", CREATE);
        byte[] data = random(10_000);
        assertThat(kernel.write(f, 5000, data)).isEqualTo(Errno.OK);
        assertThat(stored("f")).isEmpty();
        assertThat(kernel.read(f, 0, 5000)).isEqualTo(new byte[5000]);
        assertThat(kernel.read(f, 5000, 10_000)).isEqualTo(data);
        assertThat(kernel.size(f)).isEqualTo(15_000);
        open.countDown();
        kernel.release(f);
    }

    @Test
    void aReadThatFailsLeavesNothingBehind() throws Exception {
        byte[] data = random(4 * MIB);
        Files.write(kernel.store().resolve("f"), data);
        Kernel.File f = kernel.open("f", Libc.O_RDONLY);
        kernel.fault("read", failing(Errno.EIO, 1000));
        assertThatThrownBy(() -> kernel.read(f, 0, 256 << 10))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
        kernel.fault("read", null);
        for (int at = 0; at < data.length; at += 256 << 10) {
            assertThat(kernel.read(f, at, 256 << 10)).isEqualTo(Arrays.copyOfRange(data, at, at + (256 << 10)));
        }
        kernel.release(f);
    }

    @Test
    void readersOfARangeThatIsBeingFetchedWaitForIt() throws Exception {
        byte[] data = random(8 * MIB);
        Files.write(kernel.store().resolve("f"), data);
        kernel.fault("read", a -> TimeUnit.MILLISECONDS.sleep(20));
        Thread[] readers = new Thread[4];
        AtomicInteger right = new AtomicInteger();
        Kernel.File f = kernel.open("f", Libc.O_RDONLY);
        for (int i = 0; i < readers.length; i++) {
            int first = i;
            readers[i] = Thread.ofPlatform().start(() -> {
                for (int at = first * (256 << 10); at < data.length; at += MIB) {
                    if (Arrays.equals(kernel.read(f, at, 256 << 10), 0, 256 << 10, data, at, at + (256 << 10))) {
                        right.incrementAndGet();
                    }
                }
            });
        }
        for (Thread t : readers) {
            t.join();
        }
        assertThat(right.get()).isEqualTo(32);
        assertThat(kernel.metric("efc_client_read_fetched_bytes_total")).isBetween(8.0 * MIB, 9.5 * MIB);
        kernel.release(f);
    }

    @Test
    void aReadIsOfOneVersion() throws Exception {
        Path behind = kernel.store().resolve("f");
        byte[] one = new byte[4 * MIB];
        byte[] two = new byte[4 * MIB];
        Arrays.fill(one, (byte) 1);
        Arrays.fill(two, (byte) 2);
        Files.write(behind, one);
        Kernel.File f = kernel.open("f", Libc.O_RDONLY);
        assertThat(kernel.read(f, 0, MIB)).containsOnly(1);
        Files.write(behind, two);
        for (int at = 2 * MIB; at < 4 * MIB; at += MIB) {
            byte[] got = kernel.read(f, at, MIB);
            assertThat(got).containsOnly(got[0]);
        }
        kernel.release(f);
        assertThat(kernel.read(kernel.open("f", Libc.O_RDONLY), 0, MIB)).hasSize(MIB);
    }

    @Test
    void aSignalDoesNotEndWhatPosixLetsNoSignalEnd() throws Exception {
        Files.writeString(kernel.store().resolve("f"), "x");
        AtomicInteger calls = new AtomicInteger();
        kernel.fault("lookup", a -> {
            if (calls.incrementAndGet() == 1) {
                Thread.currentThread().interrupt();
                throw new StoreException(Errno.EINTR, "injected");
            }
        });
        assertThat(kernel.lookup("f")).isPositive();
        assertThat(calls.get()).isEqualTo(2);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aDescriptorIsClosedWhileItsFileWaitsForTheServer() throws Exception {
        Files.write(kernel.store().resolve("f"), random(1000));
        Kernel.File f = kernel.open("f", Libc.O_RDONLY);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        kernel.fault("open", a -> {
            asked.countDown();
            answered.await();
        });
        try (ExecutorService programs = Executors.newCachedThreadPool()) {
            Future<byte[]> read = programs.submit(() -> kernel.read(f, 0, 1000));
            try {
                asked.await();
                // What a child process does that inherited the descriptor.
                Future<Errno> close = programs.submit(() -> kernel.flush(f));
                assertThat(close.get(10, TimeUnit.SECONDS)).isEqualTo(Errno.OK);
                assertThat(read.isDone()).isFalse();
            } finally {
                answered.countDown();
            }
            assertThat(read.get()).isEqualTo(random(1000));
        }
        kernel.release(f);
    }

    @Test
    void aCommitThatFailsIsToldAndTriedAgain() throws Exception {
        Kernel.File f = kernel.create("f", CREATE);
        kernel.fault("commit", failing(Errno.EIO, 1));
        assertThat(kernel.write(f, 0, random(1000))).isEqualTo(Errno.OK);
        assertThat(kernel.fsync(f)).isEqualTo(Errno.EIO);
        AtomicInteger commits = new AtomicInteger();
        kernel.fault("commit", a -> commits.incrementAndGet());
        assertThat(kernel.fsync(f)).isEqualTo(Errno.OK);
        assertThat(commits.get()).isEqualTo(1);
        assertThat(kernel.fsync(f)).isEqualTo(Errno.OK);
        assertThat(commits.get()).isEqualTo(1);
        kernel.release(f);
    }

    @Test
    void absentNamesAreAskedForOnce() {
        AtomicInteger calls = new AtomicInteger();
        kernel.fault("lookup", a -> calls.incrementAndGet());
        assertThat(kernel.lookup("nothing")).isZero();
        assertThat(kernel.lookup("nothing")).isZero();
        assertThat(calls.get()).isEqualTo(1);
        Kernel.File f = kernel.create("nothing", CREATE);
        assertThat(kernel.lookup("nothing")).isEqualTo(f.nodeId());
        kernel.release(f);
        assertThat(kernel.unlink("nothing")).isEqualTo(Errno.OK);
        assertThat(kernel.lookup("nothing")).isZero();
    }

    @Test
    void aDirectoryThatIsGivenTheNodeIdOfAnotherHasItsOwnNames() throws Exception {
        Path first = Files.createDirectory(kernel.store().resolve("first"));
        Path second = Files.createDirectory(kernel.store().resolve("second"));
        Files.writeString(first.resolve("a"), "");
        Files.writeString(second.resolve("b"), "");
        long node = kernel.lookup("first");
        long a = kernel.lookup(node, "a");
        assertThat(kernel.lookup(node, "b")).isZero();
        kernel.forget(node);

        assertThat(kernel.lookup("second")).isEqualTo(node);
        assertThat(kernel.lookup(node, "b")).isNotZero().isNotEqualTo(a);
        assertThat(kernel.lookup(node, "a")).isZero();
    }
}
