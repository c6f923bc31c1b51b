package io.efc.store;

import io.efc.base.Errno;

/** An operation of a store failed with an errno; expected, hence without a stack trace unless it wraps a cause. */
public final class StoreException extends RuntimeException {
    private final Errno errno;

    /** {@code what} names the operation and its object. */
    public StoreException(Errno errno, String what) {
        super(what + ": " + errno.text() + " (" + errno + ")", null, false, false);
        this.errno = errno;
    }

    /** An errno that another exception stands for. */
    public StoreException(Errno errno, String what, Throwable cause) {
        super(what + ": " + errno.text() + " (" + errno + "): " + cause.getMessage(), cause);
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }
}
