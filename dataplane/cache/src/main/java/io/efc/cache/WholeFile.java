package io.efc.cache;

/**
 * A tier file that has all bytes of one content, each checked against its checksum, which no eviction touches until
 * {@link #close}. Position in it is position in the file, and its size is the file's: it serves FUSE passthrough and
 * pread by clients of this node.
 */
public interface WholeFile extends AutoCloseable {
    /**
     * A descriptor of the tier file that can only read, so that it may be passed to another process: valid until {@link
     * #close}, not to be closed.
     */
    int fd();

    /** The file's size, bytes. */
    long size();

    /** Idempotent. */
    @Override
    void close();
}
