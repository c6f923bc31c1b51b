package io.efc.fuse;

import io.efc.base.Errno;
import java.lang.foreign.MemorySegment;

/**
 * What a file system tells the kernel by itself. Calls return at once and are carried out, in order, by a thread of their own: a
 * notification takes the kernel's inode and page locks, which a request may hold. The queue is bounded; a caller waits while it is full,
 * so request threads must not call when they hold what the notifier's callbacks need.
 */
public interface FuseNotifier {
    /** Drops the file's attributes and, from {@code offset} for {@code length} bytes (0: to the end), its pages; a negative offset: attributes only. */
    void invalidateInode(long nodeId, long offset, long length);

    /** Drops a name. With {@code expireOnly} it is only looked up again. */
    void invalidateEntry(long parent, byte[] name, boolean expireOnly);

    /** Drops a name that was deleted, so that watchers are told. */
    void delete(long parent, long child, byte[] name);

    /** Pushes bytes into the file's page cache; copies them before it returns. */
    void store(long nodeId, long offset, MemorySegment from, long fromOffset, int length);

    /** Makes every dentry of the mount revalidate (FUSE_NOTIFY_INC_EPOCH). */
    void incrementEpoch();

    /**
     * Waits until all that was queued before this call is with the kernel; not from a request thread. An invalidation of pages waits for
     * the reads and writes of those pages that are under way.
     *
     * @return false if that has not come after {@code nanos}
     */
    boolean drain(long nanos) throws InterruptedException;

    /**
     * Registers a file for passthrough (FUSE_DEV_IOC_BACKING_OPEN). May be called from a request thread.
     *
     * @return the backing id, or minus the errno: EPERM if passthrough was not negotiated
     */
    int openBacking(int fd);

    /** Forgets a backing id; open files keep theirs. */
    Errno closeBacking(int backingId);
}
