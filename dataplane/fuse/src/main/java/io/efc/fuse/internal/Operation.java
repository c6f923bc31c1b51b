package io.efc.fuse.internal;

import io.efc.base.Metrics;
import io.efc.fuse.FuseOpcode;

/**
 * A row of the operation table.
 *
 * @param bodyMin the bytes that a message has at least after its header
 * @param answer whether the kernel waits for a reply
 */
record Operation(
        FuseOpcode opcode,
        int bodyMin,
        Answer answer,
        Handler handler,
        Metrics.Counter requests,
        Metrics.Counter errors,
        Metrics.Histogram seconds) {
    /** When a request is replied to. */
    enum Answer {
        ALWAYS,
        /** INTERRUPT: only EAGAIN, which asks for it to be sent again. */
        ERRORS,
        NEVER
    }
}
