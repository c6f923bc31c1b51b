package io.efc.master.internal;

/** The log is corrupted, locked by another process, or cannot be written: names file, place and what to do. */
public final class LogException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public LogException(String message) {
        super(message);
    }

    public LogException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
