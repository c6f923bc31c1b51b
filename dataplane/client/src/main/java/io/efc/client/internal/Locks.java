package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.LockArgs;
import io.efc.fuse.LockReply;

/** fcntl(2) and flock(2) locks, kept by the master ({@link MasterLocks}) or, where there is none, by the store ({@link StoreLocks}). */
interface Locks {
    /** The kernel's lock types. */
    int F_RDLCK = 0;

    int F_WRLCK = 1;
    int F_UNLCK = 2;

    /** Says which lock is in the way of {@code lock}. */
    Errno getlk(FuseRequest request, FuseFile file, LockArgs lock, LockReply reply);

    /** Locks or unlocks. */
    Errno setlk(FuseRequest request, FuseFile file, LockArgs lock, boolean wait);

    /** A descriptor of {@code owner} is closed: all its fcntl locks on the file end (POSIX). */
    void closed(FuseFile file, long owner);

    /** The last descriptor is closed: what was locked through the file ends. */
    void released(FuseFile file, long flockOwner, boolean unlockFlock);

    /** Refuses with EIO what is done through a file whose locks are lost. */
    void check(FuseFile file);
}
