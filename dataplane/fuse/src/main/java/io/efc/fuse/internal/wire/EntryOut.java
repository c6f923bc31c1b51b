package io.efc.fuse.internal.wire;

import io.efc.fuse.EntryReply;
import io.efc.fuse.FuseAttr;

/**
 * struct fuse_entry_out: the answer to what makes or finds a name.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | nodeid                | generation            |
 *     +-----------------------+-----------------------+
 *  16 | entry_valid           | attr_valid            |
 *     +-----------+-----------+-----------------------+
 *  32 |entry_valid|attr_valid_| attr                  |
 *     :   ...
 *     +-----------------------------------------------+
 * 112 |                                               |
 *     +-----------------------------------------------+
 * </pre>
 */
public final class EntryOut extends Struct implements EntryReply {
    public static final int NODEID = 0;
    public static final int GENERATION = 8;
    public static final int ENTRY_VALID = 16;
    public static final int ATTR_VALID = 24;
    public static final int ENTRY_VALID_NSEC = 32;
    public static final int ATTR_VALID_NSEC = 36;
    public static final int ATTR = 40;

    /** Bytes of the whole struct. */
    public static final int BYTES = 128;

    private final Attr attr = new Attr();

    @Override
    public EntryReply nodeId(long nodeId) {
        putLong(NODEID, nodeId);
        return this;
    }

    @Override
    public EntryReply generation(long generation) {
        putLong(GENERATION, generation);
        return this;
    }

    @Override
    public EntryReply entryValidNanos(long nanos) {
        putTime(ENTRY_VALID, ENTRY_VALID_NSEC, nanos);
        return this;
    }

    @Override
    public EntryReply attrValidNanos(long nanos) {
        putTime(ATTR_VALID, ATTR_VALID_NSEC, nanos);
        return this;
    }

    @Override
    public FuseAttr attr() {
        attr.wrap(memory(), at() + ATTR);
        return attr;
    }
}
