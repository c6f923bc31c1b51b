package io.efc.worker.internal;

import io.efc.base.Metrics;
import io.efc.cache.BlockCache;
import io.efc.cache.BlockPin;
import io.efc.cache.CacheKey;
import io.efc.rpc.Checksum;
import io.efc.rpc.Exchange;
import io.efc.rpc.Peer;
import io.efc.rpc.ReadReply;
import io.efc.rpc.ReadRequest;
import io.efc.rpc.Status;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * READ, WHOLE and STAT. A read that the cache has is answered on the connection's thread: whole sub-ranges straight from the tier file, whose
 * checksums the client verifies, anything else through a buffer that is verified here. What must wait for a store or reads whole files goes to
 * a bounded pool, so that hits never queue behind misses.
 */
public final class BlockService implements AutoCloseable {
    private static final Logger LOG = System.getLogger(BlockService.class.getName());

    /** How long a read of a store may go on after the worker was told to end. */
    private static final long END_SECONDS = 5;

    private static final long PIECE_MASK = ReadReply.PIECE_BYTES - 1;

    private final long dataset;
    private final BlockCache cache;
    private final Fetcher fetcher;
    private final WholeFiles wholeFiles;
    private final ThreadPoolExecutor pool;
    /** A block, for fetches: of the pool's threads. */
    private final ThreadLocal<MemorySegment> buffers;

    /** Two sub-ranges, for cut ones at both ends of a range: of every connection's thread. */
    private final ThreadLocal<MemorySegment> edges;

    private final Metrics.Counter hits;
    private final Metrics.Counter misses;
    private final Metrics.Counter served;
    private final Metrics.Counter fetched;
    private final Metrics.Histogram hitTime;
    private final Metrics.Histogram missTime;
    private volatile boolean draining;

