package io.efc.testing.bench;

import java.io.Serial;

/** A measurement that could not be made, with the reason. */
final class BenchException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    BenchException(String message) {
        super(message);
    }

    BenchException(String message, Throwable cause) {
        super(message, cause);
    }
}
