package io.efc.fuse;

/** What WRITE asks for (struct fuse_write_in). */
public interface WriteArgs {
    long offset();

    /** Bytes. */
    int size();

    /** open(2)'s flags of the open file. */
    int flags();

    long lockOwner();

    /** The kernel wrote back its page cache: {@code fh} may be any open handle of the file, uid and gid are not the writer's. */
    boolean fromCache();

    /** Strip set-uid and set-gid. */
    boolean killSuidGid();
}
