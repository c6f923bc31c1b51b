package io.efc.fuse.internal.wire;

/**
 * struct fuse_link_in: LINK, whose header names the new parent; the name follows.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+
 *   0 | oldnodeid             |
 *     +-----------------------+
 * </pre>
 */
public final class LinkIn extends Struct {
    public static final int OLDNODEID = 0;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public long oldNodeId() {
        return getLong(OLDNODEID);
    }
}
