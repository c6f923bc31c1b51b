package io.efc.nfs;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A mounted export. Handle-based, as the protocol is: a file is named by the 1 to 128 bytes of its handle, which callers and client never change;
 * names are single path components in raw bytes.
 *
 * <p>All methods are safe for many threads, may block, and run with {@code caller}'s rights (AUTH_SYS: uid, gid and up to 16 groups). They throw
 * {@link NfsException} with the errno that the server's status stands for. A thread that is interrupted while it waits gets {@link Errno#EINTR}
 * and keeps its interrupt flag. A server that is away is waited for, as a hard mount does, unless {@link NfsConfig#softTimeout} says otherwise;
 * nothing is executed twice because of it.
 *
 * <p>Memory segments are native and are not touched after the call has returned.
 */
public interface NfsClient extends AutoCloseable {
    /** What this server can do, found out at mount. */
    Set<NfsFeature> features();

    /** {@code nfs://host:port/path}: for messages. */
    String location();

    /** The protocol in use: {@code 3}, {@code 4.1} or {@code 4.2}. */
    String version();

    /** The most bytes of one READ; longer reads are cut into several requests in flight. */
    int readBytesMax();

    /** The most bytes of one WRITE; longer writes are cut into several requests in flight. */
    int writeBytesMax();

    /** The export's directory. */
    NfsEntry root();

    NfsAttr getattr(Credentials caller, byte[] file);

    /** Changes attributes; {@code open} is an open file of {@code file} for a change of size, or null. The answer is the state after it. */
    NfsAttr setattr(Credentials caller, byte[] file, @Nullable NfsOpenFile open, NfsSetAttr change);

    NfsEntry lookup(Credentials caller, byte[] directory, byte[] name);

    /** Which of {@code mask}'s R_OK 4, W_OK 2, X_OK 1 the caller has, as the server sees it. */
    int access(Credentials caller, byte[] file, int mask);

    byte[] readlink(Credentials caller, byte[] link);

    NfsMade mkdir(Credentials caller, byte[] directory, byte[] name, int mode);

    NfsMade symlink(Credentials caller, byte[] directory, byte[] name, byte[] target);

    /** Makes a fifo, a socket, a device, or an empty regular file: {@code mode} has the type. */
    NfsMade mknod(Credentials caller, byte[] directory, byte[] name, int mode, long rdev);

    /** Another name for {@code file}; the answer is its state after it. */
    NfsMade link(Credentials caller, byte[] file, byte[] directory, byte[] name);

    /** Takes away a name; EISDIR if it is a directory's. The attributes of {@code directory} after that, null if the server did not say. */
    @Nullable
    NfsAttr remove(Credentials caller, byte[] directory, byte[] name);

    /** Takes away an empty directory; ENOTDIR if it is none. The attributes of {@code directory} after that, null if the server did not say. */
    @Nullable
    NfsAttr rmdir(Credentials caller, byte[] directory, byte[] name);

    /** rename(2); an existing target is replaced. */
    NfsRenamed rename(Credentials caller, byte[] from, byte[] name, byte[] to, byte[] newName);

    NfsOpened open(Credentials caller, byte[] file, NfsAccess access, boolean truncate);

    /** Creates and opens. With {@code exclusive} exactly one of several creators wins, the others get EEXIST; a retransmission wins too. */
    NfsOpened create(
            Credentials caller,
            byte[] directory,
            byte[] name,
            int mode,
            NfsAccess access,
            boolean exclusive,
            boolean truncate);

    /** Commits what is not committed yet, lets go of locks and ends the open state. Not ended by an interrupt. */
    void close(NfsOpenFile file);

    /** Reads {@code length} bytes to {@code to} at {@code toOffset}; the socket's bytes land there without a copy. */
    NfsReadResult read(
            Credentials caller, NfsOpenFile file, long position, MemorySegment to, long toOffset, int length);

    /** As {@link #read(Credentials, NfsOpenFile, long, MemorySegment, long, int)}, without an open file (v4: the anonymous stateid). */
    NfsReadResult read(Credentials caller, byte[] file, long position, MemorySegment to, long toOffset, int length);

    /**
     * Writes {@code length} bytes. UNSTABLE ones are also kept in this client, off the heap, until {@link #commit} found them stable or sent
     * them again; {@link NfsConfig#uncommittedBytesMax} bounds what is kept, and whoever reaches the bound commits.
     */
    NfsWriteResult write(
            Credentials caller,
            NfsOpenFile file,
            long position,
            MemorySegment from,
            long fromOffset,
            int length,
            NfsStability stability);

    /** All that was written through any open file of this client to {@code file} is on stable storage afterwards; the state after it. */
    NfsAttr commit(Credentials caller, NfsOpenFile file);

    /**
     * Lists a directory from {@code cookie} (0: the start) with the {@code verifier} of the page before (0 at the start).
     *
     * @param entriesMax 1 or more
     * @param plus bring handles and attributes along
     * @throws NfsException ESTALE if the directory changed so that the cookie means nothing any more
     */
    NfsDirPage readdir(Credentials caller, byte[] directory, long cookie, long verifier, int entriesMax, boolean plus);

    NfsStatfs statfs(Credentials caller, byte[] file);

    /** {@code name} with its {@code user.}; ENODATA if there is none, EOPNOTSUPP for another namespace. */
    byte[] getxattr(Credentials caller, byte[] file, byte[] name);

    /** {@code flags}: XATTR_CREATE 1, XATTR_REPLACE 2. */
    void setxattr(Credentials caller, byte[] file, byte[] name, byte[] value, int flags);

    /** Names, each with its {@code user.} and ended by NUL. */
    byte[] listxattr(Credentials caller, byte[] file);

    void removexattr(Credentials caller, byte[] file, byte[] name);

    /** The lock that stands in {@code lock}'s way, or null. */
    @Nullable
    NfsLock testLock(Credentials caller, NfsOpenFile file, NfsLock lock);

    /** Takes a lock; EAGAIN if another owner is in the way and {@code wait} is false; with {@code wait} until interrupted (EINTR). */
    void lock(Credentials caller, NfsOpenFile file, NfsLock lock, boolean wait);

    void unlock(Credentials caller, NfsOpenFile file, NfsLock lock);

    /** lseek(2) with SEEK_DATA 3 or SEEK_HOLE 4; ENXIO behind the end. */
    long seek(Credentials caller, NfsOpenFile file, long position, int whence);

    /** Reserves room; the file grows to {@code position + length} if it is shorter. */
    void allocate(Credentials caller, NfsOpenFile file, long position, long length);

    /** Gives room back: the range reads as zeroes, the size stays. */
    void deallocate(Credentials caller, NfsOpenFile file, long position, long length);

    /** Copies on the server; the bytes copied, which may be fewer. */
    long copy(Credentials caller, NfsOpenFile from, long fromPosition, NfsOpenFile to, long toPosition, long length);

    /** Ends all state and connections; open files are closed. Idempotent. */
    @Override
    void close();
}
