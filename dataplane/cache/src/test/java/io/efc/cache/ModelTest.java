package io.efc.cache;

import static io.efc.cache.CacheFixture.MIB;
import static io.efc.cache.CacheFixture.SUB;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random operations of one thread against a model. Eviction makes what is present unpredictable, so the model bounds
 * it: nothing is present that was not put since its last invalidation, what is present has the right bytes, and what is
 * pinned or held stays. After each step the cache's inner state is audited as far as pins allow, and its files may not
 * take more space than its account says.
 */
class ModelTest {
    private static final int STEPS = 800;
    private static final int FILES = 24;

    private record Held(CacheKey key, AutoCloseable what, long position, int length) {}

    private final Map<CacheKey, Set<Long>> put = new HashMap<>();
    private final List<Held> held = new ArrayList<>();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void neverShowsAWrongByteNorExceedsItsQuota(long seed) throws Exception {
        run(seed, STEPS);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {4, 5, 6, 7, 8, 9})
    @Tag("slow")
    void neverShowsAWrongByteInLongRuns(long seed) throws Exception {
        run(seed, 10 * STEPS);
    }

    private void run(long seed, int steps) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        long[] quotas = seed % 3 == 0 ? new long[] {16, 24} : new long[] {16};
        try (CacheFixture fixture = CacheFixture.open(quotas)) {
            for (int step = 0; step < steps; step++) {
                step(fixture, random);
                if (held.isEmpty() && quotas.length == 1 && step % 8 == 0) {
                    fixture.reopenIf(random.nextInt(10) == 0);
                    fixture.settle();
                    fixture.audit();
                }
                CacheUsage.Tier tier = fixture.tier();
                assertThat(tier.usedBytes()).isLessThanOrEqualTo(tier.quotaBytes());
            }
            release(0);
            fixture.cache.close();
            fixture.cache = BlockCache.open(fixture.config, new io.efc.base.Metrics(), fixture.nanos::get);
            fixture.settle();
            fixture.audit();
            assertThat(fixture.cache.usage().usedBytes()).isPositive();
        }
    }

    private void step(CacheFixture fixture, SplittableRandom random) throws Exception {
        CacheKey key = key(random);
        long block = random.nextLong((key.size() + MIB - 1) / MIB) * MIB;
        int bytes = (int) Math.min(MIB, key.size() - block);
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> put(fixture, random, key, block, bytes);
            case 3, 4, 5 -> read(fixture, random, key, block, bytes);
            case 6 -> {
                for (long p = 0; p < key.size(); p += MIB) {
                    put(fixture, null, key, p, (int) Math.min(MIB, key.size() - p));
                }
            }
            case 7 -> pin(fixture, random, key, block, bytes);
            case 8 -> whole(fixture, key);
            case 9 -> release(random.nextInt(6));
            case 10 -> invalidate(fixture, random, key);
            default -> fixture.pause();
        }
    }

    private static CacheKey key(SplittableRandom random) {
        int file = random.nextInt(FILES);
        long size = new SplittableRandom(file).nextInt(4) == 0
                ? 1 + new SplittableRandom(file).nextInt(SUB)
                : 1 + new SplittableRandom(file).nextInt(5 * MIB);
        return Contents.key(file, random.nextInt(2), size);
    }

    /** Whole sub-ranges at random, or, without randomness, all of the block. */
    private void put(CacheFixture fixture, @Nullable SplittableRandom random, CacheKey key, long block, int bytes) {
        int subRanges = (bytes + SUB - 1) / SUB;
        int first = random == null ? 0 : random.nextInt(subRanges);
        int count = random == null ? subRanges : 1 + random.nextInt(subRanges - first);
        long position = block + (long) first * SUB;
        fixture.put(key, position, count * SUB);
        for (int i = 0; i < count; i++) {
            put.computeIfAbsent(key, _ -> new HashSet<>()).add(position / SUB + i);
        }
    }

    private void read(CacheFixture fixture, SplittableRandom random, CacheKey key, long block, int bytes) {
        int from = random.nextInt(bytes);
        int length = 1 + random.nextInt(bytes - from);
        boolean present = fixture.cache.missing(key, block + from, length) == 0;
        int n = fixture.read(key, block + from, length);
        assertThat(n).isIn(length, -1);
        // Nothing comes by itself, and what was there is read unless it was evicted or moved just then.
        if (!present) {
            assertThat(n).isEqualTo(-1);
        } else if (n < 0 && !fixture.hasSlowerTiers()) {
            assertThat(fixture.cache.missing(key, block + from, length)).isNotZero();
        }
        if (n > 0) {
            assertThat(wasPut(key, block + from, length)).isTrue();
        }
    }

    private boolean wasPut(CacheKey key, long position, int length) {
        Set<Long> known = put.getOrDefault(key, Set.of());
        for (long i = position / SUB; i <= (position + length - 1) / SUB; i++) {
            if (!known.contains(i)) {
                return false;
            }
        }
        return true;
    }

    private void pin(CacheFixture fixture, SplittableRandom random, CacheKey key, long block, int bytes) {
        int from = random.nextInt(bytes);
        int length = 1 + random.nextInt(bytes - from);
        BlockPin pin = fixture.cache.pin(key, block + from, length);
        if (pin != null) {
            assertThat(wasPut(key, block + from, length)).isTrue();
            held.add(new Held(key, pin, block + from, length));
        }
    }

    private void whole(CacheFixture fixture, CacheKey key) {
        WholeFile whole = fixture.cache.whole(key);
        if (whole != null) {
            assertThat(wasPut(key, 0, (int) key.size())).isTrue();
            held.add(new Held(key, whole, 0, (int) key.size()));
        }
    }

    /** Closes all but {@code keep} of what is held, after reading it through its descriptor. */
    private void release(int keep) throws Exception {
        while (held.size() > keep) {
            Held h = held.removeFirst();
            long at = h.what instanceof BlockPin pin ? pin.fileOffset() : 0;
            int fd = h.what instanceof BlockPin pin ? pin.fd() : ((WholeFile) h.what).fd();
            try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
                java.lang.foreign.MemorySegment to = arena.allocate(h.length);
                assertThat(io.efc.base.Libc.pread(fd, to, 0, h.length, at)).isEqualTo(h.length);
                assertThat(Contents.mismatch(to, 0, h.key, h.position, h.length))
                        .isEqualTo(-1);
            }
            h.what.close();
        }
    }

    private void invalidate(CacheFixture fixture, SplittableRandom random, CacheKey key) {
        CacheKey other = Contents.key(key.fileLo(), 1 - key.version(), key.size());
        if (random.nextBoolean()) {
            fixture.cache.invalidateOthers(key);
            put.remove(other);
        } else {
            fixture.cache.invalidateFile(key.dataset(), key.fileHi(), key.fileLo());
            put.remove(other);
            put.remove(key);
            assertAbsent(fixture, key);
        }
        assertAbsent(fixture, other);
    }

    private static void assertAbsent(CacheFixture fixture, CacheKey key) {
        for (long p = 0; p < key.size(); p += MIB) {
            int length = (int) Math.min(MIB, key.size() - p);
            assertThat(fixture.cache.missing(key, p, length)).isEqualTo(fixture.cache.mask(p, length));
        }
    }
}
