package io.efc.fuse.internal.wire;

import io.efc.fuse.AttrReply;
import io.efc.fuse.FuseAttr;

/**
 * struct fuse_attr_out: the answer to GETATTR and SETATTR.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------+-----------+
 *   0 | attr_valid            |attr_valid_| dummy     |
 *     +-----------------------------------------------+
 *  16 | attr                                          |
 *     :   ...
 *     +-----------------------+-----------------------+
 *  96 |                       |
 *     +-----------------------+
 * </pre>
 */
public final class AttrOut extends Struct implements AttrReply {
    public static final int ATTR_VALID = 0;
    public static final int ATTR_VALID_NSEC = 8;
    public static final int ATTR = 16;

    /** Bytes of the whole struct. */
    public static final int BYTES = 104;

    private final Attr attr = new Attr();

    @Override
    public AttrReply validNanos(long nanos) {
        putTime(ATTR_VALID, ATTR_VALID_NSEC, nanos);
        return this;
    }

    @Override
    public FuseAttr attr() {
        attr.wrap(memory(), at() + ATTR);
        return attr;
    }
}
