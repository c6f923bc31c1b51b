/**
 * Leases, and file locks that share their sessions, as a pure state machine, a client's side and the master's: no I/O, no clock, no threads. Time comes in with every call as nanoseconds of
 * the caller's monotonic clock; messages and effects go out through a sink. docs/protocol/lease.md has states, messages, invariants and
 * the proof; testing/simulator runs these very classes through faults.
 */
@NullMarked
package io.efc.lease;

import org.jspecify.annotations.NullMarked;
