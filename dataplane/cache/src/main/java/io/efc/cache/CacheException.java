package io.efc.cache;

/** A cache cannot be opened: says which directory, why, and what would do. */
public final class CacheException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CacheException(String message) {
        super(message);
    }

    public CacheException(String message, Throwable cause) {
        super(message, cause);
    }
}
