package io.efc.fuse;

/** The answer to STATX (struct fuse_statx): the attributes and the birth time. */
public interface StatxReply {
    /** How long the kernel may answer these attributes by itself, nanoseconds. */
    StatxReply validNanos(long nanos);

    FuseAttr attr();

    /** Birth time, nanoseconds since the epoch; left out of the mask if never set. */
    StatxReply btime(long nanos);
}
