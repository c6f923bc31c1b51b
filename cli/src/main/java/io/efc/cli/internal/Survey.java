package io.efc.cli.internal;

import io.efc.base.Credentials;
import io.efc.base.Metrics;
import io.efc.store.DirEntry;
import io.efc.store.DirPage;
import io.efc.store.FileHandle;
import io.efc.store.FileType;
import io.efc.store.StoreAttr;
import io.efc.store.StoreConfig;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import io.efc.store.Stores;
import io.efc.store.UnderStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How many files a store holds and how many bytes they have, found by walking it on one background thread of its own, again and again: a
 * walk is followed by a rest of ten times its length, so that counting never takes more than a tenth of one connection.
 */
final class Survey implements AutoCloseable {
    /** Between two walks of a small store. */
    private static final Duration REST_MIN = Duration.ofSeconds(5);

    private static final int REST_FACTOR = 10;

    /** Directories that wait to be walked; beyond it the count is given up, since it would need unbounded memory. */
    private static final int DIRECTORIES_MAX = 1_000_000;

    private static final int PAGE_ENTRIES = 1024;

    /** One complete count. */
    record Count(long files, long bytes) {}

    private final StoreConfig config;
    private final Thread thread;
    private volatile @Nullable Count last;
    private volatile boolean closed;
    private LongConsumer heard = bytes -> {};

    Survey(StoreConfig config, Metrics metrics) {
        this.config = config;
        metrics.gauge("efc_dataset_ufs_files", "Files in the stores; -1 until counted.", () -> files());
        metrics.gauge("efc_dataset_ufs_bytes", "Bytes of the files in the stores; -1 until counted.", () -> bytes());
        thread = Thread.ofPlatform().daemon().name("survey").unstarted(this::run);
    }

    /** Begins to count; {@code told} hears the bytes of each count. */
    void start(LongConsumer told) {
        heard = told;
        thread.start();
    }

    /** -1 until counted. */
    long files() {
        Count count = last;
        return count == null ? -1 : count.files;
    }

    /** -1 until counted. */
    long bytes() {
        Count count = last;
        return count == null ? -1 : count.bytes;
    }

    private void run() {
        while (!closed) {
            long began = System.nanoTime();
            try (UnderStore store = Stores.open(config)) {
                Count count = walk(store);
                if (count != null) {
                    last = count;
                    heard.accept(count.bytes);
                }
            } catch (StoreException e) {
                System.getLogger("io.efc.cli")
                        .log(
                                System.Logger.Level.WARNING,
                                "the files of {0} cannot be counted: {1}",
                                config.mountPoint(),
                                e.getMessage());
            }
            long rest = Math.max(REST_MIN.toNanos(), REST_FACTOR * (System.nanoTime() - began));
            LockSupport.parkNanos(this, rest);
        }
    }

    /** Counts everything below the root; null if it was told to end or there is too much. */
    private @Nullable Count walk(UnderStore store) {
        long files = 0;
        long bytes = 0;
        Deque<FileHandle> waiting = new ArrayDeque<>();
        waiting.add(store.root().handle());
        while (!waiting.isEmpty()) {
            FileHandle directory = waiting.removeLast();
            long cookie = 0;
            long verifier = 0;
            boolean more = true;
            while (more) {
                if (closed || waiting.size() > DIRECTORIES_MAX) {
                    return null;
                }
                DirPage page = store.readdir(Credentials.ROOT, directory, cookie, verifier, PAGE_ENTRIES, true);
                for (DirEntry e : page.entries()) {
                    cookie = e.cookie();
                    StoreEntry entry = entry(store, directory, e);
                    if (entry == null) {
                        continue;
                    }
                    StoreAttr attr = entry.attr();
                    if (attr.type() == FileType.DIRECTORY) {
                        waiting.add(entry.handle());
                    } else {
                        files++;
                        bytes += attr.size();
                    }
                }
                verifier = page.verifier();
                more = !page.eof() && !page.entries().isEmpty();
            }
        }
        return new Count(files, bytes);
    }

    /** Handle and attributes of a name; null if it is gone by now. */
    private static @Nullable StoreEntry entry(UnderStore store, FileHandle directory, DirEntry e) {
        StoreEntry brought = e.entry();
        if (brought != null) {
            return brought;
        }
        try {
            return store.lookup(Credentials.ROOT, directory, e.name());
        } catch (StoreException gone) {
            return null;
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
