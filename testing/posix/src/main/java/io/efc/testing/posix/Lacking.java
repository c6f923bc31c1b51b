package io.efc.testing.posix;

import java.io.Serial;

/** Thrown by a rule that finds out on its way that the file system lacks what the rule is about. */
final class Lacking extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final Capability capability;

    Lacking(Capability capability) {
        super(capability.text());
        this.capability = capability;
    }

    Capability capability() {
        return capability;
    }
}
