package io.efc.client.internal;

import io.efc.base.Metrics;
import io.efc.base.Metrics.Counter;
import io.efc.base.Metrics.Histogram;
import io.efc.lease.LeaseEventCounters;

/** What a mount counts of its leases. */
final class LeaseMetrics {
    /** Sessions that ended because they could not be renewed. */
    final Counter lost;

    /** How long operations waited for a lease. */
    final Histogram waited;

    /** From a recall to its answer: flushing, and dropping what the kernel has. */
    final Histogram revoke;

    /** How long requests about locks took, waiting for others included. */
    final Histogram lockWaited;

    /** Files on which a program lost its locks. */
    final Counter locksLost;

    final LeaseEventCounters events;

    LeaseMetrics(Metrics metrics) {
        lost = metrics.counter("efc_client_lease_sessions_lost_total", "Sessions that could not be renewed in time.");
        waited = metrics.histogram("efc_client_lease_wait_seconds", "Time that operations waited for a lease.");
        revoke = metrics.histogram(
                "efc_client_lease_revoke_seconds", "Time from a recall to its answer: flush, and drop what is cached.");
        lockWaited = metrics.histogram(
                "efc_client_lock_seconds", "Time that fcntl and flock locks took, waiting for others included.");
        locksLost = metrics.counter(
                "efc_client_locks_lost_total", "Files on which a program lost its fcntl or flock locks.");
        events = new LeaseEventCounters(
                metrics, "efc_client_lease_events_total", "Steps of the lease protocol on this side.");
    }
}
