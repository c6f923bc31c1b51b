package io.efc.fuse.internal.wire;

import io.efc.fuse.FuseAttr;
import io.efc.fuse.StatxReply;

/**
 * struct fuse_statx_out: the answer to STATX (protocol 7.39).
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------+-----------+
 *   0 | attr_valid            |attr_valid_| flags     |
 *     +-----------------------------------------------+
 *  16 | spare                                         |
 *     +-----------------------------------------------+
 *  32 | stat                                          |
 *     :   ...
 *     +-----------------------------------------------+
 * 272 |                                               |
 *     +-----------------------------------------------+
 * </pre>
 */
public final class StatxOut extends Struct implements StatxReply {
    public static final int ATTR_VALID = 0;
    public static final int ATTR_VALID_NSEC = 8;
    public static final int FLAGS = 12;
    public static final int STAT = 32;

    /** Bytes of the whole struct. */
    public static final int BYTES = 288;

    private final Statx stat = new Statx();

    /** The mask of an answer without a birth time; {@link #btime} adds its bit. */
    public void basic() {
        stat().basic();
    }

    @Override
    public StatxReply validNanos(long nanos) {
        putTime(ATTR_VALID, ATTR_VALID_NSEC, nanos);
        return this;
    }

    @Override
    public FuseAttr attr() {
        return stat();
    }

    @Override
    public StatxReply btime(long nanos) {
        stat().btime(nanos);
        return this;
    }

    private Statx stat() {
        stat.wrap(memory(), at() + STAT);
        return stat;
    }
}
