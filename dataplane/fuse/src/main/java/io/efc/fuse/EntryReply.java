package io.efc.fuse;

/** The answer to what makes or finds a name (struct fuse_entry_out). Validities are nanoseconds; {@link #FOREVER} never ends. */
public interface EntryReply {
    /** A validity without end. */
    long FOREVER = Long.MAX_VALUE;

    /** The node's id; 0 says that there is no such name. */
    EntryReply nodeId(long nodeId);

    /** Tells apart two files that had the same node id at different times. */
    EntryReply generation(long generation);

    /** How long the kernel may answer this name by itself. */
    EntryReply entryValidNanos(long nanos);

    /** How long the kernel may answer these attributes by itself. */
    EntryReply attrValidNanos(long nanos);

    FuseAttr attr();
}
