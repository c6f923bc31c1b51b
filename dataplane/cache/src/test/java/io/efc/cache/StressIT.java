package io.efc.cache;

import static io.efc.cache.CacheFixture.MIB;
import static io.efc.cache.CacheFixture.SUB;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads put, read, pin, hold and invalidate in a cache much smaller than what they use, so that eviction never rests.
 * Every byte tells its content, version and position; the disk space is measured meanwhile, file after file, so that
 * what moves from one to another may be seen twice; at the end the inner state is audited.
 */
@Timeout(180)
class StressIT {
    private static final int THREADS = 6;
    private static final int FILES = 40;
    private static final int ROUNDS = 1500;

    private final ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final LongAdder bytesRead = new LongAdder();
    private final LongAdder wholes = new LongAdder();

    @Test
    void everyByteIsRightForASecond() throws Exception {
        run(new long[] {24}, 1, 1000);
        run(new long[] {24, 40}, 2, 1000);
    }

    /** One thread puts so much that all it puts moves on, and invalidates it meanwhile. */
    @ParameterizedTest(name = "quotas {0} MiB")
    @ValueSource(strings = {"16", "16 16", "16 16 16"})
    void nothingOnItsWayComesThroughAnInvalidation(String quotas) {
        long[] mib = Stream.of(quotas.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        SplittableRandom random = new SplittableRandom(mib.length);
        try (CacheFixture fixture = CacheFixture.open(mib)) {
            for (int i = 0; i < ROUNDS; i++) {
                CacheKey key = Contents.key(random.nextInt(80), 1, random.nextInt(2) == 0 ? SUB : MIB);
                fixture.put(key, 0, (int) key.size());
                CacheKey used = Contents.key(random.nextInt(80), 1, random.nextInt(2) == 0 ? SUB : MIB);
                fixture.pause();
                fixture.read(used, 0, (int) used.size());
                CacheKey gone = Contents.key(random.nextInt(80), 1, SUB);
                fixture.cache.invalidateFile(gone.dataset(), gone.fileHi(), gone.fileLo());
                for (int look = 0; look < 20; look++) {
                    assertThat(fixture.cache.missing(gone, 0, SUB))
                            .as("small, look %d", look)
                            .isNotZero();
                    assertThat(fixture.cache.missing(Contents.key(gone.fileLo(), 1, MIB), 0, MIB))
                            .as("large, look %d", look)
                            .isEqualTo(0xffff);
                }
            }
            fixture.settle();
            fixture.audit();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {3, 4, 5, 6})
    @Tag("slow")
    void everyByteIsRight(long seed) throws Exception {
        run(seed % 2 == 0 ? new long[] {24, 40} : new long[] {24}, seed, 10_000);
    }

    /** With room for all and nobody who removes anything, what put admits is there when it returns. */
    @Test
    void putTellsTheTruth() throws Exception {
        try (CacheFixture fixture = CacheFixture.open(256)) {
            CyclicBarrier barrier = new CyclicBarrier(4);
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                SplittableRandom random = new SplittableRandom(t);
                threads.add(Thread.ofPlatform().start(() -> putTogether(fixture, barrier, random)));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(errors).isEmpty();
            fixture.audit();
        }
    }

    private void putTogether(CacheFixture fixture, CyclicBarrier barrier, SplittableRandom random) {
        try {
            for (int i = 0; i < 150; i++) {
                CacheKey key = Contents.key(i, 1, i % 3 == 0 ? SUB : MIB);
                barrier.await();
                int from = key.size() == SUB ? 0 : random.nextInt(8) * SUB;
                int length = key.size() == SUB ? SUB : MIB - from;
                if (fixture.put(key, from, length)) {
                    assertThat(fixture.cache.missing(key, from, length)).isZero();
                }
                assertThat(fixture.read(key, from, length)).isIn(-1, length);
            }
        } catch (Throwable e) {
            errors.add(e);
            barrier.reset();
        }
    }

    private void run(long[] quotas, long seed, long millis) throws Exception {
        stop.set(false);
        try (CacheFixture fixture = CacheFixture.open(quotas)) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                SplittableRandom random = new SplittableRandom(seed * 1000 + t);
                threads.add(Thread.ofPlatform().start(() -> work(fixture, random)));
            }
            long quota = fixture.cache.usage().quotaBytes();
            long start = System.nanoTime();
            while (errors.isEmpty() && (System.nanoTime() - start < millis * 1_000_000 || !sawAll(fixture, start))) {
                fixture.pause();
                assertThat(fixture.cache.usage().usedBytes()).isLessThanOrEqualTo(quota);
                assertThat(diskBytes(fixture, quota)).isLessThan(quota + quota / 4);
                Thread.sleep(5);
            }
            stop.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(errors).isEmpty();
            assertThat(fixture.cache.usage().corrupted()).isZero();
            assertThat(fixture.tier().evictedBytes()).isPositive();
            assertThat(bytesRead.sum()).isPositive();
            assertThat(wholes.sum()).isPositive();
            fixture.settle();
            fixture.audit();
        }
    }

