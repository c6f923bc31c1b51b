package io.efc.lease;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What of the leases survives every master: who has a session and which tokens may have been given out. Everything else is claimed anew by its
 * holders. Deterministic: the same entries in the same order give the same record. One owner.
 */
public final class LeaseRecord {
    private final Set<Long> sessions = new LinkedHashSet<>();
    private long tokenMark;

    /** An empty record. */
    public LeaseRecord() {}

    /** A record read from a snapshot. */
    public LeaseRecord(Collection<Long> sessions, long tokenMark) {
        this.sessions.addAll(sessions);
        this.tokenMark = tokenMark;
    }

    /** Applies a committed entry; applying one again changes nothing. */
    public void apply(LogEntry entry) {
        switch (entry) {
            case LogEntry.SessionOpened(long session) -> sessions.add(session);
            case LogEntry.SessionClosed(long session) -> sessions.remove(session);
            case LogEntry.TokensReserved(long mark) -> tokenMark = Math.max(tokenMark, mark);
        }
    }

    /** Sessions that may hold leases, oldest first. */
    public Set<Long> sessions() {
        return Collections.unmodifiableSet(sessions);
    }

    /** No token above it was ever granted. */
    public long tokenMark() {
        return tokenMark;
    }
}
