package io.efc.store;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A store of files behind the cache: a NAS, a local tree, a bucket. Handle-based, as NFS and the kernel think; names are single path
 * components in raw bytes.
 *
 * <p>All methods are safe for many threads, may block, and run with {@code caller}'s rights. They throw {@link StoreException} with the
 * errno of the store (ENOENT, EACCES, ESTALE, ENOSPC, EDQUOT …). An interrupted thread that waits gets {@link Errno#EINTR} and keeps its
 * interrupt flag. A server that is away is waited for, as a hard NFS mount does; nothing is ever executed twice because of it.
 *
 * <p>Memory segments are native; the store does not keep them past the call.
 */
public interface UnderStore extends AutoCloseable {
    Set<StoreFeature> features();

    /** The store's scheme and place, e.g. {@code nfs://127.0.0.1:/export}: for messages. */
    String location();

    /** The most bytes of one read that are worth asking for. */
    int readBytesMax();

    /** The most bytes of one write that are worth sending. */
    int writeBytesMax();

    /** The directory that the store was opened at. */
    StoreEntry root();

    StoreAttr getattr(Credentials caller, FileHandle file);

    /** Changes attributes; {@code open} is an open file of {@code file} for a change of size, or null. The answer is the state after it. */
    StoreAttr setattr(Credentials caller, FileHandle file, @Nullable OpenFile open, SetAttr change);

    StoreEntry lookup(Credentials caller, FileHandle directory, byte[] name);

    /** Which of {@code mask}'s R_OK 4, W_OK 2, X_OK 1 the caller has, as the store sees it. */
    int access(Credentials caller, FileHandle file, int mask);

    byte[] readlink(Credentials caller, FileHandle link);

    Made mkdir(Credentials caller, FileHandle directory, byte[] name, int mode);

    Made symlink(Credentials caller, FileHandle directory, byte[] name, byte[] target);

    /** Makes a fifo, a socket, a device, or an empty regular file: {@code mode} has the type. */
    Made mknod(Credentials caller, FileHandle directory, byte[] name, int mode, long rdev);

    /** Another name for {@code file}; the answer is its state after it. */
    Made link(Credentials caller, FileHandle file, FileHandle directory, byte[] name);

    /** The attributes of {@code directory} after it; null if the store did not say. */
    @Nullable
    StoreAttr unlink(Credentials caller, FileHandle directory, byte[] name);

    /** The attributes of {@code directory} after it; null if the store did not say. */
    @Nullable
    StoreAttr rmdir(Credentials caller, FileHandle directory, byte[] name);

    /** rename(2), or renameat2(2) with {@code flags}; EINVAL for flags that {@link #features} lacks. */
    Renamed rename(Credentials caller, FileHandle from, byte[] name, FileHandle to, byte[] newName, int flags);

    Opened open(Credentials caller, FileHandle file, Access access, boolean truncate);

    /** Creates and opens. With {@code exclusive} exactly one of several creators wins, the others get EEXIST; a retransmission wins too. */
    Opened create(
            Credentials caller,
            FileHandle directory,
            byte[] name,
            int mode,
            Access access,
            boolean exclusive,
            boolean truncate);

    /** O_TMPFILE ({@link StoreFeature#UNNAMED_FILES}). */
    Opened createUnnamed(Credentials caller, FileHandle directory, int mode, Access access);

    void close(OpenFile file);

    /** Reads {@code length} bytes to {@code to} at {@code toOffset}; larger than {@link #readBytesMax} is cut into several requests in flight. */
    ReadResult read(Credentials caller, OpenFile file, long position, MemorySegment to, long toOffset, int length);

    /** As {@link #read(Credentials, OpenFile, long, MemorySegment, long, int)}, for a cache worker, which has no open file. */
    ReadResult read(Credentials caller, FileHandle file, long position, MemorySegment to, long toOffset, int length);

    WriteResult write(
            Credentials caller,
            OpenFile file,
            long position,
            MemorySegment from,
            long fromOffset,
            int length,
            Durability durability);

    /** All that was written through any open file of this store to {@code file} is on stable storage afterwards; the state after it. */
    StoreAttr commit(Credentials caller, OpenFile file);

    /**
     * Lists a directory from {@code cookie} (0: the start) with the {@code verifier} of the page before (0 at the start).
     *
     * @param entriesMax 1 or more
     * @param plus bring handles and attributes along where the store can
     * @throws StoreException ESTALE if the directory changed so that the cookie means nothing any more
     */
    DirPage readdir(Credentials caller, FileHandle directory, long cookie, long verifier, int entriesMax, boolean plus);

    StoreStatfs statfs(Credentials caller, FileHandle file);

    /** ENODATA if there is none. */
    byte[] getxattr(Credentials caller, FileHandle file, byte[] name);

    /** {@code flags}: XATTR_CREATE 1, XATTR_REPLACE 2. */
    void setxattr(Credentials caller, FileHandle file, byte[] name, byte[] value, int flags);

    /** Names, each ended by NUL. */
    byte[] listxattr(Credentials caller, FileHandle file);

    void removexattr(Credentials caller, FileHandle file, byte[] name);

    /** The lock that stands in {@code lock}'s way, or null. */
    @Nullable
    FileLock testLock(Credentials caller, OpenFile file, FileLock lock);

    /** Takes a lock; EAGAIN if another owner is in the way and {@code wait} is false; with {@code wait} until interrupted (EINTR). */
    void lock(Credentials caller, OpenFile file, FileLock lock, boolean wait);

    void unlock(Credentials caller, OpenFile file, FileLock lock);

    /** lseek(2) with SEEK_DATA 3 or SEEK_HOLE 4; ENXIO behind the end. */
    long seek(Credentials caller, OpenFile file, long position, int whence);

    /** fallocate(2): mode 0 or KEEP_SIZE 1, PUNCH_HOLE|KEEP_SIZE 3, ZERO_RANGE 16. */
    void allocate(Credentials caller, OpenFile file, long position, long length, int mode);

    /** Copies inside the store ({@link StoreFeature#SERVER_COPY}); the bytes copied. */
    long copy(Credentials caller, OpenFile from, long fromPosition, OpenFile to, long toPosition, long length);

    /** Ends all connections and state; open files are closed. Idempotent. */
    @Override
    void close();
}
