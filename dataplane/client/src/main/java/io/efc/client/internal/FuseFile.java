package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.store.Access;
import io.efc.store.OpenFile;
import io.efc.store.Opened;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An open file description. A file opened for reading only is not opened at the store until something has to be read from there: what the
 * caches have costs no round trip. Before its last name goes away it is ({@link #store}).
 */
final class FuseFile {
    final OpenInode inode;
    final Credentials caller;
    final int flags;
    final Access access;
    final ReadPattern pattern;

    /** Served by the kernel from a tier file. Written before the number is given out. */
    boolean passedThrough;

    /** Goes past the page cache because the inode is passed through. Written before the number is given out. */
    boolean direct;

    /** An error of an earlier write that is not told yet; guarded by the inode's {@link WriteBuffer}. */
    @Nullable
    Errno late;

    /** A set of its own rather than guarded by this: a close must not wait for {@link #store}, which waits for the server. */
    private final Set<Long> lockOwners = ConcurrentHashMap.newKeySet();

    private volatile long flockOwner;
    private @Nullable OpenFile opened;
    private @Nullable OpenFile second;
    private boolean closed;

    FuseFile(OpenInode inode, Credentials caller, int flags, @Nullable OpenFile opened, ReadPattern pattern) {
        this.inode = inode;
        this.caller = caller;
        this.flags = flags;
        this.access = accessOf(flags);
        this.opened = opened;
        this.pattern = pattern;
    }

    /** What open(2)'s flags ask for. */
    static Access accessOf(int flags) {
        return switch (flags & Libc.O_ACCMODE) {
            case Libc.O_RDONLY -> Access.READ;
            case Libc.O_WRONLY -> Access.WRITE;
            default -> Access.READ_WRITE;
        };
    }

    boolean appends() {
        return (flags & Libc.O_APPEND) != 0;
    }

    /** The store's open file, opened now if it was not yet. */
    synchronized OpenFile store() {
        OpenFile o = opened;
        if (o == null) {
            if (closed) {
                throw new io.efc.store.StoreException(Errno.EBADF, "closed file");
            }
            Opened fresh = inode.part.store().open(caller, inode.handle, access, false);
            o = fresh.file();
            opened = o;
        }
        return o;
    }

    /** Opens the store's file now, since its name is about to go; nothing to do for a file whose last close is under way. */
    synchronized void keepWithoutName() {
        if (!closed) {
            store();
        }
    }

    /** Notes that {@code owner} takes a lock through this file. */
    void locked(long owner, boolean flock) {
        inode.locked = true;
        if (flock) {
            flockOwner = owner;
        } else {
            lockOwners.add(owner);
        }
    }

    /** The owner of flocks through this file, 0 if there were none: the open file description itself. */
    long flockOwner() {
        return flockOwner;
    }

    /** {@code owner} closed a descriptor, and has no fcntl lock any more. */
    void unlocked(long owner) {
        lockOwners.remove(owner);
    }

    /**
     * The owners that took fcntl locks through this file and did not close a descriptor since: at the last close those are open file
     * description locks (fcntl(2), F_OFD_SETLK), whose end the kernel does not tell otherwise.
     */
    Set<Long> lockOwners() {
        return Set.copyOf(lockOwners);
    }

    /** Another open file of the store for what {@link #store} was not opened for; kept as long as this one. */
    synchronized OpenFile other(Access wanted) {
        OpenFile o = second;
        if (o == null) {
            o = inode.part.store().open(caller, inode.handle, wanted, false).file();
            second = o;
        }
        return o;
    }

    /** Closes the store's open file; no method may be called any more. */
    synchronized void close() {
        closed = true;
        OpenFile first = opened;
        OpenFile other = second;
        opened = null;
        second = null;
        try {
            if (other != null) {
                inode.part.store().close(other);
            }
        } finally {
            if (first != null) {
                inode.part.store().close(first);
            }
        }
    }
}