    /** Whether everything happened that is to be asserted, or never will. */
    private boolean sawAll(CacheFixture fixture, long startNanos) {
        boolean saw = fixture.tier().evictedBytes() > 0 && bytesRead.sum() > 0 && wholes.sum() > 0;
        return saw || System.nanoTime() - startNanos > 60_000_000_000L;
    }

    /** The disk space; measured again if it seems too much, as this thread may have been kept from the processor between two files. */
    private static long diskBytes(CacheFixture fixture, long quota) {
        long bytes = fixture.diskBytes();
        for (int i = 0; i < 20 && bytes >= quota + quota / 4; i++) {
            bytes = fixture.diskBytes();
        }
        return bytes;
    }

    private void work(CacheFixture fixture, SplittableRandom random) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MIB, 64);
            while (!stop.get() && errors.isEmpty()) {
                step(fixture, random, buffer);
            }
        } catch (Throwable e) {
            errors.add(e);
        }
    }

    private static CacheKey key(SplittableRandom random) {
        long file = random.nextInt(random.nextInt(FILES) + 1);
        SplittableRandom shape = new SplittableRandom(file);
        long size = shape.nextInt(3) == 0 ? 1 + shape.nextInt(SUB) : 1 + shape.nextInt(4 * MIB);
        return Contents.key(file, random.nextInt(2), size);
    }

    private void step(CacheFixture fixture, SplittableRandom random, MemorySegment buffer) {
        CacheKey key = key(random);
        long block = random.nextLong((key.size() + MIB - 1) / MIB) * MIB;
        int bytes = (int) Math.min(MIB, key.size() - block);
        int from = random.nextInt(bytes);
        int length = 1 + random.nextInt(bytes - from);
        switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> {
                int aligned = from / SUB * SUB;
                int whole = Math.min(bytes - aligned, (1 + random.nextInt(16)) * SUB);
                Contents.fill(buffer, 0, key, block + aligned, whole);
                fixture.cache.put(key, block + aligned, buffer, 0, whole);
            }
            case 4 -> {
                for (long p = 0; p < key.size(); p += MIB) {
                    int n = (int) Math.min(MIB, key.size() - p);
                    Contents.fill(buffer, 0, key, p, n);
                    fixture.cache.put(key, p, buffer, 0, n);
                }
            }
            case 5 -> whole(fixture, key, buffer);
            case 6, 7 -> pin(fixture, key, block + from, length, buffer);
            case 8 -> invalidate(fixture, random, key);
            default -> {
                int n = fixture.cache.read(key, block + from, buffer, 0, length);
                assertThat(n).isIn(-1, length);
                check(key, block + from, n, buffer);
            }
        }
    }

    private static void invalidate(CacheFixture fixture, SplittableRandom random, CacheKey key) {
        if (random.nextBoolean()) {
            fixture.cache.invalidateFile(key.dataset(), key.fileHi(), key.fileLo());
        } else {
            fixture.cache.invalidateOthers(key);
        }
    }

    private void pin(CacheFixture fixture, CacheKey key, long position, int length, MemorySegment buffer) {
        BlockPin pin = fixture.cache.pin(key, position, length);
        if (pin == null) {
            return;
        }
        try {
            assertThat(Libc.pread(pin.fd(), buffer, 0, length, pin.fileOffset()))
                    .isEqualTo(length);
            check(key, position, length, buffer);
            assertThat(pin.verify()).isTrue();
        } finally {
            pin.close();
        }
    }

    private void whole(CacheFixture fixture, CacheKey key, MemorySegment buffer) {
        try (WholeFile whole = fixture.cache.whole(key)) {
            for (long p = 0; whole != null && p < key.size(); p += MIB) {
                int n = (int) Math.min(MIB, key.size() - p);
                assertThat(Libc.pread(whole.fd(), buffer, 0, n, p)).isEqualTo(n);
                check(key, p, n, buffer);
                wholes.increment();
            }
        }
    }

    private void check(CacheKey key, long position, int length, MemorySegment buffer) {
        long bad = length < 0 ? -1 : Contents.mismatch(buffer, 0, key, position, length);
        if (bad >= 0) {
            throw new AssertionError(
                    key + " at " + (position + bad) + " of [" + position + ", +" + length + "): wrong");
        }
        bytesRead.add(Math.max(0, length));
    }
}
