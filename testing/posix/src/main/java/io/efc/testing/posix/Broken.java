package io.efc.testing.posix;

import java.io.Serial;

/** A rule that does not hold: what was expected and what came. */
final class Broken extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    Broken(String message) {
        super(message);
    }
}
