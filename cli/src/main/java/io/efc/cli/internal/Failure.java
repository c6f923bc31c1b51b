package io.efc.cli.internal;

import org.jspecify.annotations.Nullable;

/**
 * What a command could not do, in one message for its user: what was asked for, with its value, and what would help. The
 * command line prints the message without a stack trace and exits with 1.
 */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Failure(String message) {
        super(message);
    }

    public Failure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
