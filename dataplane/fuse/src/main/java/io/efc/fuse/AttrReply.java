package io.efc.fuse;

/** The answer to GETATTR and SETATTR (struct fuse_attr_out). */
public interface AttrReply {
    /** How long the kernel may answer these attributes by itself, nanoseconds; {@link EntryReply#FOREVER} never ends. */
    AttrReply validNanos(long nanos);

    FuseAttr attr();
}
