package io.efc.lease;

/**
 * Until when tickets are out that the lease table has no room for, by hash and therefore in fixed memory: two objects that share a slot only
 * make each other wait.
 */
final class TicketSlots {
    private final int mask;
    private final long[] until;
    private final boolean[] used;
    private boolean any;
    private long lastUntil;

    TicketSlots(int log2) {
        mask = (1 << log2) - 1;
        until = new long[2 << log2];
        used = new boolean[2 << log2];
    }

    private int slot(ObjectId object, boolean filesOfIt) {
        long h = (object.dataset() * 31 + object.directory()) * 0x9E3779B97F4A7C15L + object.file();
        h *= 0x9E3779B97F4A7C15L;
        return ((int) (h >>> 40) & mask) * 2 + (filesOfIt ? 1 : 0);
    }

    void mark(ObjectId object, long untilNanos) {
        put(slot(object, false), untilNanos);
        if (object.hasParent()) {
            put(slot(object.parent(), true), untilNanos);
        }
        lastUntil = any && lastUntil - untilNanos > 0 ? lastUntil : untilNanos;
        any = true;
    }

    private void put(int slot, long untilNanos) {
        if (!used[slot] || untilNanos - until[slot] > 0) {
            until[slot] = untilNanos;
            used[slot] = true;
        }
    }

    /** Whether a ticket may be out for {@code object}, or for a file of it. */
    boolean isOut(long now, ObjectId object) {
        if (!any) {
            return false;
        }
        if (now - lastUntil >= 0) {
            any = false;
            return false;
        }
        return isOut(now, slot(object, false)) || (object.isDirectory() && isOut(now, slot(object, true)));
    }

    private boolean isOut(long now, int slot) {
        return used[slot] && now - until[slot] < 0;
    }
}
