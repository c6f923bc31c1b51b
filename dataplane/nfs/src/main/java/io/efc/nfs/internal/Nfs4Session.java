package io.efc.nfs.internal;

import io.efc.base.Errno;
import io.efc.nfs.NfsException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A session (RFC 8881 section 2.10): slots, each of which has one request at a time, numbered, so that the server executes a request once however often
 * it comes. A request whose connection breaks is sent again unchanged; only when its caller gave up and the connection broke too is it unknown what the
 * server made of the slot. Such a slot stays out of use until the keeper has {@link #uncertain probed} it.
 */
final class Nfs4Session {
    /** Bits of a long. */
    static final int SLOTS_MAX = 64;

    /**
     * What the server agreed to.
     *
     * @param requestBytesMax of a whole request, RPC head included
     * @param responseBytesMax of a whole reply
     */
    record Limits(int slots, int requestBytesMax, int responseBytesMax) {}

    private final byte[] id;
    private final long incarnation;
    private final Limits limits;
    private final Nfs4Compound[] slots;
    private final Runnable needsProbe;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition slotFree = lock.newCondition();
    private long free;
    private long uncertain;
    private int usable;
    private boolean dead;

    Nfs4Session(
            byte[] id, long incarnation, Limits limits, RpcTransport transport, Nfs4Lease lease, Runnable needsProbe) {
        this.id = id;
        this.incarnation = incarnation;
        this.limits = limits;
        this.needsProbe = needsProbe;
        this.slots = new Nfs4Compound[limits.slots()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Nfs4Compound(transport, lease, this, i);
        }
        this.usable = slots.length;
        this.free = slots.length == SLOTS_MAX ? -1L : (1L << slots.length) - 1;
    }

    byte[] id() {
        return id;
    }

    /**
     * A write verifier as the server said it, made different for each life of the server that this client has seen: servers whose verifier is their
     * start in seconds (ganesha) would otherwise pass for the one before if they restart within one.
     */
    long verifier(long wire) {
        return wire ^ (incarnation * 0x9E3779B97F4A7C15L);
    }

    Limits limits() {
        return limits;
    }

    /**
     * Takes the lowest free slot, waiting for one.
     *
     * @return null if the session has ended
     * @throws NfsException EINTR
     */
    @Nullable
    Nfs4Compound acquire(boolean interruptible) {
        lock.lock();
        try {
            while (true) {
                if (dead) {
                    return null;
                }
                Nfs4Compound c = take();
                if (c != null) {
                    return c;
                }
                if (interruptible) {
                    slotFree.await();
                } else {
                    slotFree.awaitUninterruptibly();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NfsException(Errno.EINTR, "waiting for a slot");
        } finally {
            lock.unlock();
        }
    }

    /** Takes a free slot if there is one right now. */
    @Nullable
    Nfs4Compound tryAcquire() {
        lock.lock();
        try {
            return dead ? null : take();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Nfs4Compound take() {
        int lowest = Long.numberOfTrailingZeros(free);
        if (lowest >= usable) {
            return null;
        }
        free &= ~(1L << lowest);
        return slots[lowest];
    }

    /** Gives a slot back. {@code unknown}: the server may or may not have executed its last request. */
    void release(Nfs4Compound slot, boolean unknown) {
        lock.lock();
        try {
            if (unknown) {
                uncertain |= 1L << slot.slot;
            } else {
                free |= 1L << slot.slot;
                slotFree.signal();
            }
        } finally {
            lock.unlock();
        }
        if (unknown) {
            needsProbe.run();
        }
    }

    /** Takes a slot whose last request may or may not have been executed; null if there is none. */
    @Nullable
    Nfs4Compound uncertain() {
        lock.lock();
        try {
            if (uncertain == 0 || dead) {
                return null;
            }
            int lowest = Long.numberOfTrailingZeros(uncertain);
            uncertain &= ~(1L << lowest);
            return slots[lowest];
        } finally {
            lock.unlock();
        }
    }

    int highestSlotInUse() {
        lock.lock();
        try {
            long used = ~free & (slots.length == SLOTS_MAX ? -1L : (1L << slots.length) - 1);
            return used == 0 ? 0 : 63 - Long.numberOfLeadingZeros(used);
        } finally {
            lock.unlock();
        }
    }

    /** The server would have us use slots up to {@code highest}, or more again. */
    void target(int highest) {
        lock.lock();
        try {
            int before = usable;
            usable = Math.clamp(highest + 1L, 1, slots.length);
            if (usable > before) {
                slotFree.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The server does not know the session any more: whoever waits for a slot is sent away. */
    void end() {
        lock.lock();
        try {
            dead = true;
            slotFree.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
