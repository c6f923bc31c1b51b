package io.efc.master.internal;

/**
 * The one way to change a {@link StateMachine}: a command is made durable first and applied then, in one order. Today by a file of this
 * machine ({@link FileCommandLog}); a replicated log can take its place.
 */
public interface CommandLog extends AutoCloseable {
    /**
     * Makes a command durable and applies it; on return it cannot be lost. Any thread.
     *
     * @throws LogException if it is not durable: it was not applied, and the log takes no more
     */
    StateMachine.Outcome submit(Command command);

    /** How many commands have ever been made durable. */
    long index();

    @Override
    void close();
}
