package io.efc.lease;

/** How contended a node is, and which tickets are out for it. */
final class Heat {
    long windowNanos;
    int recalls;
    boolean isContended;
    long contendedUntil;
    long lastAsker;
    boolean isTicketed;
    long ticketUntil;
    long ticketToken;
    /** The token was claimed, so that a later one may be out, or seen by the store: no new ticket has it. */
    boolean isTicketClaimed;
    /** The only session with a ticket; 0: several. */
    long ticketHolder;
}
