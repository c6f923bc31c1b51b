package io.efc.cache;

import io.efc.base.Metrics;
import io.efc.base.Ticker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Uses a cache with several threads until it is killed: the victim of {@link RecoveryIT}. Prints a line once it evicts.
 */
final class CrashingProcess {
    static final int FILES = 30;

    private CrashingProcess() {}

    public static void main(String[] args) {
        CacheConfig config = new CacheConfig(CacheFixture.tiers(Path.of(args[0]), 24));
        BlockCache cache = BlockCache.open(config, new Metrics(), Ticker.system());
        long seed = Long.parseLong(args[1]);
        for (int t = 0; t < 3; t++) {
            SplittableRandom random = new SplittableRandom(seed * 10 + t);
            Thread.ofPlatform().start(() -> work(cache, random));
        }
        while (cache.usage().tiers().getFirst().evictedBytes() == 0) {
            Thread.onSpinWait();
        }
        System.out.println("evicting");
    }

    static CacheKey key(long file, long version) {
        SplittableRandom shape = new SplittableRandom(file);
        long size = shape.nextInt(3) == 0 ? 1 + shape.nextInt(1 << 16) : 1 + shape.nextInt(4 << 20);
        return Contents.key(file, version, size);
    }

    private static void work(BlockCache cache, SplittableRandom random) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(1 << 20, 64);
            while (true) {
                CacheKey key = key(random.nextInt(FILES), random.nextInt(2));
                if (random.nextInt(20) == 0) {
                    cache.invalidateOthers(key);
                }
                long block = random.nextLong((key.size() + (1 << 20) - 1) >> 20) << 20;
                int bytes = (int) Math.min(1 << 20, key.size() - block);
                int first = random.nextInt((bytes + (1 << 16) - 1) >> 16) << 16;
                int length = Math.min(bytes - first, (1 + random.nextInt(16)) << 16);
                Contents.fill(buffer, 0, key, block + first, length);
                cache.put(key, block + first, buffer, 0, length);
                cache.read(key, block, buffer, 0, bytes);
            }
        }
    }
}
