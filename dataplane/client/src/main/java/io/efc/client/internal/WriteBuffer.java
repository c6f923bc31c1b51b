package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.store.Durability;
import io.efc.store.StoreAttr;
import io.efc.store.StoreException;
import io.efc.store.WriteResult;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The writes of one open file that are acknowledged and not yet with the store. Contiguous writes gather in one slot of the {@link
 * WriteArena}; a full slot, a write elsewhere, or anything that must see the bytes at the store sends it. Several slots are on their way
 * at once, but never two that overlap, so the store's order of the same byte is the program's.
 *
 * <p>A failed write is told once to every open file that could write at that time, at its next fsync or close, and, when there is no
 * room, to its next write. From then on writes of this file go through, so that the error meets the write that has it.
 *
 * <p>Lock order: this lock, then the arena's. No lock is held over a call to the store.
 */
final class WriteBuffer {
    private final Core core;
    private final OpenInode inode;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Extent> inFlight = new ArrayList<>();
    private final List<FuseFile> writers = new ArrayList<>();
    private @Nullable Extent gathering;
    private boolean uncommitted;
    private boolean writeThrough;
    private long writes;
    private volatile boolean moving;

    /** A run of bytes in a slot. */
    private final class Extent implements Runnable {
        final int slot;
        final FuseFile file;
        final long position;
        final long since;

        /** The lease session in which its bytes were taken. */
        final long session;

        int length;

        Extent(int slot, FuseFile file, long position) {
            this.slot = slot;
            this.file = file;
            this.position = position;
            this.since = core.freshness.now();
            this.session = core.leases == null ? 0 : core.leases.session();
        }

        boolean overlaps(long from, long to) {
            return position < to && from < position + length;
        }

        @Override
        public void run() {
            send(this);
        }
    }

    WriteBuffer(Core core, OpenInode inode) {
        this.core = core;
        this.inode = inode;
    }

    /** {@code file} may write from now on. */
    void addWriter(FuseFile file) {
        lock.lock();
        try {
            writers.add(file);
        } finally {
            lock.unlock();
        }
    }

    void removeWriter(FuseFile file) {
        lock.lock();
        try {
            writers.remove(file);
        } finally {
            lock.unlock();
        }
    }

    /** True while the store's attributes do not yet stand for what was written here. */
    boolean isMoving() {
        return moving;
    }

    /**
     * Takes {@code length} bytes for {@code position}.
     *
     * @param pid who waits, if it has to
     */
    void write(FuseFile file, int pid, long position, MemorySegment from, long fromOffset, int length) {
        Errno full = takeNoRoom(file);
        if (!full.isOk()) {
            throw new StoreException(full, "an earlier write");
        }
        if (isWriteThrough()) {
            writeThrough(file, pid, position, from, fromOffset, length);
            return;
        }
        int done = 0;
        while (done < length) {
            int n = append(file, pid, position + done, from, fromOffset + done, length - done);
            if (n == 0) {
                gather(file, position + done, done > 0);
            }
            done += n;
        }
    }

    /** Adds to what gathers, if it goes on there; what gathers elsewhere is sent. The bytes taken. */
    private int append(FuseFile file, int pid, long position, MemorySegment from, long fromOffset, int length) {
        lock.lock();
        try {
            while (overlapsInFlight(position, position + length)) {
                await(pid);
            }
            Extent g = gathering;
            if (g == null) {
                return 0;
            }
            long at = position - g.position;
            if (g.file != file || at < 0 || at > g.length || at >= WriteArena.SLOT_BYTES) {
                dispatch();
                return 0;
            }
            int n = (int) Math.min(length, WriteArena.SLOT_BYTES - at);
            WriteArena arena = core.writeArena;
            MemorySegment.copy(from, fromOffset, arena.memory(), arena.data(g.slot) + at, n);
            g.length = (int) Math.max(g.length, at + n);
            arena.length(g.slot, g.length);
            moving = true;
            core.inodes.unsettled(inode.nodeId);
            if (g.length == WriteArena.SLOT_BYTES) {
                dispatch();
            }
            return n;
        } finally {
            lock.unlock();
        }
    }

    /** Starts to gather at {@code position}. */
    private void gather(FuseFile file, long position, boolean begun) {
        int slot = takeSlot(begun);
        lock.lock();
        try {
            dispatch();
            core.writeArena.describe(slot, file, position);
            gathering = new Extent(slot, file, position);
            core.writeArena.gathers(this);
        } finally {
            lock.unlock();
        }
    }

