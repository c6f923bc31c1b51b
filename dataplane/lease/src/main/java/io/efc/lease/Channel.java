package io.efc.lease;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One side of a session's two streams: numbers what is sent and keeps it until it is acknowledged, takes what arrives once and in order. A number
 * that comes too early is dropped, since its sender sends everything from the first unacknowledged one again.
 *
 * @param <O> what goes out
 */
final class Channel<O> {
    /** Frames that are on their way at once; more wait for acknowledgements. */
    private static final int WINDOW = 64;

    /** Puts a frame on its way. */
    interface Wire<O> {
        void frame(long seq, long ack, @Nullable O body);
    }

    /** What became of a frame that arrived. */
    enum Arrival {
        NEXT,
        EMPTY,
        DUPLICATE,
        GAP
    }

    private final ArrayDeque<O> unacked = new ArrayDeque<>();
    private final long retryNanos;
    private final Set<Flaw> flaws;
    private long first = 1;
    private int sent;
    private long sentNanos;
    private long arrived;
    private boolean ackDue;

    Channel(long retryNanos, Set<Flaw> flaws) {
        this.retryNanos = retryNanos;
        this.flaws = flaws;
    }

    int unacked() {
        return unacked.size();
    }

    void send(long now, O body, Wire<O> wire) {
        unacked.add(body);
        if (sent < WINDOW) {
            if (sent == 0) {
                sentNanos = now;
            }
            wire.frame(first + sent, arrived, body);
            sent++;
            ackDue = false;
        }
    }

    /** A frame arrived; its body is to be taken if the answer is {@link Arrival#NEXT}. */
    Arrival arrive(long now, long seq, long ack, Wire<O> wire) {
        acknowledged(now, ack, wire);
        if (seq == 0) {
            return Arrival.EMPTY;
        }
        ackDue = true;
        if (seq <= arrived) {
            return flaws.contains(Flaw.DUPLICATES_TAKEN) ? Arrival.NEXT : Arrival.DUPLICATE;
        }
        if (seq > arrived + 1 && !flaws.contains(Flaw.GAPS_TAKEN)) {
            return Arrival.GAP;
        }
        arrived = seq;
        return Arrival.NEXT;
    }

    private void acknowledged(long now, long ack, Wire<O> wire) {
        while (first <= ack && !unacked.isEmpty()) {
            unacked.remove();
            first++;
            sent = Math.max(0, sent - 1);
            sentNanos = now;
        }
        if (sent < WINDOW && sent < unacked.size()) {
            resendFrom(sent, wire);
        }
    }

    private void resendFrom(int skip, Wire<O> wire) {
        Iterator<O> bodies = unacked.iterator();
        for (int i = 0; i < WINDOW && bodies.hasNext(); i++) {
            O body = bodies.next();
            if (i >= skip) {
                wire.frame(first + i, arrived, body);
                sent = Math.max(sent, i + 1);
            }
        }
        ackDue = false;
    }

    /** Acknowledges what arrived, if nothing that was sent has done so. */
    void settle(Wire<O> wire) {
        if (ackDue) {
            ackDue = false;
            wire.frame(0, arrived, null);
        }
    }

    /** Sends again what is unacknowledged for too long; whether there was any. */
    boolean tick(long now, Wire<O> wire) {
        if (unacked.isEmpty() || now - sentNanos < retryNanos) {
            return false;
        }
        sentNanos = now;
        resendFrom(0, wire);
        return true;
    }
}
