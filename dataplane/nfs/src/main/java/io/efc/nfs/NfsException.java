package io.efc.nfs;

import io.efc.base.Errno;

/** An operation failed with an errno: expected, hence without a stack trace unless it wraps a cause. */
public final class NfsException extends RuntimeException {
    private final Errno errno;

    /** {@code what} names the operation, and the server's own word for the failure where there is one. */
    public NfsException(Errno errno, String what) {
        super(what + ": " + errno.text() + " (" + errno + ")", null, false, false);
        this.errno = errno;
    }

    /** An errno that another exception stands for. */
    public NfsException(Errno errno, String what, Throwable cause) {
        super(what + ": " + errno.text() + " (" + errno + "): " + cause.getMessage(), cause);
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }
}
