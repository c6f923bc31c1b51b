package io.efc.lease;

import io.efc.base.Check;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a master says in a session's stream: exactly once and in order. */
public sealed interface Reply {
    /** Why a lease is impossible rather than unavailable. */
    enum Reason {
        /** A write lease in a read-only dataset. */
        READ_ONLY,
        /** A lease of a whole dataset that is not read-only. */
        WRITABLE
    }

    /**
     * A lease; it takes the place of one of the same object. With a token that is not above all tokens before it nothing new is granted: the
     * session's lease of the directory, granted earlier, covers what was asked for.
     *
     * @param asked what the client asked for
     * @param object that, or its directory
     * @param token above all tokens before it, or of that lease of the directory
     * @param exceptions files of the directory that are not covered
     */
    record Granted(ObjectId asked, ObjectId object, Mode mode, long token, List<Long> exceptions) implements Reply {
        public Granted {
            exceptions = List.copyOf(exceptions);
        }
    }

    /**
     * Nobody caches {@code object} for {@link LeaseConfig.Times#directNanos} from the moment the client sent beat {@code beat}: operations
     * on it go straight to the store, with this token. Of a directory the ticket is for its names only.
     */
    record Ticket(ObjectId object, long token, long beat) implements Reply {}

    /** The master cannot even queue the request: ask again later. */
    record Busy(ObjectId object) implements Reply {}

    /** There is no such lease. */
    record Denied(ObjectId object, Reason reason) implements Reply {}

    /** Flush and forget what this lease allowed beyond {@code keep}, then {@link Request.Yield}. */
    record Recall(ObjectId object, long token, Mode keep) implements Reply {}

    /**
     * The answer to the request about a lock with this number.
     *
     * @param conflict what is in the way, of {@link LockOutcome#CONFLICT} and of nothing else
     */
    record LockAnswer(
            long id, LockOutcome outcome, @Nullable LockRange conflict) implements Reply {
        public LockAnswer {
            Check.argument(
                    (outcome == LockOutcome.CONFLICT) == (conflict != null),
                    "a conflict names the lock that is in the way, and nothing else does");
        }
    }

    /** Flush and forget one file of a leased directory, then {@link Request.YieldChild}. */
    record Carve(ObjectId directory, long token, long child) implements Reply {}
}
