package io.efc.cache;

import static io.efc.cache.CacheFixture.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.ByteSize;
import io.efc.base.Metrics;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class RecoveryIT {
    @Test
    void takesOverAllBlocksOfAClosedCache() {
        try (CacheFixture fixture = CacheFixture.open(64)) {
            CacheKey large = Contents.key(1, 1, 20L * MIB + 999);
            CacheKey partial = Contents.key(2, 1, 4L * MIB);
            fixture.putAll(large);
            fixture.put(partial, MIB + 3L * CacheFixture.SUB, CacheFixture.SUB);
            for (int i = 10; i < 500; i++) {
                fixture.putAll(Contents.key(i, 1, 100L * i));
            }
            CacheUsage.Tier before = fixture.tier();
            fixture.reopen();
            fixture.audit();
            assertThat(fixture.tier().blocks()).isEqualTo(before.blocks());
            assertThat(fixture.tier().smallFiles()).isEqualTo(490);
            assertThat(fixture.tier().usedBytes()).isBetween(before.usedBytes() - MIB, before.usedBytes());
            assertThat(fixture.whole(large)).satisfies(WholeFile::close);
            for (long p = 0; p < large.size(); p += MIB) {
                assertThat(fixture.read(large, p, MIB)).isPositive();
            }
            assertThat(fixture.cache.missing(partial, MIB, MIB)).isEqualTo(0xffffL & ~0b1000L);
            for (int i = 10; i < 500; i++) {
                assertThat(fixture.read(Contents.key(i, 1, 100L * i), 0, 100 * i))
                        .isEqualTo(100 * i);
            }
            assertThat(fixture.putAll(Contents.key(3, 1, 200L * MIB))).isEqualTo(200);
            fixture.settle();
            fixture.audit();
        }
    }

    @Test
    void shrinksToASmallerQuota() {
        try (CacheFixture fixture = CacheFixture.open(64)) {
            fixture.putAll(Contents.key(1, 1, 50L * MIB));
            fixture.cache.close();
            fixture.config = new CacheConfig(CacheFixture.tiers(fixture.root, 20));
            fixture.cache = BlockCache.open(fixture.config, new Metrics(), fixture.nanos::get);
            assertThat(fixture.tier().usedBytes()).isBetween(10L * MIB, 20L * MIB);
            fixture.settle();
            fixture.audit();
        }
    }

    @Test
    void startsEmptyWithAnotherBlockSize() {
        try (CacheFixture fixture = CacheFixture.open(64)) {
            fixture.putAll(Contents.key(1, 1, 10L * MIB));
            fixture.putAll(Contents.key(2, 1, 1000));
            fixture.cache.close();
            fixture.config = new CacheConfig(fixture.config.tiers(), 4 * MIB, 1 << 16, 64, 0.5);
            fixture.cache = BlockCache.open(fixture.config, new Metrics(), fixture.nanos::get);
            assertThat(fixture.tier().usedBytes()).isZero();
            assertThat(fixture.diskBytes()).isZero();
            fixture.audit();
        }
    }

    @Test
    void removesWhatTheIndexDoesNotName() throws IOException {
        try (CacheFixture fixture = CacheFixture.open(64)) {
            CacheKey key = Contents.key(1, 1, 4L * MIB);
            fixture.put(key, 0, MIB);
            fixture.cache.close();
            Path directory = fixture.root.resolve("t0");
            Files.write(directory.resolve("f-777"), new byte[MIB]);
            try (RandomAccessFile file =
                    new RandomAccessFile(directory.resolve("f-1").toFile(), "rw")) {
                file.seek(2L * MIB);
                file.write(new byte[MIB]);
            }
            try (RandomAccessFile file =
                    new RandomAccessFile(directory.resolve("slabs").toFile(), "rw")) {
                file.seek(5L * MIB);
                file.write(new byte[MIB]);
            }
            assertThat(fixture.diskBytes()).isEqualTo(4L * MIB);
            fixture.cache = BlockCache.open(fixture.config, new Metrics(), fixture.nanos::get);
            assertThat(fixture.diskBytes()).isEqualTo(MIB);
            assertThat(fixture.read(key, 0, MIB)).isEqualTo(MIB);
            fixture.audit();
        }
    }

    /** Whatever bytes of the index are hit, the next process opens the cache and shows no wrong byte. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void believesNoDamagedRecord(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        try (CacheFixture fixture = CacheFixture.open(64)) {
            for (int i = 0; i < 40; i++) {
                fixture.putAll(CrashingProcess.key(i % CrashingProcess.FILES, i / CrashingProcess.FILES));
            }
            fixture.cache.close();
            for (String index : List.of("files.index", "blocks.index")) {
                Path path = fixture.root.resolve("t0").resolve(index);
                try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                    for (int i = 0; i < 200; i++) {
                        file.seek(64 + random.nextInt(40 * 160));
                        file.write(random.nextInt(256));
                    }
                }
            }
            fixture.cache = BlockCache.open(fixture.config, new Metrics(), fixture.nanos::get);
            fixture.audit();
            checkAll(fixture);
            fixture.putAll(Contents.key(99, 1, 100L * MIB));
            fixture.settle();
            fixture.audit();
        }
    }

    @Test
    void killedProcessLeavesACacheThatTheNextTakesOver() throws Exception {
        killAndRecover(1, 50);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {2, 3, 4, 5, 6, 7, 8, 9})
    @Tag("slow")
    void killedAtAnyMoment(long seed) throws Exception {
        killAndRecover(seed, new SplittableRandom(seed).nextInt(400));
    }

    private static void killAndRecover(long seed, long millis) throws Exception {
        Path root = CacheFixture.temporary();
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashingProcess.class.getName(),
                        root.toString(),
                        Long.toString(seed))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(victim.inputReader().readLine()).isEqualTo("evicting");
            assertThat(victim.waitFor(millis, TimeUnit.MILLISECONDS)).isFalse();
        } finally {
            victim.destroyForcibly().waitFor();
        }
        CacheConfig config = new CacheConfig(CacheFixture.tiers(root, 24));
        try (CacheFixture fixture = CacheFixture.open(root, config)) {
            fixture.settle();
            fixture.audit();
            assertThat(fixture.tier().usedBytes())
                    .isGreaterThan(ByteSize.ofMiB(15).bytes());
            assertThat(checkAll(fixture)).isGreaterThan(10L * MIB);
            assertThat(fixture.cache.usage().corrupted()).isZero();
            assertThat(fixture.putAll(Contents.key(99, 1, 60L * MIB))).isEqualTo(60);
            fixture.settle();
            fixture.audit();
        }
    }

    /** Reads every sub-range that is there and checks its bytes; how many. */
    private static long checkAll(CacheFixture fixture) {
        long found = 0;
        for (int file = 0; file < CrashingProcess.FILES; file++) {
            for (int version = 0; version < 2; version++) {
                CacheKey key = CrashingProcess.key(file, version);
                for (long p = 0; p < key.size(); p += CacheFixture.SUB) {
                    found += Math.max(0, fixture.read(key, p, CacheFixture.SUB));
                }
            }
        }
        return found;
    }
}
