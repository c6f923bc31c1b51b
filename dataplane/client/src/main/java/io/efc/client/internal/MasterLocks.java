package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.LockArgs;
import io.efc.fuse.LockReply;
import io.efc.lease.LockRange;
import io.efc.lease.ObjectId;
import io.efc.lease.Reply;
import io.efc.store.StoreException;
import java.lang.System.Logger.Level;
import java.util.Objects;

/**
 * Locks that the master keeps for all mounts of the dataset. The store is not asked, so there are locks on every store.
 *
 * <p>SETLKW ends with EINTR after any signal, as POSIX has it; the others only for a caller that is being killed.
 *
 * <p>A flock is given up by RELEASE, which the kernel sends behind a close without waiting for it. So who finds a flock in the way looks
 * again a moment later: here if a close is known to be under way, elsewhere a few times.
 */
final class MasterLocks implements Locks {
    /** For how long one that does not wait looks again at a flock of another mount. */
    private static final long RELEASE_FOLLOWS_NANOS = 20_000_000L;

    private static final long LOOK_AGAIN_MILLIS = 5;

    private final Leases leases;
    private final LockCalls calls;

    MasterLocks(Leases leases) {
        this.leases = leases;
        this.calls = leases.locks();
    }

    private static LockRange range(LockArgs lock) {
        return new LockRange(lock.owner(), lock.flock(), lock.start(), lock.end(), lock.type() == F_WRLCK, lock.pid());
    }

    private ObjectId cell(FuseFile file) {
        return leases.lockCell(file.inode.nodeId);
    }

    @Override
    public Errno getlk(FuseRequest request, FuseFile file, LockArgs lock, LockReply reply) {
        check(file);
        Reply.LockAnswer answer = calls.test(cell(file), range(lock), () -> Callers.isKilled(request.pid()));
        LockRange other = answer.conflict();
        if (other == null) {
            reply.unlocked();
        } else {
            reply.conflict(other.exclusive() ? F_WRLCK : F_RDLCK, other.start(), other.end(), other.pid());
        }
        return Errno.OK;
    }

    @Override
    public Errno setlk(FuseRequest request, FuseFile file, LockArgs lock, boolean wait) {
        LockRange wanted = range(lock);
        ObjectId cell = cell(file);
        if (lock.type() == F_UNLCK) {
            return calls.unlock(cell, wanted) ? Errno.OK : Errno.ENOLCK;
        }
        check(file);
        file.locked(wanted.owner(), wanted.flock());
        long since = System.nanoTime();
        while (true) {
            Reply.LockAnswer answer = calls.lock(cell, wanted, wait, () -> wait || Callers.isKilled(request.pid()));
            switch (answer.outcome()) {
                case DONE -> {
                    return Errno.OK;
                }
                case DEADLOCK -> {
                    return Errno.EDEADLK;
                }
                case FULL -> {
                    return Errno.ENOLCK;
                }
                case CANCELLED -> {
                    return Errno.EINTR;
                }
                case CONFLICT -> {
                    LockRange other = Objects.requireNonNull(answer.conflict());
                    if (!mayBeReleased(file, cell, other, System.nanoTime() - since)) {
                        return Errno.EAGAIN;
                    }
                    sleep(request);
                }
            }
        }
    }

    private boolean mayBeReleased(FuseFile file, ObjectId cell, LockRange other, long waitedNanos) {
        return calls.isOwn(cell, other)
                ? file.inode.isReleasing()
                : other.flock() && waitedNanos < RELEASE_FOLLOWS_NANOS;
    }

    private static void sleep(FuseRequest request) {
        try {
            Thread.sleep(LOOK_AGAIN_MILLIS);
        } catch (InterruptedException e) {
            if (Callers.isKilled(request.pid())) {
                Thread.currentThread().interrupt();
                throw new StoreException(Errno.EINTR, "wait for a lock");
            }
        }
    }

    @Override
    public void closed(FuseFile file, long owner) {
        file.unlocked(owner);
        unlockAll(file, owner, false);
    }

    @Override
    public void released(FuseFile file, long flockOwner, boolean unlockFlock) {
        if (unlockFlock) {
            unlockAll(file, flockOwner, true);
        }
        for (long owner : file.lockOwners()) {
            unlockAll(file, owner, false);
        }
    }

    /** Files that were never locked cost nothing. */
    private void unlockAll(FuseFile file, long owner, boolean flock) {
        if (file.inode.locked) {
            calls.unlockAll(cell(file), owner, flock);
        }
    }

    @Override
    public void check(FuseFile file) {
        if (!calls.isAnyLost() || !file.inode.locked) {
            return;
        }
        ObjectId cell = cell(file);
        boolean lost = file.lockOwners().stream().anyMatch(o -> calls.isLost(cell, o, false))
                || (file.flockOwner() != 0 && calls.isLost(cell, file.flockOwner(), true));
        if (lost) {
            if (file.inode.tellsLoss()) {
                System.getLogger(MasterLocks.class.getName())
                        .log(
                                Level.WARNING,
                                "locks on {0} are lost with their session: who had them gets EIO until they are unlocked"
                                        + " or the file is closed",
                                cell);
            }
            throw new StoreException(Errno.EIO, "the locks that the program had on the file are lost");
        }
    }
}
