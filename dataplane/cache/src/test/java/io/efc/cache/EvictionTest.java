package io.efc.cache;

import static io.efc.cache.CacheFixture.MIB;
import static io.efc.cache.CacheFixture.SUB;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.ByteSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvictionTest {
    private static final int QUOTA_MIB = 64;

    private final CacheFixture fixture = CacheFixture.open(QUOTA_MIB);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void admitsEverythingWhenFullAndStaysWithinQuota() {
        CacheKey key = Contents.key(1, 1, 4L * QUOTA_MIB * MIB);
        for (long p = 0; p < key.size(); p += MIB) {
            assertThat(fixture.put(key, p, MIB)).isTrue();
            assertThat(fixture.tier().usedBytes()).isLessThanOrEqualTo(QUOTA_MIB * (long) MIB);
            assertThat(fixture.read(key, p, MIB)).isEqualTo(MIB);
        }
        fixture.settle();
        assertThat(fixture.diskBytes()).isLessThanOrEqualTo(fixture.tier().usedBytes());
        assertThat(fixture.tier().evictedBytes()).isGreaterThanOrEqualTo(3L * QUOTA_MIB * MIB);
        assertThat(fixture.cache.usage().declined()).isZero();
        fixture.audit();
    }

    @Test
    void evictsInTheBackgroundFromHighToLow() {
        CacheKey key = Contents.key(1, 1, 64L * MIB);
        for (long p = 0; p < 60L * MIB; p += MIB) {
            fixture.put(key, p, MIB);
        }
        assertThat(fixture.tier().evictedBytes()).isZero();
        fixture.put(key, 60L * MIB, MIB);
        fixture.settle();
        assertThat(fixture.tier().usedBytes())
                .isBetween((long) (QUOTA_MIB * 0.88 * MIB), (long) (QUOTA_MIB * 0.90 * MIB));
    }

    @Test
    void scanLeavesWhatIsUsedAgain() {
        CacheKey hot = Contents.key(1, 1, 20L * MIB);
        fixture.putAll(hot);
        readAll(hot);
        fixture.pause();
        readAll(hot);
        fixture.pause();
        CacheKey scanned = Contents.key(2, 1, 300L * MIB);
        for (long p = 0; p < scanned.size(); p += MIB) {
            fixture.put(scanned, p, MIB);
            fixture.read(scanned, p, MIB);
            if (p % (40L * MIB) == 0) {
                fixture.pause();
                readAll(hot);
            }
        }
        assertThat(fixture.blocksOf(hot)).isEqualTo(20);
    }

    @Test
    void sequentialReadInPiecesIsOneUse() {
        CacheKey scanned = Contents.key(1, 1, 30L * MIB);
        CacheKey hot = Contents.key(2, 1, 20L * MIB);
        fixture.putAll(hot);
        fixture.putAll(scanned);
        readAll(hot);
        fixture.pause();
        readAll(hot);
        for (long p = 0; p < scanned.size(); p += 4096) {
            fixture.read(scanned, p, 4096);
        }
        CacheKey next = Contents.key(3, 1, 30L * MIB);
        fixture.putAll(next);
        fixture.settle();
        assertThat(fixture.blocksOf(hot)).isEqualTo(20);
        assertThat(fixture.blocksOf(next)).isEqualTo(30);
        assertThat(fixture.blocksOf(scanned)).isLessThanOrEqualTo(11);
    }

    @Test
    void newWorkingSetReplacesAnIdleOne() {
        CacheKey old = Contents.key(1, 1, 50L * MIB);
        fixture.putAll(old);
        for (int i = 0; i < 5; i++) {
            fixture.pause();
            readAll(old);
        }
        CacheKey now = Contents.key(2, 1, 50L * MIB);
        for (int pass = 0; pass < 4; pass++) {
            fixture.pause();
            for (long p = 0; p < now.size(); p += MIB) {
                if (fixture.read(now, p, MIB) < 0) {
                    fixture.put(now, p, MIB);
                }
            }
        }
        assertThat(fixture.blocksOf(now)).isGreaterThan(45);
    }

    @Test
    void loopLargerThanTheTierStillHits() {
        CacheKey key = Contents.key(1, 1, 90L * MIB);
        long hitsBefore = 0;
        for (int pass = 0; pass < 6; pass++) {
            fixture.pause();
            if (pass == 4) {
                hitsBefore = fixture.cache.usage().hits();
            }
            for (long p = 0; p < key.size(); p += MIB) {
                if (fixture.read(key, p, MIB) < 0) {
                    fixture.put(key, p, MIB);
                }
            }
        }
        // LRU has none; how many there are depends on how far the evictor's thread comes meanwhile.
        assertThat(fixture.cache.usage().hits() - hitsBefore).isGreaterThan(2 * 90 / 5);
    }

    @Test
    void neverEvictsWhatIsPinnedOrHeld() {
        CacheKey pinned = Contents.key(1, 1, 8L * MIB);
        CacheKey held = Contents.key(2, 1, 8L * MIB);
        CacheKey small = Contents.key(3, 1, 1000);
        fixture.putAll(pinned);
        fixture.putAll(held);
        fixture.putAll(small);
        List<BlockPin> pins = new ArrayList<>();
        for (long p = 0; p < pinned.size(); p += MIB) {
            pins.add(fixture.pin(pinned, p, MIB));
        }
        BlockPin smallPin = fixture.pin(small, 0, 1000);
        WholeFile whole = fixture.whole(held);
        fixture.putAll(Contents.key(4, 1, 3L * QUOTA_MIB * MIB));
        for (int i = 0; i < 3000; i++) {
            fixture.putAll(Contents.key(1000 + i, 1, 50_000));
        }
        assertThat(fixture.blocksOf(pinned)).isEqualTo(8);
        assertThat(fixture.blocksOf(held)).isEqualTo(8);
        pins.forEach(pin -> assertThat(pin.verify()).isTrue());
        assertThat(smallPin.verify()).isTrue();
        pins.forEach(BlockPin::close);
        smallPin.close();
        whole.close();
        fixture.settle();
        fixture.audit();
        fixture.putAll(Contents.key(5, 1, 3L * QUOTA_MIB * MIB));
        assertThat(fixture.blocksOf(held)).isLessThan(8);
    }

    @Test
    void declinesWhenAllIsPinned() {
        CacheKey key = Contents.key(1, 1, QUOTA_MIB * (long) MIB);
        List<BlockPin> pins = new ArrayList<>();
        for (long p = 0; p < key.size(); p += MIB) {
            if (fixture.put(key, p, MIB)) {
                pins.add(fixture.pin(key, p, MIB));
            }
        }
        CacheKey more = Contents.key(2, 1, 2L * MIB);
        assertThat(fixture.put(more, 0, MIB)).isFalse();
        assertThat(fixture.cache.usage().declined()).isPositive();
        pins.forEach(BlockPin::close);
        assertThat(fixture.put(more, 0, MIB)).isTrue();
        fixture.settle();
        fixture.audit();
    }

    /** With a high water mark of 1 the thread that puts has to evict itself. */
    @ParameterizedTest(name = "high {0}")
    @ValueSource(doubles = {0.95, 1})
    void smallFilesAreEvictedAndHotOnesKept(double high) {
        Path root = CacheFixture.temporary();
        TierConfig tier = new TierConfig(Medium.MEM, root.resolve("t"), ByteSize.ofMiB(QUOTA_MIB), high, 0.9);
        try (CacheFixture small = CacheFixture.open(root, new CacheConfig(List.of(tier)))) {
            keepHotSmallFiles(small);
        }
    }

    private static void keepHotSmallFiles(CacheFixture fixture) {
        List<CacheKey> hot = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            hot.add(Contents.key(i, 1, 4096 + i));
        }
        hot.forEach(fixture::putAll);
        for (int i = 0; i < 40_000; i++) {
            fixture.putAll(Contents.key(1000 + i, 1, 4000 + i % 200));
            if (i % 4000 == 0) {
                fixture.pause();
                hot.forEach(key -> fixture.read(key, 0, 8192));
            }
        }
        fixture.settle();
        assertThat(hot.stream().filter(key -> fixture.blocksOf(key) == 1).count())
                .isEqualTo(100);
        assertThat(fixture.tier().smallFiles()).isBetween(10_000L, 17_000L);
        assertThat(fixture.diskBytes()).isLessThanOrEqualTo(QUOTA_MIB * (long) MIB);
        fixture.audit();
    }

    @Test
    void emptySlabsGoAtOnce() {
        for (int i = 0; i < 100; i++) {
            fixture.putAll(Contents.key(i, 1, SUB));
        }
        long before = fixture.tier().usedBytes();
        for (int i = 0; i < 100; i++) {
            CacheKey key = Contents.key(i, 1, SUB);
            fixture.cache.invalidateFile(key.dataset(), key.fileHi(), key.fileLo());
        }
        assertThat(before).isGreaterThanOrEqualTo(7L * MIB);
        assertThat(fixture.tier().usedBytes()).isLessThanOrEqualTo(2L * MIB);
        fixture.audit();
    }

    @Test
    void goesOnWhenTheIndexIsFull() {
        try (CacheFixture tiny = CacheFixture.open(16)) {
            int admitted = 0;
            for (int i = 0; i < 100_000; i++) {
                admitted += tiny.put(Contents.key(i, 1, 20), 0, 20) ? 1 : 0;
            }
            assertThat(admitted).isGreaterThan(99_900);
            assertThat(tiny.tier().smallFiles()).isLessThanOrEqualTo(16L * MIB / 512);
            CacheKey large = Contents.key(1, 1, 2L * MIB);
            tiny.putAll(large);
            assertThat(tiny.putAll(large)).isEqualTo(2);
            tiny.settle();
            tiny.audit();
        }
    }

    private void readAll(CacheKey key) {
        for (long p = 0; p < key.size(); p += MIB) {
            fixture.read(key, p, MIB);
        }
    }
}
