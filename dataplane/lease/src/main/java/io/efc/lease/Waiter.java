package io.efc.lease;

/** Somebody's request for a node. */
final class Waiter {
    final MasterSession session;
    Mode mode;

    Waiter(MasterSession session, Mode mode) {
        this.session = session;
        this.mode = mode;
    }
}
