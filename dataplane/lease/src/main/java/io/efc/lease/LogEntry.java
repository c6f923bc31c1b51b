package io.efc.lease;

/** What a master has to have in the replicated log before it acts on it; {@link LeaseRecord} is the sum. */
public sealed interface LogEntry {
    /** A session may hold leases. */
    record SessionOpened(long session) implements LogEntry {}

    /** A session holds nothing any more. */
    record SessionClosed(long session) implements LogEntry {}

    /** Tokens up to {@code mark} may have been granted. */
    record TokensReserved(long mark) implements LogEntry {}
}
