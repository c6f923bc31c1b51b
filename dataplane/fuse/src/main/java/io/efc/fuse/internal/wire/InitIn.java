package io.efc.fuse.internal.wire;

import io.efc.fuse.FuseFlags;

/**
 * struct fuse_init_in: what the kernel offers.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------+-----------+
 *   0 | major     | minor     |max_readahe| flags     |
 *     +-----------+-----------------------------------+
 *  16 | flags2    | unused                            |
 *     :   ...
 *     +-----------------------------------------------+
 *  48 |                                               |
 *     +-----------------------------------------------+
 * </pre>
 */
public final class InitIn extends Struct {
    public static final int MAJOR = 0;
    public static final int MINOR = 4;
    public static final int MAX_READAHEAD = 8;
    public static final int FLAGS = 12;
    public static final int FLAGS2 = 16;

    /** Bytes of the whole struct. */
    public static final int BYTES = 64;

    public int major() {
        return getInt(MAJOR);
    }

    public int minor() {
        return getInt(MINOR);
    }

    public int maxReadahead() {
        return getInt(MAX_READAHEAD);
    }

    /** The FUSE_* bits, 64 wide; the upper half counts only with INIT_EXT. */
    public long flags() {
        long low = getInt(FLAGS) & 0xffff_ffffL;
        return (low & FuseFlags.INIT_EXT) == 0 ? low : low | (long) getInt(FLAGS2) << 32;
    }
}
