package io.efc.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HotnessTest {
    private static final long WINDOW = 1_000_000_000L;

    private final AtomicLong nanos = new AtomicLong(5);
    private final Hotness hotness = new Hotness(4096, 100, WINDOW, nanos::get);

    @Test
    void hotBlocksGetMoreReplicasAndColdOnesDoNot() {
        CacheKey hot = Contents.key(1, 1, 1 << 30);
        for (int i = 0; i < 20_000; i++) {
            hotness.record(Contents.key(100 + i % 2000, 1, 1 << 20), i % 7);
            if (i % 40 == 0) {
                hotness.record(hot, 3);
            }
        }
        assertThat(hotness.count(hot, 3)).isBetween(500, 550);
        assertThat(hotness.replicas(hot, 3, 1, 8)).isEqualTo(4);
        assertThat(hotness.replicas(hot, 3, 1, 2)).isEqualTo(2);
        assertThat(hotness.replicas(hot, 4, 1, 8)).isEqualTo(1);
        assertThat(hotness.replicas(Contents.key(1, 2, 1 << 30), 3, 1, 8)).isEqualTo(1);
    }

    @Test
    void neverCountsTooLow() {
        for (int i = 0; i < 50_000; i++) {
            hotness.record(Contents.key(i % 10_000, 1, 1), 0);
        }
        for (int i = 0; i < 10_000; i++) {
            assertThat(hotness.count(Contents.key(i, 1, 1), 0)).isGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void forgetsWithTime() {
        CacheKey key = Contents.key(1, 1, 1);
        for (int i = 0; i < 800; i++) {
            hotness.record(key, 0);
        }
        nanos.addAndGet(WINDOW);
        assertThat(hotness.count(key, 0)).isEqualTo(400);
        nanos.addAndGet(2 * WINDOW);
        assertThat(hotness.count(key, 0)).isEqualTo(100);
        nanos.addAndGet(1000 * WINDOW);
        assertThat(hotness.count(key, 0)).isZero();
        nanos.addAndGet(WINDOW - 10);
        hotness.record(key, 0);
        assertThat(hotness.count(key, 0)).isEqualTo(1);
    }
}
