package io.efc.fuse.internal.wire;

import io.efc.fuse.CopyArgs;

/**
 * struct fuse_copy_file_range_in: COPY_FILE_RANGE and COPY_FILE_RANGE_64.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------------------+-----------------------+
 *   0 | fh_in                 | off_in                |
 *     +-----------------------+-----------------------+
 *  16 | nodeid_out            | fh_out                |
 *     +-----------------------+-----------------------+
 *  32 | off_out               | len                   |
 *     +-----------------------+-----------------------+
 *  48 | flags                 |
 *     +-----------------------+
 * </pre>
 */
public final class CopyFileRangeIn extends Struct implements CopyArgs {
    public static final int FH_IN = 0;
    public static final int OFF_IN = 8;
    public static final int NODEID_OUT = 16;
    public static final int FH_OUT = 24;
    public static final int OFF_OUT = 32;
    public static final int LEN = 40;
    public static final int FLAGS = 48;

    /** Bytes of the whole struct. */
    public static final int BYTES = 56;

    private long nodeIdIn;

    @Override
    public long fhIn() {
        return getLong(FH_IN);
    }

    @Override
    public long offsetIn() {
        return getLong(OFF_IN);
    }

    @Override
    public long nodeIdOut() {
        return getLong(NODEID_OUT);
    }

    @Override
    public long fhOut() {
        return getLong(FH_OUT);
    }

    @Override
    public long offsetOut() {
        return getLong(OFF_OUT);
    }

    @Override
    public long length() {
        return getLong(LEN);
    }

    public long flags() {
        return getLong(FLAGS);
    }

    /** The source, which only the request's header names. */
    public void nodeIdIn(long nodeId) {
        nodeIdIn = nodeId;
    }

    @Override
    public long nodeIdIn() {
        return nodeIdIn;
    }
}
