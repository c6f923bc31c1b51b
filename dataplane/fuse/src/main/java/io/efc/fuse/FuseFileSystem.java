package io.efc.fuse;

import io.efc.base.Errno;
import java.util.Set;

/**
 * The upward edge of the FUSE protocol: an inode-based file system.
 *
 * <p>The server calls each method on a reader thread of its own (or, for {@link FuseOpcode#mayWait operations that may wait for
 * another process}, on a virtual thread), many at once. A method fills its reply and returns {@link Errno#OK}, or returns the errno
 * and leaves the reply alone; the server then writes to the kernel. A thrown exception is a programmer error: the server logs it and
 * answers EIO.
 *
 * <p>Requests, names and replies are views over the thread's buffers: nothing of them may be kept past the method's return.
 *
 * <p>An interrupted request (the caller got a signal) interrupts the thread that runs the method: blocking waits end with {@link
 * InterruptedException}, and the method should answer EINTR unless it has already changed something. The server clears the flag.
 *
 * <p>{@code fh} is what the file system put into {@link OpenReply#handle} when it was opened, or {@link #NO_HANDLE}.
 */
public interface FuseFileSystem {
    /** Stands for the absence of an open file's handle. */
    long NO_HANDLE = -1;

    /** The node id of the root directory. */
    long ROOT = 1;

    /**
     * The operations that this file system implements. The server answers ENOSYS for all others without calling; the kernel remembers
     * that for some of them and never asks again, so the set is constant for a mount.
     */
    Set<FuseOpcode> operations();

    /** The connection is negotiated and requests follow. Notifications go through {@code notifier}, never from a request thread. */
    void start(FuseNegotiated negotiated, FuseNotifier notifier);

    /** The kernel ended the connection (DESTROY, unmount or abort): no request follows. */
    void stop();

    /** Finds {@code name}; adds 1 to the entry's nlookup. A node id of 0 with a validity is a cached "no such name". */
    Errno lookup(FuseRequest request, long parent, FuseName name, EntryReply reply);

    /** The kernel drops {@code nlookup} references to {@code nodeId}. Has no reply and must not block. */
    void forget(long nodeId, long nlookup);

    Errno getattr(FuseRequest request, long nodeId, long fh, AttrReply reply);

    Errno setattr(FuseRequest request, long nodeId, SetattrArgs args, AttrReply reply);

    Errno readlink(FuseRequest request, long nodeId, DataReply reply);

    Errno symlink(FuseRequest request, long parent, FuseName name, FuseName target, EntryReply reply);

    /** Makes a node; {@code mode} has the file type and, since DONT_MASK is negotiated only with POSIX ACLs, is otherwise masked. */
    Errno mknod(FuseRequest request, long parent, FuseName name, int mode, int rdev, int umask, EntryReply reply);

    Errno mkdir(FuseRequest request, long parent, FuseName name, int mode, int umask, EntryReply reply);

    Errno unlink(FuseRequest request, long parent, FuseName name);

    Errno rmdir(FuseRequest request, long parent, FuseName name);

    /** RENAME and RENAME2; {@code flags} are renameat2's RENAME_*. */
    Errno rename(FuseRequest request, long parent, FuseName name, long newParent, FuseName newName, int flags);

    Errno link(FuseRequest request, long nodeId, long newParent, FuseName newName, EntryReply reply);

    /** {@code flags} are open(2)'s without O_CREAT and O_EXCL; O_TRUNC comes only with ATOMIC_O_TRUNC. */
    Errno open(FuseRequest request, long nodeId, int flags, boolean killSuidGid, OpenReply reply);

    /** Creates and opens in one step; fails with EEXIST only if {@code flags} has O_EXCL. */
    Errno create(FuseRequest request, long parent, FuseName name, CreateArgs args, EntryReply entry, OpenReply open);

    /** O_TMPFILE: an unnamed file in {@code parent}, opened. */
    Errno tmpfile(FuseRequest request, long parent, CreateArgs args, EntryReply entry, OpenReply open);

    /** Fewer bytes than {@code size} mean the end of the file (unless opened with direct I/O). */
    Errno read(FuseRequest request, long nodeId, long fh, long offset, int size, DataReply reply);

    /** The bytes are at {@link FuseRequest#data}. */
    Errno write(FuseRequest request, long nodeId, long fh, WriteArgs args, WriteReply reply);

    /** One close(2) of a descriptor; may come several times for one open file. Late write errors are reported here. */
    Errno flush(FuseRequest request, long nodeId, long fh, long lockOwner);

    /** The last reference to the open file is gone. The kernel ignores errors. */
    void release(FuseRequest request, long nodeId, long fh, int flags, long lockOwner, boolean unlockFlock);

    Errno fsync(FuseRequest request, long nodeId, long fh, boolean dataOnly);

    Errno opendir(FuseRequest request, long nodeId, int flags, OpenReply reply);

    /** READDIR and, with {@code plus}, READDIRPLUS. {@code cookie} is 0 at the start, else that of the last entry the kernel has. */
    Errno readdir(FuseRequest request, long nodeId, long fh, long cookie, boolean plus, DirReply reply);

    void releasedir(FuseRequest request, long nodeId, long fh);

    Errno fsyncdir(FuseRequest request, long nodeId, long fh, boolean dataOnly);

    Errno statfs(FuseRequest request, long nodeId, StatfsReply reply);

    /** access(2); not sent when default_permissions is on. */
    Errno access(FuseRequest request, long nodeId, int mask);

    /** The value is {@code size} bytes at {@link FuseRequest#data}; {@code flags} are XATTR_CREATE and XATTR_REPLACE. */
    Errno setxattr(FuseRequest request, long nodeId, FuseName name, int size, int flags, boolean killSgid);

    /** {@code size} 0 asks how long the value is; ERANGE if it is longer than {@code size}. */
    Errno getxattr(FuseRequest request, long nodeId, FuseName name, int size, XattrReply reply);

    /** NUL-terminated names; {@code size} as in {@link #getxattr}. */
    Errno listxattr(FuseRequest request, long nodeId, int size, XattrReply reply);

    Errno removexattr(FuseRequest request, long nodeId, FuseName name);

    Errno getlk(FuseRequest request, long nodeId, long fh, LockArgs lock, LockReply reply);

    /** SETLK, and with {@code wait} SETLKW: may block until interrupted. {@link LockArgs#flock} tells flock(2) from fcntl(2). */
    Errno setlk(FuseRequest request, long nodeId, long fh, LockArgs lock, boolean wait);

    Errno fallocate(FuseRequest request, long nodeId, long fh, long offset, long length, int mode);

    /** SEEK_DATA and SEEK_HOLE. */
    Errno lseek(FuseRequest request, long nodeId, long fh, long offset, int whence, WriteReply reply);

    Errno copyFileRange(FuseRequest request, CopyArgs args, WriteReply reply);

    Errno syncfs(FuseRequest request, long nodeId);

    Errno statx(FuseRequest request, long nodeId, long fh, int flags, int mask, StatxReply reply);
}
