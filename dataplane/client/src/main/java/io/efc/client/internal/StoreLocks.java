package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.LockArgs;
import io.efc.fuse.LockReply;
import io.efc.store.Access;
import io.efc.store.FileLock;
import io.efc.store.OpenFile;
import io.efc.store.StoreException;
import io.efc.store.StoreFeature;
import io.efc.store.UnderStore;
import java.util.List;

/**
 * Locks that the store keeps. Programs of this mount meet in the file's {@link LockTable}; the store's locks keep other clients out. A
 * flock is a lock on the whole range there, as the kernel's NFS client has it.
 */
final class StoreLocks implements Locks {
    /** Owners of flocks are told from those of fcntl locks by this. */
    private static final long FLOCK_OWNERS = 0x6c6f636b666c6f63L;

    /** How long a waiter sleeps before it looks again, should a notice be lost. */
    private static final long LOOK_AGAIN_MILLIS = 1000;

    /** How long one that does not wait for locks sleeps while a close may be on its way. */
    private static final long RELEASE_LOOK_MILLIS = 5;

    private static LockTable.Range range(LockArgs lock) {
        return new LockTable.Range(
                lock.owner(), lock.flock(), lock.start(), lock.end(), lock.type() == F_WRLCK, lock.pid());
    }

    private static FileLock storeLock(LockTable.Range r) {
        long owner = r.flock() ? r.owner() ^ FLOCK_OWNERS : r.owner();
        long length = r.end() == Long.MAX_VALUE ? Long.MAX_VALUE : r.end() - r.start() + 1;
        return new FileLock(owner, r.start(), length, r.exclusive(), r.pid());
    }

    private static boolean atStore(FuseFile file) {
        return Core.has(file.inode.part, StoreFeature.BYTE_RANGE_LOCKS);
    }

    /** The store's open file for a lock: the store wants one that writes for an exclusive lock, as fcntl does. */
    private static OpenFile lockable(FuseFile file, boolean exclusive) {
        boolean fits = exclusive ? file.access.writes() : file.access.reads();
        return fits ? file.store() : file.other(Access.READ_WRITE);
    }

    @Override
    public Errno getlk(FuseRequest request, FuseFile file, LockArgs lock, LockReply reply) {
        LockTable.Range wanted = range(lock);
        LockTable.Range local = file.inode.locks.conflict(wanted);
        if (local != null) {
            reply.conflict(local.exclusive() ? F_WRLCK : F_RDLCK, local.start(), local.end(), local.pid());
            return Errno.OK;
        }
        FileLock remote = atStore(file)
                ? file.inode.part.store().testLock(file.caller, lockable(file, wanted.exclusive()), storeLock(wanted))
                : null;
        if (remote == null) {
            reply.unlocked();
            return Errno.OK;
        }
        long end = remote.length() == Long.MAX_VALUE ? Long.MAX_VALUE : remote.start() + remote.length() - 1;
        reply.conflict(remote.exclusive() ? F_WRLCK : F_RDLCK, remote.start(), end, remote.pid());
        return Errno.OK;
    }

    @Override
    public Errno setlk(FuseRequest request, FuseFile file, LockArgs lock, boolean wait) {
        LockTable.Range wanted = range(lock);
        if (lock.type() == F_UNLCK) {
            unlock(file, wanted);
            return Errno.OK;
        }
        LockTable table = file.inode.locks;
        while (true) {
            List<LockTable.Range> former = table.of(wanted.owner(), wanted.flock());
            if (table.take(wanted)) {
                if (!wanted.flock()) {
                    file.locked(wanted.owner(), false);
                }
                return atStore(file) ? takeAtStore(file, wanted, former, wait) : Errno.OK;
            }
            if (!wait && !file.inode.isReleasing()) {
                return Errno.EAGAIN;
            }
            try {
                table.await(wanted, wait ? LOOK_AGAIN_MILLIS : RELEASE_LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Errno.EINTR;
            }
            if (request.interrupted()) {
                return Errno.EINTR;
            }
        }
    }

    private static Errno takeAtStore(
            FuseFile file, LockTable.Range wanted, List<LockTable.Range> former, boolean wait) {
        try {
            file.inode.part.store().lock(file.caller, lockable(file, wanted.exclusive()), storeLock(wanted), wait);
            return Errno.OK;
        } catch (StoreException e) {
            file.inode.locks.restore(wanted.owner(), wanted.flock(), former);
            return e.errno() == Errno.EACCES ? Errno.EBADF : e.errno();
        }
    }

    /** The store first: who finds the table free must find the store free too. */
    private static void unlock(FuseFile file, LockTable.Range range) {
        LockTable table = file.inode.locks;
        try {
            if (atStore(file) && table.holds(range.owner(), range.flock(), range.start(), range.end())) {
                UnderStore store = file.inode.part.store();
                store.unlock(file.caller, lockable(file, range.exclusive()), storeLock(range));
            }
        } finally {
            table.release(range.owner(), range.flock(), range.start(), range.end());
        }
    }

    @Override
    public void closed(FuseFile file, long owner) {
        file.unlocked(owner);
        releaseAll(file, owner, false);
    }

    @Override
    public void released(FuseFile file, long flockOwner, boolean unlockFlock) {
        if (unlockFlock) {
            releaseAll(file, flockOwner, true);
        }
        for (long owner : file.lockOwners()) {
            releaseAll(file, owner, false);
        }
    }

    /** What a server forgets is refused by its client (NFSv4). */
    @Override
    public void check(FuseFile file) {}

    private void releaseAll(FuseFile file, long owner, boolean flock) {
        if (!file.inode.locks.isEmpty()) {
            unlock(file, new LockTable.Range(owner, flock, 0, Long.MAX_VALUE, false, 0));
        }
    }
}