    public BlockService(
            long dataset, BlockCache cache, Mounts mounts, int fetchesMax, int fetchQueueMax, Metrics metrics) {
        this.dataset = dataset;
        this.cache = cache;
        this.fetcher = new Fetcher(cache, mounts, metrics);
        this.wholeFiles = new WholeFiles(cache);
        this.buffers = ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(cache.blockBytes(), 4096));
        this.edges = ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(2 * ReadReply.PIECE_BYTES, 4096));
        AtomicInteger threads = new AtomicInteger();
        BlockingQueue<Runnable> queue =
                fetchQueueMax == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(fetchQueueMax);
        this.pool = new ThreadPoolExecutor(
                fetchesMax,
                fetchesMax,
                30,
                TimeUnit.SECONDS,
                queue,
                r -> Thread.ofPlatform()
                        .daemon()
                        .name("efc-worker-fetch-" + threads.incrementAndGet())
                        .unstarted(r));
        pool.allowCoreThreadTimeOut(true);
        this.hits = metrics.counter("efc_worker_reads_total", "Reads answered.", "from", "cache");
        this.misses = metrics.counter("efc_worker_reads_total", "Reads answered.", "from", "store");
        this.served = metrics.counter("efc_worker_served_bytes_total", "Bytes sent to clients.");
        this.fetched = fetcher.fetchedBytes();
        this.hitTime = metrics.histogram("efc_worker_read_seconds", "Time to answer a read.", "from", "cache");
        this.missTime = metrics.histogram("efc_worker_read_seconds", "Time to answer a read.", "from", "store");
        metrics.gauge("efc_worker_fetch_queue", "Reads waiting for a fetch thread.", () -> queue.size());
    }

    public long hits() {
        return hits.value();
    }

    public long misses() {
        return misses.value();
    }

    public long servedBytes() {
        return served.value();
    }

    public long fetchedBytes() {
        return fetched.value();
    }

    /** From now on only what is cached is served. */
    public void drain() {
        draining = true;
    }

    /** Answers a request whose body is a {@link ReadRequest}; on the connection's thread. */
    public void handle(Exchange exchange, Kind kind) {
        MemorySegment b = exchange.body();
        if (!ReadRequest.isWellFormed(b, exchange.bodyLength())) {
            exchange.reply(Status.BAD_REQUEST);
            return;
        }
        if (ReadRequest.dataset(b) != dataset) {
            exchange.reply(Status.DENIED);
            return;
        }
        CacheKey key = new CacheKey(
                dataset, ReadRequest.fileHi(b), ReadRequest.fileLo(b), ReadRequest.version(b), ReadRequest.size(b));
        switch (kind) {
            case READ -> read(exchange, key);
            case WHOLE -> later(exchange, () -> wholeFiles.answer(exchange, key));
            case STAT -> later(exchange, () -> stat(exchange, key));
        }
    }

    /** Which of the requests with this body. */
    public enum Kind {
        READ,
        WHOLE,
        STAT
    }

    private void read(Exchange exchange, CacheKey key) {
        MemorySegment b = exchange.body();
        long position = ReadRequest.position(b);
        int length = ReadRequest.length(b);
        int block = cache.blockBytes();
        if (length == 0 || length > block || position / block != (position + length - 1) / block) {
            exchange.reply(Status.BAD_REQUEST);
            return;
        }
        long start = System.nanoTime();
        if (ReadRequest.has(b, ReadRequest.SUSPECT)) {
            later(exchange, () -> fetch(exchange, key, position, length, start));
        } else if (serve(exchange, key, position, length, ReadReply.FROM_CACHE)) {
            hits.increment();
            hitTime.record(System.nanoTime() - start);
        } else if (ReadRequest.has(b, ReadRequest.CACHED_ONLY)) {
            exchange.reply(Status.MISSING);
        } else {
            later(exchange, () -> fetch(exchange, key, position, length, start));
        }
    }

    private void later(Exchange exchange, Runnable work) {
        if (draining) {
            exchange.reply(Status.DRAINING);
            return;
        }
        try {
            pool.execute(() -> run(exchange, work));
        } catch (RejectedExecutionException e) {
            exchange.reply(draining ? Status.DRAINING : Status.BUSY);
        }
    }

    private static void run(Exchange exchange, Runnable work) {
        Peer peer = exchange.peer();
        try {
            work.run();
        } catch (RuntimeException e) {
            // Whether it was answered cannot be told any more: the peer's calls end with its connection.
            LOG.log(Level.ERROR, "a request of " + peer + " failed", e);
            peer.disconnect();
        }
    }

    /** On a thread of the pool. */
    private void fetch(Exchange exchange, CacheKey key, long position, int length, long start) {
        try {
            fetchAndReply(exchange, key, position, length);
        } finally {
            misses.increment();
            missTime.record(System.nanoTime() - start);
        }
    }

    private void fetchAndReply(Exchange exchange, CacheKey key, long position, int length) {
        MemorySegment b = exchange.body();
        if (ReadRequest.has(b, ReadRequest.SUSPECT)) {
            dropWhatIsBad(key, position, length);
        }
        MemorySegment buffer = buffers.get();
        Fetcher.Outcome outcome = fetcher.fetch(exchange, key, position, length, buffer);
        switch (outcome.status()) {
            case OK -> {
                int source = outcome.fetchedHere() == 0 ? ReadReply.FROM_CACHE : ReadReply.FROM_STORE;
                long needed = cache.mask(position, length);
                if ((needed & ~outcome.fetchedHere()) == 0) {
                    reply(exchange, source, position, length, buffer, position % cache.blockBytes());
                } else if (!serve(exchange, key, position, length, source)) {
                    exchange.reply(Status.BUSY);
                }
            }
            case STORE_ERROR -> {
                exchange.replyBody()
                        .set(ValueLayout.JAVA_INT_UNALIGNED, 0, outcome.errno().code());
                exchange.reply(Status.STORE_ERROR, 4);
            }
            default -> exchange.reply(outcome.status());
        }
    }

    private void dropWhatIsBad(CacheKey key, long position, int length) {
        BlockPin pin = cache.pin(key, position, length);
        if (pin != null) {
            try (pin) {
                pin.verify();
            }
        }
    }

    /** Answers from the cache; false, and nothing sent, if some of the range is absent. */
    private boolean serve(Exchange exchange, CacheKey key, long position, int length, int source) {
        long end = position + length;
        int head = (int) Math.min(length, -position & PIECE_MASK);
        int tail = end == key.size() ? 0 : (int) (end & PIECE_MASK);
        if (length <= head + tail) {
            MemorySegment buffer = edges.get();
            if (cache.read(key, position, buffer, 0, length) != length) {
                return false;
            }
            reply(exchange, source, position, length, buffer, 0);
            return true;
        }
        BlockPin pin = cache.pin(key, position + head, length - head - tail);
        if (pin == null) {
            return false;
        }
        try (pin) {
            return serve(exchange, key, position, length, source, pin, head, tail);
        }
    }

    /** Whole sub-ranges as they are in the tier, with the checksums they have there; cut ones verified and through a buffer. */
    private boolean serve(
            Exchange exchange, CacheKey key, long position, int length, int source, BlockPin pin, int head, int tail) {
        MemorySegment out = exchange.replyBody();
        int piece = 0;
        if (head > 0) {
            if (cache.read(key, position, edges.get(), 0, head) != head) {
                return false;
            }
            ReadReply.setCrc(out, piece++, Checksum.current().of(edges.get(), 0, head));
        }
        for (int i = 0; i < pin.subRanges(); i++) {
            ReadReply.setCrc(out, piece++, pin.crc(i));
        }
        if (tail > 0) {
            long at = position + length - tail;
            if (cache.read(key, at, edges.get(), ReadReply.PIECE_BYTES, tail) != tail) {
                return false;
            }
            ReadReply.setCrc(out, piece++, Checksum.current().of(edges.get(), ReadReply.PIECE_BYTES, tail));
        }
        ReadReply.encode(out, source, piece);
        exchange.begin(Status.OK, ReadReply.bodyLength(piece), length);
        if (head > 0) {
            exchange.part(edges.get(), 0, head);
        }
        exchange.part(pin.fd(), pin.fileOffset(), pin.length());
        if (tail > 0) {
            exchange.part(edges.get(), ReadReply.PIECE_BYTES, tail);
        }
        exchange.end();
        served.add(length);
        return true;
    }

    private void reply(Exchange exchange, int source, long position, int length, MemorySegment from, long offset) {
        int pieces = ReadReply.pieces(position, length);
        MemorySegment out = exchange.replyBody();
        ReadReply.encode(out, source, pieces);
        Checksum checksum = Checksum.current();
        for (int i = 0; i < pieces; i++) {
            long at = offset + ReadReply.pieceStart(position, length, i);
            ReadReply.setCrc(out, i, checksum.of(from, at, ReadReply.pieceLength(position, length, i)));
        }
        exchange.begin(Status.OK, ReadReply.bodyLength(pieces), length);
        exchange.part(from, offset, length);
        exchange.end();
        served.add(length);
    }

    private void stat(Exchange exchange, CacheKey key) {
        long cached = 0;
        int block = cache.blockBytes();
        for (long at = 0; at < key.size() && !exchange.isLate(); at += block) {
            int length = (int) Math.min(block, key.size() - at);
            long missing = cache.missing(key, at, length);
            int subRanges = ReadReply.pieces(at, length);
            for (int i = 0; i < subRanges; i++) {
                cached += (missing >>> i & 1) == 0 ? ReadReply.pieceLength(at, length, i) : 0;
            }
        }
        exchange.replyBody().set(ValueLayout.JAVA_LONG_UNALIGNED, 0, cached);
        exchange.reply(exchange.isLate() ? Status.DEADLINE : Status.OK, 8);
    }

    /** Ends fetches that wait for their store. */
    @Override
    public void close() {
        draining = true;
        pool.shutdownNow().forEach(Runnable::run);
        try {
            if (!pool.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "a read of the store does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        wholeFiles.close();
    }
}