    private int takeSlot(boolean begun) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return core.writeArena.take();
                } catch (InterruptedException e) {
                    if (!begun) {
                        throw new StoreException(Errno.EINTR, "write");
                    }
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean overlapsInFlight(long from, long to) {
        for (int i = 0; i < inFlight.size(); i++) {
            if (inFlight.get(i).overlaps(from, to)) {
                return true;
            }
        }
        return false;
    }

    /** Sends what gathers. Under the lock. */
    private void dispatch() {
        Extent g = gathering;
        if (g != null) {
            gathering = null;
            core.writeArena.settled(this);
            if (g.length == 0) {
                core.writeArena.give(g.slot);
                return;
            }
            inFlight.add(g);
            core.senders.execute(g);
        }
    }

    /** Sends what gathers, without waiting. */
    void push() {
        lock.lock();
        try {
            dispatch();
        } finally {
            lock.unlock();
        }
    }

    /** Sends what has gathered since before {@code moment}. */
    void pushOlder(long moment) {
        lock.lock();
        try {
            Extent g = gathering;
            if (g != null && g.since - moment < 0) {
                dispatch();
            }
        } finally {
            lock.unlock();
        }
    }

    private void send(Extent e) {
        Errno error = Errno.OK;
        boolean stable = false;
        try {
            stable = write(e).stable();
            core.metrics.sent.add(e.length);
        } catch (StoreException x) {
            error = x.errno();
        } catch (RuntimeException x) {
            System.getLogger(WriteBuffer.class.getName()).log(System.Logger.Level.ERROR, "write failed", x);
            error = Errno.EIO;
        }
        lock.lock();
        try {
            inFlight.remove(e);
            if (inFlight.isEmpty() && (gathering == null || gathering.length == 0)) {
                core.inodes.settled(inode.nodeId, core.freshness.now());
            } else {
                core.inodes.unsettled(inode.nodeId);
            }
            writes++;
            if (error.isOk()) {
                uncommitted |= !stable;
            } else {
                fail(error);
            }
            core.writeArena.give(e.slot);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private WriteResult write(Extent e) {
        Leases leases = core.leases;
        if (leases != null && !leases.beginFlush(inode.nodeId, e.session)) {
            throw new StoreException(
                    Errno.EIO, "the lease session is lost in which " + e.length + " bytes were written");
        }
        try {
            WriteArena arena = core.writeArena;
            return inode.part
                    .store()
                    .write(
                            e.file.caller,
                            e.file.store(),
                            e.position,
                            arena.memory(),
                            arena.data(e.slot),
                            e.length,
                            Durability.UNSTABLE);
        } finally {
            if (leases != null) {
                leases.flushed();
            }
        }
    }

    private void fail(Errno error) {
        writeThrough = true;
        for (FuseFile f : writers) {
            if (f.late == null) {
                f.late = error;
            }
        }
    }

    private boolean isWriteThrough() {
        lock.lock();
        try {
            return writeThrough;
        } finally {
            lock.unlock();
        }
    }

    private void writeThrough(FuseFile file, int pid, long position, MemorySegment from, long offset, int length) {
        flush(pid);
        WriteResult result = inode.part
                .store()
                .write(file.caller, file.store(), position, from, offset, length, Durability.UNSTABLE);
        core.metrics.sent.add(length);
        lock.lock();
        try {
            moving = true;
            writes++;
            uncommitted |= !result.stable();
            core.inodes.changed(inode.nodeId, core.freshness.now());
        } finally {
            lock.unlock();
        }
    }

    /** Returns when all that was written is with the store, or failed. {@code pid} waits. */
    void flush(int pid) {
        if (!moving) {
            return;
        }
        lock.lock();
        try {
            dispatch();
            while (!inFlight.isEmpty()) {
                await(pid);
            }
        } finally {
            lock.unlock();
        }
    }

    /** True if something that was written is not with the store yet. */
    boolean isPending() {
        lock.lock();
        try {
            return gathering != null || !inFlight.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** {@link #flush} if bytes of the range are not with the store yet. */
    void flushRange(int pid, long from, long to) {
        boolean wait;
        lock.lock();
        try {
            Extent g = gathering;
            wait = (g != null && g.overlaps(from, to)) || overlapsInFlight(from, to);
        } finally {
            lock.unlock();
        }
        if (wait) {
            flush(pid);
        }
    }

    /** Waits for a change, in the caller's loop; only a caller that is being killed gives up. */
    @SuppressWarnings("WaitNotInLoop")
    private void await(int pid) {
        boolean interrupted = Thread.interrupted();
        if (interrupted && Callers.isKilled(pid)) {
            Thread.currentThread().interrupt();
            throw new StoreException(Errno.EINTR, "wait for writes");
        }
        try {
            changed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Puts all that was written on stable storage and learns the file's attributes after it.
     *
     * @param file one of its open files
     */
    void commit(FuseFile file, int pid) {
        if (!moving) {
            return;
        }
        flush(pid);
        long before;
        boolean needed;
        FuseFile through;
        lock.lock();
        try {
            before = writes;
            needed = uncommitted;
            through = file.access.writes() || writers.isEmpty() ? file : writers.getFirst();
        } finally {
            lock.unlock();
        }
        long askedAt = core.freshness.now();
        StoreAttr attr = needed && through.access.writes()
                ? inode.part.store().commit(through.caller, through.store())
                : inode.part.store().getattr(through.caller, inode.handle);
        lock.lock();
        try {
            if (writes == before && inFlight.isEmpty() && gathering == null) {
                uncommitted = false;
                moving = false;
                if (core.inodes.apply(inode.nodeId, attr, askedAt)) {
                    core.inodes.pages(inode.nodeId, attr.version());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** The error that {@code file} was not told yet; told now. */
    Errno takeError(FuseFile file) {
        lock.lock();
        try {
            Errno e = file.late;
            file.late = null;
            return e == null ? Errno.OK : e;
        } finally {
            lock.unlock();
        }
    }

    private Errno takeNoRoom(FuseFile file) {
        lock.lock();
        try {
            Errno e = file.late;
            if (e == Errno.ENOSPC || e == Errno.EDQUOT || e == Errno.EFBIG) {
                file.late = null;
                return e;
            }
            return Errno.OK;
        } finally {
            lock.unlock();
        }
    }
}
