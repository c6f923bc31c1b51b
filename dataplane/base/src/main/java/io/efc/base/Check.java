package io.efc.base;

/**
 * Always-on checks for programmer errors and broken invariants. They are never switched off: a violated invariant must
 * stop the operation with its values in the message instead of limping on.
 */
public final class Check {
    private Check() {}

    /** Requires {@code condition} of an argument; throws {@link IllegalArgumentException}. */
    public static void argument(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Requires {@code condition} of an argument; {@code format} is filled in only on failure. */
    public static void argument(boolean condition, String format, long a) {
        if (!condition) {
            throw new IllegalArgumentException(String.format(format, a));
        }
    }

    /** Requires {@code condition} of an argument; {@code format} is filled in only on failure. */
    public static void argument(boolean condition, String format, long a, long b) {
        if (!condition) {
            throw new IllegalArgumentException(String.format(format, a, b));
        }
    }

    /** Requires {@code condition} of the object's state; throws {@link IllegalStateException}. */
    public static void state(boolean condition, String message) {
        if (!condition) {
            throw new IllegalStateException(message);
        }
    }

    /** Requires {@code condition} of the object's state; {@code format} is filled in only on failure. */
    public static void state(boolean condition, String format, long a) {
        if (!condition) {
            throw new IllegalStateException(String.format(format, a));
        }
    }

    /** Requires {@code condition} of the object's state; {@code format} is filled in only on failure. */
    public static void state(boolean condition, String format, long a, long b) {
        if (!condition) {
            throw new IllegalStateException(String.format(format, a, b));
        }
    }

    /** Requires {@code 0 <= offset && 0 <= length && offset + length <= size}, safe against overflow. */
    public static void range(long offset, long length, long size) {
        if ((offset | length) < 0 || length > size - offset) {
            throw new IndexOutOfBoundsException(
                    "range [" + offset + ", +" + length + ") is not within a size of " + size);
        }
    }
}
