package io.efc.fuse;

/** A lock (struct fuse_lk_in). */
public interface LockArgs {
    /** Who owns it: the same for all descriptors of a process (fcntl) or of an open file (flock). */
    long owner();

    /** First byte. */
    long start();

    /** Last byte, inclusive; {@link Long#MAX_VALUE} for the end of the file. */
    long end();

    /** F_RDLCK 0, F_WRLCK 1, F_UNLCK 2. */
    int type();

    /** The owner's process. */
    int pid();

    /** flock(2) instead of fcntl(2). */
    boolean flock();
}
