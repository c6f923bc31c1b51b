package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.cache.CacheKey;
import io.efc.store.FileHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a file only while it is open: its own writes under way, its readahead, and how the kernel reads it.
 *
 * <p>An inode is read in one of two ways at a time: through the kernel's page cache ({@link #cachedOpens}) or past it, from a tier file
 * ({@link #passthroughOpens}); the kernel refuses both at once with EIO. What the first open chose holds until the last close. {@link
 * Passthrough} has the details.
 */
final class OpenInode {
    /** The kernel sends the release of a closed file behind its flush, without waiting for it: by then it has come. */
    private static final long RELEASE_FOLLOWS_NANOS = 50_000_000L;

    final long nodeId;
    final Namespace.Part part;
    final FileHandle handle;
    final long fileHi;
    final long fileLo;
    final WriteBuffer writes;
    final LockTable locks = new LockTable();

    /** How many open files there are; under the map of {@link OpenFiles}. */
    int opens;

    /** Guarded by this. */
    int cachedOpens;

    /** Guarded by this. */
    int passthroughOpens;

    /** The kernel's number of {@link #whole}, 0 without; guarded by this. */
    int backingId;

    /** Which version of the file {@link #whole} is; guarded by this. */
    long backingVersion;

    /** The tier file behind the passed-through opens; guarded by this. */
    @Nullable
    AutoCloseable whole;

    /** The size as of {@link #sizeAskedAt}, and own writes since: where O_APPEND goes. Guarded by this. */
    long size;

    /** Guarded by this. */
    long sizeAskedAt = Freshness.UNKNOWN;

    /** The hidden name under which it lives since its last name was taken; guarded by this. */
    SillyNames.@Nullable Hidden hidden;

    /** Somebody has taken, or tried to take, a lock. */
    volatile boolean locked;

    private final AtomicBoolean lossTold = new AtomicBoolean();
    private final AtomicInteger releasing = new AtomicInteger();

    /** When a descriptor was last closed and no release has come yet; 0 otherwise. */
    private volatile long flushedAt;

    private volatile @Nullable View view;

    /**
     * One content of the file.
     *
     * @param key names its blocks
     */
    record View(CacheKey key, ClusterCache.CachedFile file) {
        long size() {
            return key.size();
        }

        long version() {
            return key.version();
        }
    }

    OpenInode(Core core, long nodeId) {
        this.nodeId = nodeId;
        part = core.part(nodeId);
        handle = core.inodes.handle(nodeId);
        fileHi = Hash.of(handle.bytes(), part.mount() * 2L + 1);
        fileLo = Hash.of(handle.bytes(), part.mount() * 2L + 2);
        writes = new WriteBuffer(core, this);
    }

    /**
     * A last close is on its way. The kernel does not wait for it, so a program may meet a lock of a file that it has closed: who finds a
     * lock in the way waits for the closes that have begun.
     */
    void releaseBegins() {
        flushedAt = 0;
        releasing.incrementAndGet();
    }

    void releaseEnds() {
        releasing.decrementAndGet();
    }

    boolean isReleasing() {
        long at = flushedAt;
        return releasing.get() > 0 || (at != 0 && System.nanoTime() - at < RELEASE_FOLLOWS_NANOS);
    }

    /** Whether it is for the caller to tell that locks are lost: true once. */
    boolean tellsLoss() {
        return !lossTold.getAndSet(true);
    }

    /** A descriptor was closed; if it was the last of its open file, a release follows. */
    void flushed() {
        flushedAt = Math.max(1, System.nanoTime());
    }

    /** The file has {@code bytes} as of {@code askedAt}. */
    synchronized void sized(long bytes, long askedAt) {
        size = bytes;
        sizeAskedAt = askedAt;
    }

    /** An own write reaches to {@code end}. */
    synchronized void grown(long end) {
        size = Math.max(size, end);
    }

    /** The content that the kept attributes stand for. */
    View view(Core core, Credentials caller) {
        View v = view;
        if (v != null && core.inodes.isContent(nodeId, v.version(), v.size())) {
            return v;
        }
        CacheKey key;
        do {
            long version = core.inodes.version(nodeId);
            key = new CacheKey(core.dataset, fileHi, fileLo, version, core.inodes.size(nodeId));
        } while (!core.inodes.isContent(nodeId, key.version(), key.size()));
        View fresh = new View(key, new ClusterCache.CachedFile(key, handle.bytes(), part.mount(), caller));
        view = fresh;
        core.chunks.drop(this);
        return fresh;
    }
}
