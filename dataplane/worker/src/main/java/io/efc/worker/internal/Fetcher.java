package io.efc.worker.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.cache.BlockCache;
import io.efc.cache.CacheKey;
import io.efc.cache.Fill;
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

    private final BlockCache cache;
    private final Mounts mounts;
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
     * @param fetchedHere the sub-ranges that this call read, which are in its buffer at their place in the block
     */
    record Outcome(Status status, Errno errno, long fetchedHere) {
        static Outcome of(Status status) {
            return new Outcome(status, Errno.OK, 0);
        }
    }

    /** Sees to it that the range is present, or in {@code buffer}, which has a block's size. */
    Outcome fetch(Exchange exchange, CacheKey key, long position, int length, MemorySegment buffer) {
        int block = cache.blockBytes();
        long index = position / block;
        long needed = cache.mask(position, length);
        long wanted = needed;
        if (ReadRequest.has(exchange.body(), ReadRequest.SEQUENTIAL)) {
            wanted = cache.mask(index * block, (int) Math.min(block, key.size() - index * block));
        }
        long here = 0;
        try {
            while (true) {
                if (exchange.isLate()) {
                    return Outcome.of(Status.DEADLINE);
                }
                try (Fill fill = cache.claim(key, index, wanted)) {
                    if (fill.mask() != 0) {
                        if (!load(exchange, key, index, fill.mask(), buffer)) {
                            stale.increment();
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

    /** Reads runs of sub-ranges into their places in the buffer and puts them; false if the file has another version. */
    private boolean load(Exchange exchange, CacheKey key, long index, long mask, MemorySegment buffer) {
        MemorySegment b = exchange.body();
        UnderStore store = mounts.store(ReadRequest.mount(b));
        FileHandle handle = new FileHandle(ReadRequest.handle(b));
        Credentials caller = ReadRequest.caller(b);
        long left = mask;
        while (left != 0) {
            int first = Long.numberOfTrailingZeros(left);
            int count = Long.numberOfTrailingZeros(~(left >>> first));
            int offset = first * BlockCache.SUB_RANGE;
            long position = index * cache.blockBytes() + offset;
            int length = (int) Math.min((long) count * BlockCache.SUB_RANGE, key.size() - position);
            long start = System.nanoTime();
            ReadResult result = store.read(caller, handle, position, buffer, offset, length);
            StoreAttr attr = result.attr();
            if (attr == null) {
                attr = store.getattr(caller, handle);
            }
            storeTime.record(System.nanoTime() - start);
            fetches.increment();
            fetched.add(Math.max(0, result.count()));
            if (result.count() != length || attr.version() != key.version() || attr.size() != key.size()) {
                return false;
            }
            cache.put(key, position, buffer, offset, length);
            left &= first + count == Long.SIZE ? (1L << first) - 1 : -1L << (first + count);
        }
        return true;
    }
}
