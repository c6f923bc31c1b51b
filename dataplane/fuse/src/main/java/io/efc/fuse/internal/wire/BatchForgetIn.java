package io.efc.fuse.internal.wire;

/**
 * struct fuse_batch_forget_in: BATCH_FORGET; {@link ForgetOne}s follow.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+
 *   0 | count     | dummy     |
 *     +-----------+-----------+
 * </pre>
 */
public final class BatchForgetIn extends Struct {
    public static final int COUNT = 0;

    /** Bytes of the whole struct. */
    public static final int BYTES = 8;

    public int count() {
        return getInt(COUNT);
    }
}
