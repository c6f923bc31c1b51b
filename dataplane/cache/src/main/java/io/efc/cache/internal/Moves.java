package io.efc.cache.internal;

import io.efc.base.Check;

/**
 * What is on its way from one place of the cache to another, to a tier or to another slab, by file: while it is in a mover's hands an
 * invalidation cannot find it. So whoever invalidates removes all it finds, and does it again unless no move of that file was under way
 * at any moment meanwhile; before that it waits for those that are.
 *
 * <p>A move begins before the mover looks the content up, and ends when it has put it down. Movers never wait here. A wait is only for
 * moves that began before it, which the two phases tell apart as in a read-copy-update [1]: so new ones cannot prolong it. There is
 * little to find the second time, so that it falls between two moves even while an eviction goes through the file's blocks.
 *
 * <p>A stripe's monitor guards its fields. No lock of a tier is taken under it, and it may be entered under none of them.
 *
 * <p>[1] McKenney, Slingwine: Read-Copy Update, PDCS 1998.
 */
final class Moves {
    private static final int STRIPES = 256;

    /** The mark of a stripe with moves under way. */
    private static final long BUSY = -1;

    private static final class Stripe {
        /** Moves under way that began in each phase. */
        final int[] underWay = new int[2];

        int phase;
        long begun;

        /** Somebody waits for the phase that is over. */
        boolean waiting;
    }

    private final Stripe[] stripes = new Stripe[STRIPES];

    Moves() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** A move of a file begins; what {@link #end} must be given. */
    int begin(long fileHash) {
        Stripe stripe = stripe(fileHash);
        synchronized (stripe) {
            stripe.begun++;
            stripe.underWay[stripe.phase]++;
            return stripe.phase;
        }
    }

    void end(long fileHash, int phase) {
        Stripe stripe = stripe(fileHash);
        synchronized (stripe) {
            Check.state(stripe.underWay[phase] > 0, "a move ends that did not begin");
            if (--stripe.underWay[phase] == 0) {
                stripe.notifyAll();
            }
        }
    }

    /** What to give to {@link #isQuietSince} once the file's content has been removed. */
    long mark(long fileHash) {
        Stripe stripe = stripe(fileHash);
        synchronized (stripe) {
            return stripe.underWay[0] + stripe.underWay[1] > 0 ? BUSY : stripe.begun;
        }
    }

    /** Whether no move of the file was under way at {@code mark} or since; if one was, waits for those that are. */
    boolean isQuietSince(long fileHash, long mark) {
        Stripe stripe = stripe(fileHash);
        synchronized (stripe) {
            if (mark == stripe.begun) {
                return true;
            }
            awaitUnderWay(stripe);
            return false;
        }
    }

    private static void awaitUnderWay(Stripe stripe) {
        boolean interrupted = false;
        while (stripe.waiting) {
            interrupted |= pause(stripe);
        }
        int over = stripe.phase;
        stripe.phase = 1 - over;
        stripe.waiting = true;
        while (stripe.underWay[over] > 0) {
            interrupted |= pause(stripe);
        }
        stripe.waiting = false;
        stripe.notifyAll();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the wait was interrupted. */
    private static boolean pause(Stripe stripe) {
        try {
            stripe.wait();
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private Stripe stripe(long fileHash) {
        return stripes[(int) (fileHash >>> 32) & (STRIPES - 1)];
    }
}
