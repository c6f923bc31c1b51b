package io.efc.master.internal;

import java.util.concurrent.CompletableFuture;

/** One machine's part of a replicated log, as a master that leads by it sees it. Any thread. */
interface Consensus {
    /** The term in which this machine leads and has applied everything of the terms before; -1 if it does not, as far as it knows. */
    long leadingTerm();

    /** The state with everything that was applied here; the caller's own. */
    ClusterState copy();

    /** Completes when a majority has the command and it is applied here; after a failure nobody knows what became of it. */
    CompletableFuture<Void> write(Command command);

    /** Completes when a majority has followed this leader after the call. */
    CompletableFuture<Void> confirm();
}
