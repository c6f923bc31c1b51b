package io.efc.client.internal;

import java.util.List;
import java.util.concurrent.locks.StampedLock;
import java.util.function.IntToLongFunction;

/**
 * One partition of the way from a file handle's hash to its slot: open addressing with linear probing, deletion by shifting back, so that
 * no tombstones pile up. Two ints a file at most. Its {@link #lock} also guards the nlookup and pins of the partition's inodes.
 */
final class InodeIndex {
    private static final int INITIAL = 64;

    /** Guards this partition. */
    final StampedLock lock = new StampedLock();

    private final IntToLongFunction hashOf;
    private int[] slots = new int[INITIAL];
    private int count;

    /** {@code hashOf} gives the hash of a slot that is in the index. */
    InodeIndex(IntToLongFunction hashOf) {
        this.hashOf = hashOf;
    }

    /** What tells a slot with the right hash from the wanted one. */
    interface Match {
        boolean is(int slot, int mount, byte[] handle);
    }

    /** The slot, or 0. Under {@link #lock}. */
    int find(long hash, int mount, byte[] handle, Match match) {
        int mask = slots.length - 1;
        for (int i = home(hash, mask); ; i = i + 1 & mask) {
            int slot = slots[i];
            if (slot == 0 || (hashOf.applyAsLong(slot) == hash && match.is(slot, mount, handle))) {
                return slot;
            }
        }
    }

    /** Adds to {@code to} every slot with this hash. Under {@link #lock}. */
    void findAll(long hash, List<Long> to) {
        int mask = slots.length - 1;
        for (int i = home(hash, mask); slots[i] != 0; i = i + 1 & mask) {
            if (hashOf.applyAsLong(slots[i]) == hash) {
                to.add((long) slots[i]);
            }
        }
    }

    /** Adds a slot that is not in it. Under {@link #lock}. */
    void add(long hash, int slot) {
        if ((count + 1) * 3L > slots.length * 2L) {
            resize(slots.length * 2);
        }
        put(slots, hash, slot);
        count++;
    }

    /** Takes out a slot that is in it. Under {@link #lock}. */
    void remove(long hash, int slot) {
        int mask = slots.length - 1;
        int i = home(hash, mask);
        while (slots[i] != slot) {
            i = i + 1 & mask;
        }
        for (int j = i + 1 & mask; slots[j] != 0; j = j + 1 & mask) {
            int wanted = home(hashOf.applyAsLong(slots[j]), mask);
            if ((j - wanted & mask) >= (j - i & mask)) {
                slots[i] = slots[j];
                i = j;
            }
        }
        slots[i] = 0;
        count--;
        if (slots.length > INITIAL && count * 8L < slots.length) {
            resize(slots.length / 2);
        }
    }

    private void resize(int length) {
        int[] fresh = new int[length];
        for (int slot : slots) {
            if (slot != 0) {
                put(fresh, hashOf.applyAsLong(slot), slot);
            }
        }
        slots = fresh;
    }

    private static void put(int[] to, long hash, int slot) {
        int mask = to.length - 1;
        int i = home(hash, mask);
        while (to[i] != 0) {
            i = i + 1 & mask;
        }
        to[i] = slot;
    }

    private static int home(long hash, int mask) {
        return (int) (hash >>> 8) & mask;
    }
}
