package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.cache.CacheKey;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The distributed cache as the read path sees it: the ring of workers, their connections, and what happens when one is away. All methods
 * are safe for many threads and block until the bytes are there or cannot be had from the cluster. Nothing here fails an I/O: what the
 * cluster cannot give, the caller reads from the store.
 */
public interface ClusterCache extends AutoCloseable {
    /** Where the bytes of a read came from, in the order of the read path. */
    enum Source {
        /** A worker of this node had them. */
        LOCAL_WORKER,
        /** A worker of another node had them. */
        REMOTE_WORKER,
        /** A worker fetched them from the store for this read. */
        STORE_VIA_WORKER,
        /** No worker could give them: read the store. */
        UNAVAILABLE,
        /** The store's file is no longer of the asked version: look at its attributes again. */
        STALE
    }

    /** How the file is read, which tells how much a worker should fetch of what it does not have. */
    enum Pattern {
        /** More of the file will be wanted: the whole block. */
        SEQUENTIAL,
        /** Nothing is known: the sub-ranges touched. */
        UNKNOWN,
        /** What lies beside is not wanted: the range alone, until it is asked for again. */
        RANDOM
    }

    /**
     * What is read.
     *
     * @param handle the store's file handle, for the worker's fetch
     * @param mount which of the dataset's mounts the file is in
     * @param caller with whose rights a worker fetches what is missing
     */
    @SuppressWarnings("ArrayRecordComponent")
    record CachedFile(CacheKey key, byte[] handle, int mount, Credentials caller) {}

    /**
     * Reads {@code length} bytes at {@code position}, all of which lie within the file's size and within one block ({@link
     * #blockBytes}), to {@code to} at {@code toOffset}. Checksums are verified.
     */
    Source read(CachedFile file, long position, MemorySegment to, long toOffset, int length, Pattern pattern);

    /** The size of a block, a power of two: 1 to 4 MiB. */
    int blockBytes();

    /**
     * This node's tier file, if a worker of this node has the whole content, checked and pinned until the result is closed; else null.
     */
    @Nullable
    WholeFile whole(CachedFile file);

    /** A descriptor of a tier file with the whole content. */
    interface WholeFile extends AutoCloseable {
        int fd();

        @Override
        void close();
    }

    @Override
    void close();
}
