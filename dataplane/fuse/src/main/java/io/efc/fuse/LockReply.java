package io.efc.fuse;

/** The answer to GETLK: the lock that is in the way, or none. */
public interface LockReply {
    /** Nothing is in the way. */
    void unlocked();

    /** {@code type} is F_RDLCK (0) or F_WRLCK (1); {@code end} is inclusive, {@link Long#MAX_VALUE} for the end of the file. */
    void conflict(int type, long start, long end, int pid);
}
