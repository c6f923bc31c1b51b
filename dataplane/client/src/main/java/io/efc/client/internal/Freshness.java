package io.efc.client.internal;

import io.efc.base.Ticker;
import io.efc.fuse.EntryReply;
import org.jspecify.annotations.Nullable;

/**
 * Decides for how long something that was learned from the store may still be answered, by this client and by the kernel. It is the only
 * place that knows: with leases as long as one has been held since the store was asked, else a fixed time from that moment.
 *
 * <p>Every answer is the time left in nanoseconds: 0 means ask the store again; {@link EntryReply#FOREVER} never ends. The kernel is
 * given the same time, so that it never keeps anything longer than the client would.
 */
final class Freshness {
    /** Stands for "never fetched". */
    static final long UNKNOWN = Long.MIN_VALUE;

    private final Ticker ticker;
    private final long attributeNanos;
    private final long entryNanos;
    private final long negativeNanos;
    private final @Nullable Leases leases;

    Freshness(Ticker ticker, long attributeNanos, long entryNanos, long negativeNanos) {
        this(ticker, attributeNanos, entryNanos, negativeNanos, null);
    }

    /** With {@code leases} the times do not count. */
    Freshness(Ticker ticker, long attributeNanos, long entryNanos, long negativeNanos, @Nullable Leases leases) {
        this.leases = leases;
        this.ticker = ticker;
        this.attributeNanos = attributeNanos;
        this.entryNanos = entryNanos;
        this.negativeNanos = negativeNanos;
    }

    /** The moment from which the age of an answer counts: read before the store is asked. */
    long now() {
        return ticker.nanos();
    }

    /** The attributes of {@code nodeId}, asked for at {@code fetchedAt}. */
    long attributes(long nodeId, long fetchedAt) {
        return left(nodeId, fetchedAt, attributeNanos);
    }

    /** A name in directory {@code parent} that was there at {@code fetchedAt}. */
    long entry(long parent, long fetchedAt) {
        return left(parent, fetchedAt, entryNanos);
    }

    /** A name that was absent from {@code parent} at {@code fetchedAt}. */
    long negative(long parent, long fetchedAt) {
        return left(parent, fetchedAt, negativeNanos);
    }

    private long left(long nodeId, long fetchedAt, long life) {
        if (leases != null) {
            return leases.left(nodeId, fetchedAt);
        }
        if (fetchedAt == UNKNOWN) {
            return 0;
        }
        if (life == EntryReply.FOREVER) {
            return life;
        }
        return Math.max(0, life - (ticker.nanos() - fetchedAt));
    }
}
