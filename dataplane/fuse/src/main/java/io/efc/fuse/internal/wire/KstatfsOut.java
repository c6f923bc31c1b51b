package io.efc.fuse.internal.wire;

import io.efc.fuse.StatfsReply;

/**
 * struct fuse_kstatfs: the answer to STATFS.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | blocks                | bfree                 |
 *     +-----------------------+-----------------------+
 *  16 | bavail                | files                 |
 *     +-----------------------+-----------+-----------+
 *  32 | ffree                 | bsize     | namelen   |
 *     +-----------+-----------+-----------------------+
 *  48 | frsize    | padding   | spare                 |
 *     +-----------------------------------------------+
 *  64 |                                               |
 *     +-----------------------------------------------+
 * </pre>
 */
public final class KstatfsOut extends Struct implements StatfsReply {
    public static final int BLOCKS = 0;
    public static final int BFREE = 8;
    public static final int BAVAIL = 16;
    public static final int FILES = 24;
    public static final int FFREE = 32;
    public static final int BSIZE = 40;
    public static final int NAMELEN = 44;
    public static final int FRSIZE = 48;

    /** Bytes of the whole struct. */
    public static final int BYTES = 80;

    private static final int NAME_MAX = 255;

    @Override
    public void set(long blocks, long blocksFree, long blocksAvailable, long files, long filesFree, int blockSize) {
        putLong(BLOCKS, blocks);
        putLong(BFREE, blocksFree);
        putLong(BAVAIL, blocksAvailable);
        putLong(FILES, files);
        putLong(FFREE, filesFree);
        putInt(BSIZE, blockSize);
        putInt(NAMELEN, NAME_MAX);
        putInt(FRSIZE, blockSize);
    }
}
