package io.efc.lease;

/**
 * Defects that can be put into the protocol on purpose, to see that the simulator finds them. Only constructors of this package take them; what
 * production builds has none, and pays with a look into an empty set at decisions, and nothing where operations are let in.
 */
enum Flaw {
    /** A lease is given although another session's conflicting one was never recalled. */
    RECALL_NOT_SENT,
    /** A lease is given when the recall of the conflicting one was sent, not when it was answered. */
    GRANT_BEFORE_YIELD,
    /** Both sides take each other's clock for their own. */
    DRIFT_IGNORED,
    /** A client counts its life from the arrival of the answer. */
    LIFE_FROM_REPLY,
    /** A master ends a silent session after half its life. */
    EXPIRED_EARLY,
    /** A session that did not yield in time is ended at once rather than at the end of its life. */
    CONDEMNED_AT_ONCE,
    /** A new master grants without waiting for claims. */
    GRACE_SKIPPED,
    /** A new master renews sessions that have not claimed yet. */
    RENEWED_BEFORE_CLAIMS,
    /** A client claims its leases without the files they do not cover. */
    EXCEPTIONS_NOT_CLAIMED,
    /** A client does not tell a new master of its tickets. */
    TICKETS_NOT_CLAIMED,
    /** A master goes on though its leadership is not confirmed any more. */
    LEADERSHIP_UNCHECKED,
    /** A client follows messages of an earlier master. */
    EPOCH_UNCHECKED,
    /** A new master begins with the first token again. */
    TOKENS_FORGOTTEN,
    /** The store lets an old token in. */
    TOKEN_UNCHECKED,
    /** A repeated message is taken for a new one. */
    DUPLICATES_TAKEN,
    /** A message that overtook another is taken at once. */
    GAPS_TAKEN,
    /** Who writes a file does not have the directory's holders let go of it. */
    CARVE_NOT_SENT,
    /** A directory's lease is said to cover files that others have leased. */
    EXCEPTIONS_FORGOTTEN,
    /** Leases are given while tickets are out. */
    TICKETS_IGNORED,
    /** A ticket is given while somebody caches the object. */
    TICKET_OVER_LEASE,
    /** An upgrade does not have the other readers let go. */
    UPGRADE_BESIDE_READERS,
    /** A directory's downgrade to read counts as having let go of a file. */
    DOWNGRADE_COUNTS_AS_CARVE,
    /** A lock is granted beside another's that conflicts. */
    LOCK_GRANTED_TWICE,
    /** Who waits for a lock is not served when it is given up. */
    LOCK_WAITER_FORGOTTEN,
    /** Owners are left waiting for each other in a circle. */
    LOCK_CIRCLE_UNSEEN,
    /** A master keeps a session's locks when the session is over. */
    LOCKS_OUTLIVE_SESSION,
    /** A master frees a session's locks when it will not renew it any more, not when it is over. */
    LOCKS_FREED_EARLY,
    /** A client does not tell a new master of its locks. */
    LOCKS_NOT_CLAIMED,
    /** A client claims locks that the master before may have given to somebody else. */
    UNLOCKED_CLAIMED,
    /** A client does not ask a new master for locks that it waits for. */
    LOCK_NOT_ASKED_AGAIN,
    /** A client believes that it has the locks of a session that is over. */
    LOCKS_KEPT
}
