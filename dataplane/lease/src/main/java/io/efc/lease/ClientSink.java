package io.efc.lease;

import org.jspecify.annotations.Nullable;

/**
 * Where a {@link LeaseClient} puts what has to be done. It is called within the client's methods, under the caller's lock: it notes what to do and
 * returns; it does not call the client back.
 */
public interface ClientSink {
    /** Send this to the master, whichever leads. */
    void send(ToMaster message);

    /** Whoever waits for {@code object} (or a file of it) may ask {@link LeaseClient#acquire} again. */
    void settled(ObjectId object);

    /** The master cannot even queue the request for {@code object}, or its ticket came too late to be used: ask again after a pause. */
    void busy(ObjectId object);

    /** {@code object} cannot be leased; the request is over. */
    void denied(ObjectId object, Reply.Reason reason);

    /**
     * Let no new operation in under this lease beyond {@code keep}; wait for those that are under way, those straight at the store included; flush
     * what was kept back; for {@link Mode#NONE} forget what was cached, in the kernel too. Then call {@link LeaseClient#yielded}.
     */
    void giveUp(ObjectId object, long token, Mode keep);

    /** The same for one file of a directory's lease, then {@link LeaseClient#yieldedChild}. */
    void giveUpChild(ObjectId directory, long token, long child);

    /** The request about a lock with this number is answered, as in {@link Reply.LockAnswer}. */
    void lockAnswered(long id, LockOutcome outcome, @Nullable LockRange conflict);

    /**
     * The locks that {@code owner} had on {@code object} are gone, with the session or without. It is to be kept from using the file until it has
     * given them up, see {@link LeaseClient#isLockLost}.
     */
    void locksLost(ObjectId object, long owner, boolean flock);

    /** There is a session: requests can be made. */
    void sessionOpened(long session);

    /**
     * All leases and tickets are dead. Forget everything that was cached, in the kernel too; what was kept back and not flushed is lost, and its
     * writers are told. When nothing of the session is on its way to the store any more, call {@link LeaseClient#cleared}.
     */
    void sessionLost(long session);

    /** Counts. */
    void event(LeaseEvent event);
}
