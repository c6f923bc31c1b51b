package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.store.StoreException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Numbers for open things: {@link #get} is one array access, without locks. A number carries the generation of its place, so that one that
 * was given back is not taken for its successor.
 */
final class HandleTable<T> {
    private static final int FIRST = 256;

    private record Held<T>(long number, T value) {}

    private final int max;
    private volatile AtomicReferenceArray<@Nullable Held<T>> places = new AtomicReferenceArray<>(FIRST);
    private int[] free = new int[FIRST];
    private int freeCount;
    private int used;
    private int generation;

    HandleTable(int max) {
        this.max = max;
    }

    /** A number for {@code value}; ENFILE if there are too many. */
    synchronized long add(T value) {
        int place;
        if (freeCount > 0) {
            place = free[--freeCount];
        } else {
            if (used == max) {
                throw new StoreException(Errno.ENFILE, "open file " + (used + 1));
            }
            place = used++;
            if (place == places.length()) {
                grow();
            }
        }
        generation = generation + 1 & 0x7fffffff;
        long number = (long) generation << 32 | place;
        places.set(place, new Held<>(number, value));
        return number;
    }

    private void grow() {
        AtomicReferenceArray<@Nullable Held<T>> old = places;
        AtomicReferenceArray<@Nullable Held<T>> wider = new AtomicReferenceArray<>(old.length() * 2);
        for (int i = 0; i < old.length(); i++) {
            wider.set(i, old.get(i));
        }
        places = wider;
        free = java.util.Arrays.copyOf(free, wider.length());
    }

    /** What {@code number} stands for; EBADF if nothing. */
    T get(long number) {
        AtomicReferenceArray<@Nullable Held<T>> p = places;
        int place = (int) number;
        Held<T> held = place >= 0 && place < p.length() ? p.get(place) : null;
        if (held == null || held.number != number) {
            throw new StoreException(Errno.EBADF, "handle " + number);
        }
        return held.value;
    }

    /** Gives the number back; what it stood for. */
    synchronized T remove(long number) {
        T value = get(number);
        places.set((int) number, null);
        free[freeCount++] = (int) number;
        return value;
    }

    /** How many there are. */
    synchronized int size() {
        return used - freeCount;
    }

    /** All values, at some moment. */
    synchronized java.util.List<T> values() {
        java.util.List<T> all = new java.util.ArrayList<>();
        for (int i = 0; i < used; i++) {
            Held<T> held = places.get(i);
            if (held != null) {
                all.add(held.value);
            }
        }
        return all;
    }
}
