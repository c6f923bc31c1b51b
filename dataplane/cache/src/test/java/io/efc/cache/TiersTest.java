package io.efc.cache;

import static io.efc.cache.CacheFixture.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TiersTest {
    private final CacheFixture fixture = CacheFixture.open(32, 64);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void evictionDemotesToTheNextTier() {
        CacheKey key = Contents.key(1, 1, 60L * MIB);
        for (long p = 0; p < key.size(); p += MIB) {
            fixture.put(key, p, MIB);
            fixture.settle();
        }
        assertThat(fixture.blocksOf(key)).isEqualTo(60);
        for (long p = 0; p < key.size(); p += MIB) {
            assertThat(fixture.read(key, p, MIB)).isEqualTo(MIB);
        }
        assertThat(tier(0).usedBytes()).isLessThanOrEqualTo(32L * MIB);
        assertThat(tier(1).usedBytes()).isGreaterThanOrEqualTo(28L * MIB);
        fixture.settle();
        fixture.audit();
    }

    @Test
    void smallFilesAreDemotedToo() {
        for (int i = 0; i < 12_000; i++) {
            fixture.putAll(Contents.key(i, 1, 4096));
            fixture.settle();
        }
        int found = 0;
        for (int i = 0; i < 12_000; i++) {
            found += fixture.read(Contents.key(i, 1, 4096), 0, 4096) > 0 ? 1 : 0;
        }
        assertThat(found).isEqualTo(12_000);
        fixture.settle();
        fixture.audit();
    }

    @Test
    void usePromotesWhenThereIsRoom() {
        CacheKey first = Contents.key(1, 1, 8L * MIB);
        CacheKey second = Contents.key(2, 1, 30L * MIB);
        CacheKey small = Contents.key(3, 1, 1000);
        fixture.putAll(first);
        fixture.putAll(small);
        for (long p = 0; p < second.size(); p += MIB) {
            fixture.put(second, p, MIB);
            fixture.settle();
        }
        long below = tier(1).blocks();
        assertThat(below).isPositive();
        fixture.cache.invalidateFile(second.dataset(), second.fileHi(), second.fileLo());
        for (int i = 0; i < 3; i++) {
            for (long p = 0; p < first.size(); p += MIB) {
                assertThat(fixture.read(first, p, MIB)).isEqualTo(MIB);
            }
            assertThat(fixture.read(small, 0, 1000)).isEqualTo(1000);
            fixture.settle();
            fixture.pause();
        }
        try (WholeFile whole = fixture.whole(first)) {
            assertThat(tier(0).heldBytes()).isEqualTo(whole.size());
        }
        assertThat(tier(0).smallFiles()).isEqualTo(1);
        fixture.audit();
    }

    @Test
    void blockOfASlowerTierIsFilledThere() {
        CacheKey key = Contents.key(1, 1, 4L * MIB);
        fixture.put(key, 0, CacheFixture.SUB);
        for (int i = 2; i < 50; i++) {
            fixture.putAll(Contents.key(i, 1, MIB));
            fixture.settle();
        }
        assertThat(fixture.cache.missing(key, 0, MIB)).isEqualTo(0xfffeL);
        fixture.put(key, CacheFixture.SUB, MIB - CacheFixture.SUB);
        assertThat(fixture.pin(key, 0, MIB)).satisfies(BlockPin::close);
        fixture.settle();
        fixture.audit();
    }

    private CacheUsage.Tier tier(int i) {
        List<CacheUsage.Tier> tiers = fixture.cache.usage().tiers();
        return tiers.get(i);
    }
}
