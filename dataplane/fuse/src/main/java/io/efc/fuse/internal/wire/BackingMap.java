package io.efc.fuse.internal.wire;

/**
 * struct fuse_backing_map: the argument of FUSE_DEV_IOC_BACKING_OPEN (protocol 7.40).
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------------------+
 *   0 | fd        | flags     | padding               |
 *     +-----------+-----------+-----------------------+
 * </pre>
 */
public final class BackingMap extends Struct {
    public static final int FD = 0;
    public static final int FLAGS = 4;

    /** Bytes of the whole struct. */
    public static final int BYTES = 16;

    public BackingMap fd(int value) {
        putInt(FD, value);
        return this;
    }
}
