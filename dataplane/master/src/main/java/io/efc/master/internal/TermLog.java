package io.efc.master.internal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The log as the leader of one term sees it. In its term it is the only one that submits, one command after the other, so its own state, a
 * copy made when it began to lead, stays what every replica's is. A command that fails may yet be committed by whoever leads next: this log
 * takes no more, and the next term begins with a new copy.
 */
final class TermLog implements CommandLog {
    private static final long LOOK_MILLIS = 100;

    private final Consensus replica;
    private final long term;
    private final StateMachine machine;
    private long index;
    private volatile boolean failed;

    TermLog(Consensus replica, long term, StateMachine machine) {
        this.replica = replica;
        this.term = term;
        this.machine = machine;
    }

    boolean isFailed() {
        return failed;
    }

    @Override
    public synchronized StateMachine.Outcome submit(Command command) {
        if (failed) {
            throw new LogException("the master does not lead any more");
        }
        try {
            commit(replica, term, command);
        } catch (LogException e) {
            failed = true;
            throw e;
        }
        index++;
        return machine.apply(command);
    }

    /**
     * Returns when a majority has the command and it is applied to this replica.
     *
     * @throws LogException if this replica does not lead in {@code term} any more, or was interrupted: nobody knows then what became of it
     */
    static void commit(Consensus replica, long term, Command command) {
        CompletableFuture<Void> reply = replica.write(command);
        while (true) {
            try {
                reply.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                if (replica.leadingTerm() != term) {
                    throw new LogException("the master does not lead any more");
                }
            } catch (ExecutionException e) {
                throw new LogException("the replicated log failed", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LogException("interrupted while a command was on its way");
            }
        }
    }

    @Override
    public synchronized long index() {
        return index;
    }

    /** Takes no more, and waits for the command under way: this replica might lead again before that one reaches the log. */
    @Override
    public synchronized void close() {
        failed = true;
    }
}
