package io.efc.lease;

/** What a lease allows, weakest first. */
public enum Mode {
    /** Nothing is cached. As an answer to a request: operations go straight to the store for a while, see {@link Reply.Ticket}. */
    NONE,
    /** Shared: what was read may be served again. */
    READ,
    /** Exclusive: changes may be kept back as well. */
    WRITE;

    /** Whether a lease of this mode is enough for {@code wanted}. */
    public boolean covers(Mode wanted) {
        return compareTo(wanted) >= 0;
    }

    /** Whether two sessions may not hold these modes at once. */
    boolean conflictsWith(Mode other) {
        return this != NONE && other != NONE && (this == WRITE || other == WRITE);
    }

    Mode max(Mode other) {
        return covers(other) ? this : other;
    }

    Mode min(Mode other) {
        return covers(other) ? other : this;
    }
}
