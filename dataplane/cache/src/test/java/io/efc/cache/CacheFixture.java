package io.efc.cache;

import io.efc.base.ByteSize;
import io.efc.base.Metrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** A cache in a directory of its own on tmpfs, with a clock that is set by hand. Closed, it leaves nothing behind. */
final class CacheFixture implements AutoCloseable {
    static final int MIB = 1 << 20;
    static final int SUB = BlockCache.SUB_RANGE;

    private static final List<Medium> MEDIA = List.of(Medium.MEM, Medium.SSD, Medium.HDD);

    final Path root;
    final AtomicLong nanos = new AtomicLong();
    final Arena arena = Arena.ofShared();
    final MemorySegment buffer = arena.allocate(4 * MIB, 64);
    CacheConfig config;
    BlockCache cache;

    private CacheFixture(Path root, CacheConfig config) {
        this.root = root;
        this.config = config;
        this.cache = BlockCache.open(config, new Metrics(), nanos::get);
    }

    static Path temporary() {
        try {
            return Files.createTempDirectory(Path.of("/dev/shm"), "efc-cache-test-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One tier of memory for each quota, in MiB, called MEM, SSD and HDD in this order. */
    static CacheFixture open(long... quotasMiB) {
        Path root = temporary();
        return new CacheFixture(root, new CacheConfig(tiers(root, quotasMiB)));
    }

    static CacheFixture open(Path root, CacheConfig config) {
        return new CacheFixture(root, config);
    }

    static List<TierConfig> tiers(Path root, long... quotasMiB) {
        List<TierConfig> tiers = new ArrayList<>();
        for (int i = 0; i < quotasMiB.length; i++) {
            tiers.add(new TierConfig(MEDIA.get(i), root.resolve("t" + i), ByteSize.ofMiB(quotasMiB[i])));
        }
        return tiers;
    }

    /** Closes the cache and opens it again. */
    void reopen() {
        cache.close();
        cache = BlockCache.open(config, new Metrics(), nanos::get);
    }

    void reopenIf(boolean condition) {
        if (condition) {
            reopen();
        }
    }

    boolean hasSlowerTiers() {
        return config.tiers().size() > 1;
    }

    /** Waits until the background eviction has nothing to do. */
    void settle() {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!((io.efc.cache.internal.TieredCache) cache).isSettled()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the background eviction does not end");
            }
            java.util.concurrent.locks.LockSupport.parkNanos(100_000);
        }
    }

    /** A pin that must be had. */
    BlockPin pin(CacheKey key, long position, int length) {
        return Objects.requireNonNull(cache.pin(key, position, length));
    }

    /** A whole file that must be had. */
    WholeFile whole(CacheKey key) {
        return Objects.requireNonNull(cache.whole(key));
    }

    /** Lets a later touch count as a use of its own. */
    void pause() {
        nanos.addAndGet(1_000_000_000);
    }

    boolean put(CacheKey key, long position, int length) {
        int cut = (int) Math.min(length, key.size() - position);
        try (Arena confined = Arena.ofConfined()) {
            return cache.put(key, position, Contents.of(confined, key, position, cut), 0, cut);
        }
    }

    /** Puts all blocks of a content; how many were admitted. */
    int putAll(CacheKey key) {
        int admitted = 0;
        for (long p = 0; p < key.size(); p += cache.blockBytes()) {
            admitted += put(key, p, cache.blockBytes()) ? 1 : 0;
        }
        return admitted;
    }

    /** Reads and checks every byte: bytes read, or -1 for a miss. */
    int read(CacheKey key, long position, int length) {
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment to = confined.allocate(length, 64);
            int n = cache.read(key, position, to, 0, length);
            long bad = n <= 0 ? -1 : Contents.mismatch(to, 0, key, position, n);
            if (bad >= 0) {
                throw new AssertionError(key + " at " + (position + bad) + ": wrong byte");
            }
            return n;
        }
    }

    /** Blocks of a content that are fully there. */
    int blocksOf(CacheKey key) {
        int found = 0;
        for (long p = 0; p < key.size(); p += cache.blockBytes()) {
            int length = (int) Math.min(cache.blockBytes(), key.size() - p);
            found += cache.missing(key, p, length) == 0 ? 1 : 0;
        }
        return found;
    }

    CacheUsage.Tier tier() {
        return cache.usage().tiers().getFirst();
    }

    /** Disk space, bytes, that the tiers' files take apart from the index. */
    long diskBytes() {
        long sum = 0;
        for (TierConfig tier : config.tiers()) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(tier.directory())) {
                for (Path file : files) {
                    sum += file.toString().endsWith(".index") ? 0 : spaceOf(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sum;
    }

    private static long spaceOf(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(io.efc.base.FileCalls.STATX_SIZE, 8);
            int result = io.efc.base.FileCalls.statx(
                    io.efc.base.FileCalls.AT_FDCWD,
                    arena.allocateFrom(file.toString()),
                    0,
                    io.efc.base.FileCalls.STATX_BASIC,
                    statx);
            return result < 0 ? 0 : statx.get(java.lang.foreign.ValueLayout.JAVA_LONG, 48) * 512;
        }
    }

    /** Checks that the cache's inner state is consistent; nothing may run. */
    void audit() {
        ((io.efc.cache.internal.TieredCache) cache).audit();
        long used = cache.usage().usedBytes();
        if (diskBytes() > used) {
            throw new AssertionError("files take " + diskBytes() + " bytes, the account says " + used);
        }
        for (CacheUsage.Tier tier : cache.usage().tiers()) {
            if (tier.usedBytes() > tier.quotaBytes()) {
                throw new AssertionError(tier + " exceeds its quota");
            }
        }
    }

    static void delete(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        cache.close();
        arena.close();
        delete(root);
    }
}
