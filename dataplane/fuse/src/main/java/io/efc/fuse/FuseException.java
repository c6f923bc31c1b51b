package io.efc.fuse;

import org.jspecify.annotations.Nullable;

/** A mount that cannot be made or ended; the message is one line that says what is wrong, where, and what to do. */
public final class FuseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public FuseException(String message) {
        this(message, null);
    }

    public FuseException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
