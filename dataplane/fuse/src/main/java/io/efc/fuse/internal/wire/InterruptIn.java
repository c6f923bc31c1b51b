package io.efc.fuse.internal.wire;

/**
 * struct fuse_interrupt_in: INTERRUPT.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+
 *   0 | unique                |
 *     +-----------------------+
 * </pre>
 */
public final class InterruptIn extends Struct {
    public static final int UNIQUE = 0;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public long unique() {
        return getLong(UNIQUE);
    }
}
