package io.efc.cache.internal;

import io.efc.base.Check;
import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.cache.BlockCache;
import io.efc.cache.BlockPin;
import io.efc.cache.CacheConfig;
import io.efc.cache.CacheKey;
import io.efc.cache.CacheUsage;
import io.efc.cache.Fill;
import io.efc.cache.TierConfig;
import io.efc.cache.WholeFile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The cache: its tiers, fastest first. A block is looked for from the fastest tier on and put where a part of it is
 * already, else into the fastest. Each tier is complete in itself; while a block moves it is in both, which does no
 * harm, since the same name means the same bytes. {@link Moves} lets no move outlive an invalidation.
 */
public final class TieredCache implements BlockCache {
    private final Geometry geometry;
    private final Tier[] tiers;
    private final Counters counters;
    private final Flights flights;
    private final Moves moves = new Moves();
    private final Promoter promoter;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Opens all tiers; see {@link BlockCache#open}. */
    public TieredCache(CacheConfig config, Metrics metrics, Ticker ticker) {
        this.geometry = new Geometry(config.blockBytes());
        this.counters = new Counters(metrics);
        this.flights = new Flights(ticker);
        List<Tier> opened = new ArrayList<>();
        try {
            for (TierConfig tier : config.tiers()) {
                opened.add(open(config, tier, ticker));
            }
        } catch (RuntimeException e) {
            opened.forEach(Tier::close);
            throw e;
        }
        this.tiers = opened.toArray(Tier[]::new);
        for (int i = 0; i < tiers.length; i++) {
            tiers[i].start(i + 1 < tiers.length ? tiers[i + 1] : null);
        }
        this.promoter = new Promoter(geometry, counters, moves);
        for (int i = 0; i < tiers.length; i++) {
            gauges(metrics, config.tiers().get(i), tiers[i]);
        }
        if (tiers.length > 1) {
            promoter.start();
        }
    }

    private Tier open(CacheConfig config, TierConfig tier, Ticker ticker) {
        TierDirectory directory = TierDirectory.open(tier);
        try {
            return new Tier(directory, config, tier, counters, moves, ticker);
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static void gauges(Metrics metrics, TierConfig config, Tier tier) {
        String[] labels = {
            "medium", config.medium().name(), "directory", config.directory().toString()
        };
        metrics.gauge(
                "efc_cache_used_bytes",
                "Disk space of blocks.",
                () -> tier.evictor().used(),
                labels);
        metrics.gauge(
                "efc_cache_quota_bytes",
                "The most it may be.",
                () -> tier.evictor().quota(),
                labels);
        metrics.gauge(
                "efc_cache_evicted_bytes",
                "Space of blocks evicted so far.",
                () -> tier.evictor().evictedBytes(),
                labels);
    }

    @Override
    public int blockBytes() {
        return geometry.blockBytes();
    }

    @Override
    public int read(CacheKey key, long position, MemorySegment to, long toOffset, int length) {
        int cut = geometry.checked(key, position, length);
        if (cut == 0) {
            return 0;
        }
        Check.range(toOffset, cut, to.byteSize());
        Pin pin = find(key, position, cut);
        if (pin == null) {
            return -1;
        }
        try {
            if (pin.copy(to, toOffset)) {
                return cut;
            }
            counters.misses.increment();
            return -1;
        } finally {
            pin.close();
        }
    }

    @Override
    public @Nullable BlockPin pin(CacheKey key, long position, int length) {
        int cut = geometry.checked(key, position, length);
        return cut == 0 ? null : find(key, position, cut);
    }

    private @Nullable Pin find(CacheKey key, long position, int length) {
        long hash = Hash.file(key);
        for (int i = 0; i < tiers.length; i++) {
            Pin pin = tiers[i].pin(key, hash, position, length);
            if (pin != null) {
                counters.hits.increment();
                if (i > 0) {
                    promoter.hit(tiers[i], tiers[i - 1], key, geometry.index(position));
                }
                return pin;
            }
        }
        counters.misses.increment();
        return null;
    }

    @Override
    public boolean put(CacheKey key, long position, MemorySegment from, long fromOffset, int length) {
        int cut = geometry.checked(key, position, length);
        Check.argument(
                position % SUB_RANGE == 0 && (cut % SUB_RANGE == 0 || position + cut == key.size()),
                "range [%d, +%d) is not one of whole sub-ranges",
                position,
                length);
        if (cut == 0) {
            return true;
        }
        Check.range(fromOffset, cut, from.byteSize());
        long hash = Hash.file(key);
        int index = geometry.index(position);
        int first = 0;
        for (int i = tiers.length - 1; i > 0; i--) {
            if (tiers[i].present(key, hash, index) != 0) {
                first = i;
            }
        }
        if (first > 0 && tiers[0].present(key, hash, index) != 0) {
            first = 0;
        }
        for (int i = first; i < tiers.length; i++) {
            if (tiers[i].put(key, hash, position, from, fromOffset, cut, true)) {
                counters.putBytes.add(cut);
                return true;
            }
        }
        counters.declined.increment();
        return false;
    }

    @Override
    public long missing(CacheKey key, long position, int length) {
        int cut = geometry.checked(key, position, length);
        return cut == 0 ? 0 : geometry.mask(position, cut) & ~present(key, geometry.index(position));
    }

    private long present(CacheKey key, int index) {
        long hash = Hash.file(key);
        long present = 0;
        for (Tier tier : tiers) {
            present |= tier.present(key, hash, index);
        }
        return present;
    }

    @Override
    public long mask(long position, int length) {
        Check.argument(position >= 0 && length > 0, "range [%d, +%d) is empty or negative", position, length);
        Check.argument(
                position >> geometry.blockShift() == (position + length - 1) >> geometry.blockShift(),
                "range [%d, +%d) is not within one block",
                position,
                length);
        return geometry.mask(position, length);
    }

    @Override
    public Fill claim(CacheKey key, long blockIndex, long wanted) {
        int index = Math.toIntExact(blockIndex);
        long valid = wanted & geometry.fullMask(key.size(), index);
        return flights.claim(key, blockIndex, valid, () -> present(key, index));
    }

    @Override
    public @Nullable WholeFile whole(CacheKey key) {
        long hash = Hash.file(key);
        for (Tier tier : tiers) {
            WholeFile file = key.size() == 0 ? null : tier.whole(key, hash);
            if (file != null) {
                return file;
            }
        }
        return null;
    }

    @Override
    public void invalidateFile(long dataset, long fileHi, long fileLo) {
        invalidate(dataset, fileHi, fileLo, null);
    }

    @Override
    public void invalidateOthers(CacheKey keep) {
        invalidate(keep.dataset(), keep.fileHi(), keep.fileLo(), keep);
    }

    private void invalidate(long dataset, long fileHi, long fileLo, @Nullable CacheKey keep) {
        long hash = Hash.file(dataset, fileHi, fileLo);
        long mark;
        do {
            mark = moves.mark(hash);
            for (Tier tier : tiers) {
                tier.removal().invalidate(dataset, fileHi, fileLo, keep);
            }
        } while (!moves.isQuietSince(hash, mark));
    }

    @Override
    public CacheUsage usage() {
        List<CacheUsage.Tier> figures = new ArrayList<>();
        for (Tier tier : tiers) {
            figures.add(tier.usage());
        }
        return new CacheUsage(
                figures,
                counters.hits.value(),
                counters.misses.value(),
                counters.corrupted.value(),
                counters.declined.value());
    }

    /** Whether no eviction or promotion runs or is due; for tests. */
    public boolean isSettled() {
        boolean settled = promoter.isIdle();
        for (Tier tier : tiers) {
            settled &= tier.evictor().isIdle();
        }
        return settled;
    }

    /** Checks the state of all tiers against itself; for tests, while nothing else runs and nothing is pinned. */
    public void audit() {
        for (Tier tier : tiers) {
            new Audit(tier).run();
        }
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        promoter.stop();
        for (Tier tier : tiers) {
            tier.close();
        }
    }
}
