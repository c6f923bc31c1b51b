package io.efc.worker.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.cache.BlockCache;
import io.efc.cache.CacheKey;
import io.efc.cache.Fill;
import io.efc.cache.Hotness;
import io.efc.rpc.Exchange;
import io.efc.rpc.ReadRequest;
import io.efc.rpc.Status;
import io.efc.store.FileHandle;
import io.efc.store.ReadResult;
import io.efc.store.StoreAttr;
import io.efc.store.StoreException;
import io.efc.store.UnderStore;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * Fills missing sub-ranges of a block from the store, each once however many ask. Bytes enter the cache only after the store's attributes, as of
 * the read or later, still had the version that names them; an older or newer content never does.
 */
final class Fetcher {
    private static final Logger LOG = System.getLogger(Fetcher.class.getName());

    /** Remembers about as many sub-ranges, 4 GiB of them, in 1 MiB. */
    private static final int TOUCH_COLUMNS = 1 << 16;

    /** A sub-range that is not touched again within one or two of these counts as new. */
    private static final long TOUCH_WINDOW_NANOS = 60_000_000_000L;

    private final BlockCache cache;
    private final Mounts mounts;
    /** Sub-ranges that random readers asked for lately. */
    private final Hotness touches = new Hotness(TOUCH_COLUMNS, 1, TOUCH_WINDOW_NANOS, Ticker.system());

    private final Metrics.Counter fetched;
    private final Metrics.Counter fetches;
    private final Metrics.Counter stale;
    private final Metrics.Counter failed;
    private final Metrics.Histogram storeTime;

    Fetcher(BlockCache cache, Mounts mounts, Metrics metrics) {
        this.cache = cache;
        this.mounts = mounts;
        this.fetched = metrics.counter("efc_worker_fetched_bytes_total", "Bytes read from the stores.");
        this.fetches = metrics.counter("efc_worker_fetches_total", "Reads of the stores.");
        this.stale = metrics.counter("efc_worker_stale_total", "Fetches whose file had another version.");
        this.failed = metrics.counter("efc_worker_fetch_errors_total", "Fetches that the store refused or failed.");
        this.storeTime = metrics.histogram("efc_worker_store_seconds", "Time of a read of a store.");
    }

    Metrics.Counter fetchedBytes() {
        return fetched;
    }

    /**
     * How a fetch ended.
     *
     * @param fetchedHere the sub-ranges of which this call read what was asked for, which is in its buffer at its place in the block
     */
    record Outcome(Status status, Errno errno, long fetchedHere) {
        static Outcome of(Status status) {
            return new Outcome(status, Errno.OK, 0);
        }
    }

    /**
     * Sees to it that the range is present, or in {@code buffer}, which has a block's size. For a random reader no more is read than the range
     * itself where it was not touched lately; what is touched again is worth its sub-ranges.
     */
    Outcome fetch(Exchange exchange, CacheKey key, long position, int length, MemorySegment buffer) {
        int block = cache.blockBytes();
        long index = position / block;
        long needed = cache.mask(position, length);
        long wanted = needed;
        boolean exact = ReadRequest.has(exchange.body(), ReadRequest.RANDOM) && isFirstTouch(key, position, length);
        if (ReadRequest.has(exchange.body(), ReadRequest.SEQUENTIAL)) {
            wanted = cache.mask(index * block, (int) Math.min(block, key.size() - index * block));
        }
        long here = 0;
        try {
            if (exact) {
                boolean current = read(exchange, key, position, length, buffer);
                return current ? new Outcome(Status.OK, Errno.OK, needed) : Outcome.of(Status.STALE);
            }
            while (true) {
                if (exchange.isLate()) {
                    return Outcome.of(Status.DEADLINE);
                }
                try (Fill fill = cache.claim(key, index, wanted)) {
                    if (fill.mask() != 0) {
                        if (!load(exchange, key, index, fill.mask(), buffer)) {
                            return Outcome.of(Status.STALE);
                        }
                        here |= fill.mask();
                    } else if ((fill.others() & needed) == 0) {
                        return new Outcome(Status.OK, Errno.OK, here);
                    } else if (!fill.await(exchange.deadlineNanos())) {
                        return Outcome.of(Status.DEADLINE);
                    }
                }
                wanted = needed & ~here;
                if (wanted == 0) {
                    return new Outcome(Status.OK, Errno.OK, here);
                }
            }
        } catch (StoreException e) {
            failed.increment();
            LOG.log(Level.DEBUG, "fetch of a block failed: {0}", e.getMessage());
            return e.errno() == Errno.EINTR || e.errno() == Errno.ECANCELED
                    ? Outcome.of(Status.DRAINING)
                    : new Outcome(e.errno() == Errno.ESTALE ? Status.STALE : Status.STORE_ERROR, e.errno(), 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Outcome.of(Status.DRAINING);
        } catch (RuntimeException e) {
            failed.increment();
            LOG.log(Level.ERROR, "fetch of a block failed", e);
            return Outcome.of(Status.INTERNAL);
        }
    }

    /** Notes that the range was asked for; true if a sub-range of it was not before, as far as is remembered. */
    private boolean isFirstTouch(CacheKey key, long position, int length) {
        boolean first = false;
        long last = (position + length - 1) / BlockCache.SUB_RANGE;
        for (long i = position / BlockCache.SUB_RANGE; i <= last; i++) {
            first |= touches.count(key, i) == 0;
            touches.record(key, i);
        }
        return first;
    }

    /** Reads runs of sub-ranges into their places in the buffer and puts them; false if the file has another version. */
    private boolean load(Exchange exchange, CacheKey key, long index, long mask, MemorySegment buffer) {
        long left = mask;
        while (left != 0) {
            int first = Long.numberOfTrailingZeros(left);
            int count = Long.numberOfTrailingZeros(~(left >>> first));
            int offset = first * BlockCache.SUB_RANGE;
            long position = index * cache.blockBytes() + offset;
            int length = (int) Math.min((long) count * BlockCache.SUB_RANGE, key.size() - position);
            if (!read(exchange, key, position, length, buffer)) {
                return false;
            }
            cache.put(key, position, buffer, offset, length);
            left &= first + count == Long.SIZE ? (1L << first) - 1 : -1L << (first + count);
        }
        return true;
    }

    /** Reads a range of one block into its place in the buffer; false if the file has another version. */
    private boolean read(Exchange exchange, CacheKey key, long position, int length, MemorySegment buffer) {
        MemorySegment b = exchange.body();
        UnderStore store = mounts.store(ReadRequest.mount(b));
        FileHandle handle = new FileHandle(ReadRequest.handle(b));
        Credentials caller = ReadRequest.caller(b);
        long start = System.nanoTime();
        ReadResult result = store.read(caller, handle, position, buffer, position % cache.blockBytes(), length);
        StoreAttr attr = result.attr();
        if (attr == null) {
            attr = store.getattr(caller, handle);
        }
        storeTime.record(System.nanoTime() - start);
        fetches.increment();
        fetched.add(Math.max(0, result.count()));
        boolean current = result.count() == length && attr.version() == key.version() && attr.size() == key.size();
        if (!current) {
            stale.increment();
        }
        return current;
    }
}
