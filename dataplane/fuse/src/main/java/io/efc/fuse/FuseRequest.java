package io.efc.fuse;

import java.lang.foreign.MemorySegment;

/** The header of a request (struct fuse_in_header) and its bulk data: a view that is valid until the file system's method returns. */
public interface FuseRequest {
    /** The kernel's number of the request, without the re-sent bit: the same when it is re-sent to a successor. */
    long unique();

    /** True if the kernel sent it before, to this process or one that died (bit 63 of unique). */
    boolean resent();

    /** The caller's effective user id, as the mount's user namespace sees it. */
    int uid();

    /** The caller's effective group id. */
    int gid();

    /** The caller's thread id; 0 for the kernel itself or a process outside the mount's pid namespace. */
    int pid();

    /** Where WRITE's bytes and SETXATTR's value are. */
    MemorySegment data();

    /** Where in {@link #data} the bulk data starts. */
    long dataOffset();

    /** When the server read the request from the kernel, in {@link io.efc.base.Ticker} nanoseconds. */
    long receivedNanos();

    /** True once the caller was interrupted. */
    boolean interrupted();
}
