package io.efc.fuse;

/** The answer to STATFS (struct fuse_kstatfs). */
public interface StatfsReply {
    /**
     * Blocks are units of {@code blockSize}.
     *
     * @param blockSize bytes; also the fragment size
     */
    void set(long blocks, long blocksFree, long blocksAvailable, long files, long filesFree, int blockSize);
}
