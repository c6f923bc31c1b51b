package io.efc.cache;

import static io.efc.cache.CacheFixture.MIB;
import static io.efc.cache.CacheFixture.SUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Metrics;
import io.efc.base.Ticker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FillTest {
    private final Path root = CacheFixture.temporary();
    private final BlockCache cache =
            BlockCache.open(new CacheConfig(CacheFixture.tiers(root, 64)), new Metrics(), Ticker.system());
    private final CacheKey key = Contents.key(1, 1, 4L * MIB + 3L * SUB);

    @AfterEach
    void close() {
        cache.close();
        CacheFixture.delete(root);
    }

    @Test
    void givesEachSubRangeToOne() {
        try (Fill first = cache.claim(key, 0, 0b0111)) {
            assertThat(first.mask()).isEqualTo(0b0111);
            assertThat(first.others()).isZero();
            try (Fill second = cache.claim(key, 0, 0b1110)) {
                assertThat(second.mask()).isEqualTo(0b1000);
                assertThat(second.others()).isEqualTo(0b0110);
                try (Fill third = cache.claim(key, 1, 0b1)) {
                    assertThat(third.mask()).isEqualTo(0b1);
                }
            }
        }
        try (Fill again = cache.claim(key, 0, 0b1111)) {
            assertThat(again.mask()).isEqualTo(0b1111);
        }
    }

    @Test
    void claimsNothingThatIsPresentOrPastTheEnd() {
        put(4L * MIB, SUB);
        try (Fill fill = cache.claim(key, 4, -1)) {
            assertThat(fill.mask()).isEqualTo(0b110);
        }
    }

    @Test
    void waiterWakesWhenTheHolderIsDone() throws Exception {
        Fill holder = cache.claim(key, 0, 1);
        CountDownLatch waiting = new CountDownLatch(1);
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread waiter = Thread.ofPlatform().start(() -> {
            try (Fill fill = cache.claim(key, 0, 1)) {
                waiting.countDown();
                outcome.set(fill.await(System.nanoTime() + 50_000_000_000L));
            } catch (InterruptedException e) {
                outcome.set(e);
            }
        });
        waiting.await();
        put(0, SUB);
        holder.close();
        waiter.join();
        assertThat(outcome.get()).isEqualTo(true);
        try (Fill after = cache.claim(key, 0, 1)) {
            assertThat(after.mask()).isZero();
            assertThat(after.others()).isZero();
        }
    }

    @Test
    void waiterTakesOverWhenTheHolderFailed() throws Exception {
        Fill holder = cache.claim(key, 0, 1);
        try (Fill waiter = cache.claim(key, 0, 1)) {
            holder.close();
            assertThat(waiter.await(System.nanoTime() + 1_000_000_000L)).isTrue();
        }
        try (Fill next = cache.claim(key, 0, 1)) {
            assertThat(next.mask()).isEqualTo(1);
        }
    }

    @Test
    void waitEndsAtTheDeadline() throws Exception {
        try (Fill holder = cache.claim(key, 0, 1);
                Fill waiter = cache.claim(key, 0, 1)) {
            assertThat(holder.mask()).isEqualTo(1);
            assertThat(waiter.await(System.nanoTime() + 5_000_000)).isFalse();
        }
    }

    @Test
    void waitEndsByInterrupt() {
        try (Fill holder = cache.claim(key, 0, 1);
                Fill waiter = cache.claim(key, 0, 1)) {
            assertThat(holder.mask()).isEqualTo(1);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> waiter.await(System.nanoTime() + 50_000_000_000L))
                    .isInstanceOf(InterruptedException.class);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void nothingIsFetchedTwice(long seed) throws Exception {
        int subRanges = 67;
        AtomicIntegerArray fetched = new AtomicIntegerArray(subRanges);
        AtomicIntegerArray failed = new AtomicIntegerArray(subRanges);
        ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            SplittableRandom random = new SplittableRandom(seed * 100 + t);
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 200; i++) {
                        obtain(random, fetched, failed);
                    }
                } catch (Throwable e) {
                    errors.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(errors).isEmpty();
        for (int i = 0; i < subRanges; i++) {
            assertThat(fetched.get(i)).as("fetches of sub-range %d", i).isLessThanOrEqualTo(1);
        }
    }

    /** Wants a random part of a block until all of it is there; one fetch in eight fails. */
    private void obtain(SplittableRandom random, AtomicIntegerArray fetched, AtomicIntegerArray failed)
            throws InterruptedException {
        int block = random.nextInt(5);
        long wanted = random.nextLong() & cache.mask(0, block == 4 ? 3 * SUB : MIB);
        while (true) {
            try (Fill fill = cache.claim(key, block, wanted)) {
                if (fill.mask() == 0 && fill.others() == 0) {
                    return;
                }
                boolean fails = random.nextInt(8) == 0;
                for (long left = fill.mask(); left != 0; left &= left - 1) {
                    int i = Long.numberOfTrailingZeros(left);
                    (fails ? failed : fetched).incrementAndGet(block * 16 + i);
                    if (!fails) {
                        put(block * (long) MIB + i * (long) SUB, SUB);
                    }
                }
                if (fill.mask() == 0 && !fill.await(System.nanoTime() + 30_000_000_000L)) {
                    throw new AssertionError("the deadline passed");
                }
            }
        }
    }

    private void put(long position, int length) {
        try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
            assertThat(cache.put(key, position, Contents.of(arena, key, position, length), 0, length))
                    .isTrue();
        }
    }
}
