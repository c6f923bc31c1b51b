package io.efc.lease;

import org.jspecify.annotations.Nullable;

/** What a client sends to the master. May be lost, repeated and overtaken on its way. */
public sealed interface ToMaster {
    /** The session it is from: a number that its client chose at random and uses for no other session. */
    long session();

    /**
     * Asks for a session.
     *
     * @param prior a session of this client that is over on its side: nothing is cached, kept back or on its way to the store; 0: none
     * @param beat counts the session's renewals and openings
     */
    record Open(long session, long prior, long beat) implements ToMaster {}

    /** Renews the session and all its leases. */
    record Beat(long session, long epoch, long beat) implements ToMaster {}

    /** Ends the session: nothing is cached, kept back or on its way to the store. */
    record Close(long session) implements ToMaster {}

    /**
     * A place in the session's stream to the master of {@code epoch}.
     *
     * @param seq from 1; 0 without a body
     * @param ack everything of the other direction up to this number has arrived
     */
    record Frame(
            long session,
            long epoch,
            long seq,
            long ack,
            @Nullable Request body) implements ToMaster {}
}
