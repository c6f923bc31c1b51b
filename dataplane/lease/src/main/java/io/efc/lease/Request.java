package io.efc.lease;

import java.util.List;

/** What a client says in its session's stream: exactly once and in order. */
public sealed interface Request {
    /** Wants a lease of at least this mode. The answer is a grant, a ticket, {@link Reply.Busy} or {@link Reply.Denied}, some time. */
    record Acquire(ObjectId object, Mode mode) implements Request {}

    /** Of the lease with this token only {@code keep} is left. */
    record Yield(ObjectId object, long token, Mode keep) implements Request {}

    /** The directory's lease with this token does not cover {@code child} any more. */
    record YieldChild(ObjectId directory, long token, long child) implements Request {}

    /**
     * To a new master: some of what earlier ones granted. Several at once, since a session may have thousands and they all have to arrive within its
     * life.
     */
    record Claims(List<Claim> claims) implements Request {
        public Claims {
            claims = List.copyOf(claims);
        }
    }

    /**
     * What an earlier master granted, and what it wanted back.
     *
     * @param mode {@link Mode#NONE}: a ticket
     * @param keep what will be left when it has been given up as far as an earlier master wanted; {@code mode} if none did
     * @param carving files that an earlier master wanted excepted
     */
    record Claim(ObjectId object, Mode mode, Mode keep, long token, List<Long> exceptions, List<Long> carving) {
        public Claim {
            exceptions = List.copyOf(exceptions);
            carving = List.copyOf(carving);
        }

        /** How much of a message it takes: numbers of files. */
        int size() {
            return 4 + exceptions.size() + carving.size();
        }
    }

    /** To a new master: that was all. */
    record ClaimsDone(long beat) implements Request {}
}
