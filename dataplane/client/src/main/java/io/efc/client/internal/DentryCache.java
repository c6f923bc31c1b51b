package io.efc.client.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.efc.base.Check;
import io.efc.fuse.FuseName;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongUnaryOperator;

/**
 * Names of directories and what they stand for, present or absent: off-heap, of a fixed size, eight ways associative. A full set replaces
 * its oldest entry. Names of more than {@value #NAME_MAX} bytes are not kept.
 *
 * <pre>
 * entry of 128 bytes: 0 parent's identity u64, 0 = empty | 8 node u64, 0 = absent | 16 generation u64 | 24 fetched at i64 | 32 length u32 | 36 name
 * </pre>
 *
 * <p>Callers name parents by their node ids. Here they are told apart by {@link InodeTable#identity}: entries outlive the inode, and its node id is given
 * to another.
 *
 * <p>Each stripe of sets remembers when this client last changed a name in it: an answer that was asked for before that is not kept, so an
 * answer that overtook a change cannot bring the old name back.
 */
final class DentryCache implements AutoCloseable {
    /** {@link Found#nodeId} of a name that is known to be absent. */
    static final long ABSENT = 0;

    private static final int ENTRY_BYTES = 128;
    private static final int NAME = 36;
    private static final int NAME_MAX = ENTRY_BYTES - NAME;
    private static final int WAYS = 8;
    private static final int STRIPES = 256;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final int setMask;
    private final LongUnaryOperator identity;
    private final StampedLock[] stripes = new StampedLock[STRIPES];
    private final long[] floors = new long[STRIPES];

    /** What {@link #find} found; one a thread, overwritten by the next call. */
    static final class Found {
        long nodeId;
        long generation;
        long fetchedAt;
    }

    private final ThreadLocal<Found> found = ThreadLocal.withInitial(Found::new);

    /**
     * An empty one.
     *
     * @param entries room, a power of two of at least 2048; memory is used as it fills
     * @param identity of a node that is there, see {@link InodeTable#identity}
     */
    DentryCache(int entries, LongUnaryOperator identity) {
        Check.argument(
                entries >= 2048 && Integer.bitCount(entries) == 1, "a dentry cache cannot have %d entries", entries);
        memory = arena.allocate((long) entries * ENTRY_BYTES, ENTRY_BYTES);
        setMask = entries / WAYS - 1;
        this.identity = identity;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new StampedLock();
            floors[i] = Freshness.UNKNOWN;
        }
    }

    /** What is known of a name, however old; null if nothing. Valid until this thread's next call. */
    @org.jspecify.annotations.Nullable
    Found find(long parentId, FuseName name) {
        if (name.length() > NAME_MAX) {
            return null;
        }
        long parent = identity.applyAsLong(parentId);
        int set = set(parent, name.hash64());
        StampedLock stripe = stripes[set & STRIPES - 1];
        Found f = found.get();
        long stamp = stripe.readLock();
        try {
            for (int way = 0; way < WAYS; way++) {
                long at = at(set, way);
                if (memory.get(JAVA_LONG, at) == parent
                        && memory.get(JAVA_INT, at + 32) == name.length()
                        && name.contentEquals(memory, at + NAME)) {
                    f.nodeId = memory.get(JAVA_LONG, at + 8);
                    f.generation = memory.get(JAVA_LONG, at + 16);
                    f.fetchedAt = memory.get(JAVA_LONG, at + 24);
                    return f;
                }
            }
            return null;
        } finally {
            stripe.unlockRead(stamp);
        }
    }

    /** Keeps an answer of the store to a question of {@code askedAt}; {@code nodeId} {@link #ABSENT} says that there is no such name. */
    void put(long parentId, FuseName name, long nodeId, long generation, long askedAt) {
        if (name.length() > NAME_MAX) {
            return;
        }
        long parent = identity.applyAsLong(parentId);
        int set = set(parent, name.hash64());
        int stripe = set & STRIPES - 1;
        long stamp = stripes[stripe].writeLock();
        try {
            if (floors[stripe] != Freshness.UNKNOWN && askedAt - floors[stripe] < 0) {
                return;
            }
            long at = place(set, parent, name, askedAt);
            memory.set(JAVA_LONG, at, parent);
            memory.set(JAVA_LONG, at + 8, nodeId);
            memory.set(JAVA_LONG, at + 16, generation);
            memory.set(JAVA_LONG, at + 24, askedAt);
            memory.set(JAVA_INT, at + 32, name.length());
            name.copyTo(memory, at + NAME);
        } finally {
            stripes[stripe].unlockWrite(stamp);
        }
    }

    /** The entry of the name, else an empty one, else the oldest. */
    private long place(int set, long parent, FuseName name, long now) {
        long best = at(set, 0);
        long bestAge = -1;
        for (int way = 0; way < WAYS; way++) {
            long at = at(set, way);
            long holder = memory.get(JAVA_LONG, at);
            if (holder == parent
                    && memory.get(JAVA_INT, at + 32) == name.length()
                    && name.contentEquals(memory, at + NAME)) {
                return at;
            }
            long age = holder == 0 ? Long.MAX_VALUE : Math.max(0, now - memory.get(JAVA_LONG, at + 24));
            if (age > bestAge) {
                best = at;
                bestAge = age;
            }
        }
        return best;
    }

    /** This client changed the name at {@code now}: nothing is known of it, and answers to older questions are not kept. */
    void changed(long parentId, FuseName name, long now) {
        long parent = identity.applyAsLong(parentId);
        int set = set(parent, name.hash64());
        int stripe = set & STRIPES - 1;
        long stamp = stripes[stripe].writeLock();
        try {
            floors[stripe] = now;
            for (int way = 0; way < WAYS; way++) {
                long at = at(set, way);
                if (memory.get(JAVA_LONG, at) == parent
                        && memory.get(JAVA_INT, at + 32) == name.length()
                        && name.length() <= NAME_MAX
                        && name.contentEquals(memory, at + NAME)) {
                    memory.set(JAVA_LONG, at, 0);
                }
            }
        } finally {
            stripes[stripe].unlockWrite(stamp);
        }
    }

    private int set(long parent, long hash) {
        long h = (hash ^ parent * 0x9E3779B97F4A7C15L) * 0xD6E8FEB86659FD93L;
        return (int) (h >>> 40) & setMask;
    }

    private static long at(int set, int way) {
        return ((long) set * WAYS + way) * ENTRY_BYTES;
    }

    /** Bytes reserved. */
    long bytes() {
        return memory.byteSize();
    }

    @Override
    public void close() {
        arena.close();
    }
}
