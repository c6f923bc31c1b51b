package io.efc.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.ByteSize;
import io.efc.base.Metrics;
import io.efc.base.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CacheConfigTest {
    private static TierConfig tier(String path) {
        return new TierConfig(Medium.MEM, Path.of(path), ByteSize.ofMiB(64));
    }

    @Test
    void defaults() {
        CacheConfig config = new CacheConfig(List.of(tier("/a")));
        assertThat(config.blockBytes()).isEqualTo(1 << 20);
        assertThat(config.smallFileBytes()).isEqualTo(1 << 16);
        assertThat(config.openFilesMax()).isEqualTo(2048);
        assertThat(config.heldShare()).isEqualTo(0.5);
        assertThat(tier("/a").high()).isEqualTo(0.95);
        assertThat(tier("/a").low()).isEqualTo(0.90);
    }

    @Test
    void refusesBadValuesNamingThem() {
        assertThatThrownBy(() -> new CacheConfig(List.of())).hasMessageContaining("at least one tier");
        assertThatThrownBy(() -> new CacheConfig(List.of(tier("/a")), 3 << 20, 0, 100, 0.5))
                .hasMessageContaining("3145728");
        assertThatThrownBy(() -> new CacheConfig(List.of(tier("/a")), 8 << 20, 0, 100, 0.5))
                .hasMessageContaining("8388608");
        assertThatThrownBy(() -> new CacheConfig(List.of(tier("/a")), 1 << 20, 65537, 100, 0.5))
                .hasMessageContaining("65537");
        assertThatThrownBy(() -> new CacheConfig(List.of(tier("/a")), 1 << 20, 0, 3, 0.5))
                .hasMessageContaining("3");
        assertThatThrownBy(() -> new CacheConfig(List.of(tier("/a")), 1 << 20, 0, 100, 1.5))
                .hasMessageContaining("1.5");
        assertThatThrownBy(() -> new CacheConfig(List.of(tier("/a"), tier("/a/../a"))))
                .hasMessageContaining("/a/../a");
        assertThatThrownBy(() -> new CacheConfig(
                        List.of(new TierConfig(Medium.SSD, Path.of("/b"), ByteSize.ofMiB(64)), tier("/a"))))
                .hasMessageContaining("must not follow the slower SSD");
        assertThatThrownBy(() -> tier("relative")).hasMessageContaining("relative");
        assertThatThrownBy(() -> new TierConfig(Medium.MEM, Path.of("/a"), ByteSize.ofMiB(1)))
                .hasMessageContaining("1Mi")
                .hasMessageContaining("16Mi");
        assertThatThrownBy(() -> new TierConfig(Medium.MEM, Path.of("/a"), ByteSize.ofMiB(64), 0.5, 0.6))
                .hasMessageContaining("0.5")
                .hasMessageContaining("0.6");
    }

    @Test
    void refusesQuotaAboveWhatTheFileSystemHas() {
        Path root = CacheFixture.temporary();
        try {
            TierConfig tier = new TierConfig(Medium.MEM, root.resolve("t"), ByteSize.parse("4Pi"));
            assertThatThrownBy(() -> open(tier))
                    .isInstanceOf(CacheException.class)
                    .hasMessageContaining("4Pi")
                    .hasMessageContaining(root.resolve("t").toString())
                    .hasMessageMatching(".*GiB.*|.*MiB.*");
            open(new TierConfig(Medium.MEM, root.resolve("t"), ByteSize.ofMiB(16)))
                    .close();
        } finally {
            CacheFixture.delete(root);
        }
    }

    @Test
    void refusesDirectoryInUse() {
        Path root = CacheFixture.temporary();
        TierConfig tier = new TierConfig(Medium.MEM, root, ByteSize.ofMiB(16));
        try (BlockCache first = open(tier)) {
            assertThat(first.usage().usedBytes()).isZero();
            assertThatThrownBy(() -> open(tier))
                    .isInstanceOf(CacheException.class)
                    .hasMessageContaining(root.toString())
                    .hasMessageContaining("in use");
        }
        open(tier).close();
        CacheFixture.delete(root);
    }

    @Test
    void refusesDirectoryThatIsAFile() throws IOException {
        Path root = CacheFixture.temporary();
        Path file = Files.createFile(root.resolve("file"));
        assertThatThrownBy(() -> open(new TierConfig(Medium.MEM, file, ByteSize.ofMiB(16))))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining(file.toString());
        CacheFixture.delete(root);
    }

    @Test
    void closesTheFirstTierWhenTheSecondIsRefused() {
        Path root = CacheFixture.temporary();
        TierConfig first = new TierConfig(Medium.MEM, root.resolve("a"), ByteSize.ofMiB(16));
        TierConfig second = new TierConfig(Medium.SSD, root.resolve("b"), ByteSize.parse("4Pi"));
        assertThatThrownBy(
                        () -> BlockCache.open(new CacheConfig(List.of(first, second)), new Metrics(), Ticker.system()))
                .isInstanceOf(CacheException.class);
        open(first).close();
        CacheFixture.delete(root);
    }

    private static BlockCache open(TierConfig tier) {
        return BlockCache.open(new CacheConfig(List.of(tier)), new Metrics(), Ticker.system());
    }
}
