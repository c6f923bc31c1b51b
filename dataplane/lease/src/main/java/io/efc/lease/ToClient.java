package io.efc.lease;

import org.jspecify.annotations.Nullable;

/** What a master sends to a client. May be lost, repeated and overtaken on its way. */
public sealed interface ToClient {
    long session();

    /** The session exists; answers the opening with this number. */
    record Opened(long session, long epoch, long beat) implements ToClient {}

    /** The session is renewed from the moment when its client sent beat {@code beat}. */
    record Renewed(long session, long epoch, long beat) implements ToClient {}

    /** The master of {@code epoch} does not know the session's leases yet: claim them. Renews nothing. */
    record Reclaim(long session, long epoch) implements ToClient {}

    /** There is no such session, or it will not be renewed any more. */
    record Ended(long session) implements ToClient {}

    /** A place in the session's stream from the master of {@code epoch}; see {@link ToMaster.Frame}. */
    record Frame(
            long session,
            long epoch,
            long seq,
            long ack,
            @Nullable Reply body) implements ToClient {}
}
