package io.efc.lease;

import static io.efc.lease.Cluster.DIRECTORY;
import static io.efc.lease.Cluster.FILE;
import static io.efc.lease.Cluster.MILLI;
import static io.efc.lease.Cluster.OTHER;
import static io.efc.lease.LeaseClient.Standing.BUSY;
import static io.efc.lease.LeaseClient.Standing.DIRECT;
import static io.efc.lease.LeaseClient.Standing.HELD;
import static io.efc.lease.LeaseClient.Standing.WAIT;
import static io.efc.lease.Mode.NONE;
import static io.efc.lease.Mode.READ;
import static io.efc.lease.Mode.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.lease.Cluster.Client;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is contended, or too much, goes straight to the store for a while; nothing fails. Defaults: a ticket of 5 s, a quiet time of 3 s. */
class ContentionTest {
    private static final long CLIENTS_TICKET = 4_995 * MILLI;
    private static final long MASTERS_TICKET = 5_005 * MILLI;
    private static final long STORE = 2_002 * MILLI;

    /** Two clients take a write lease from each other until the master has seen enough: after four recalls. */
    private static void thrash(Client a, Client b) {
        for (int i = 0; i < 4; i++) {
            assertThat((i % 2 == 0 ? a : b).obtain(FILE, WRITE)).isEqualTo(HELD);
        }
    }

    @Test
    void aContendedObjectFallsToDirectMode() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            thrash(a, b);
            assertThat(a.obtain(FILE, WRITE)).isEqualTo(DIRECT);
            assertThat(cluster.count(LeaseEvent.CONTENDED)).isEqualTo(1);
            assertThat(b.covers(FILE, READ)).as("nobody caches it").isFalse();
            assertThat(b.obtain(FILE, WRITE)).isEqualTo(DIRECT);
            assertThat(b.token(FILE, WRITE))
                    .as("tickets do not fence each other")
                    .isEqualTo(a.token(FILE, WRITE));
            assertThat(cluster.master.leases()).isZero();
            assertThat(a.obtain(OTHER, WRITE)).as("other objects are cached").isEqualTo(HELD);
        });
    }

    @Test
    void aTicketIsGivenWhenNobodyCachesTheObjectAnyMore() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    thrash(a, b);
                    b.isBusy = true;
                    assertThat(a.obtain(FILE, WRITE)).isEqualTo(WAIT);
                    cluster.tick();
                    assertThat(a.token(FILE, WRITE)).isZero();
                    b.free();
                    assertThat(a.obtain(FILE, WRITE)).isEqualTo(DIRECT);
                },
                Flaw.TICKET_OVER_LEASE);
    }

    @Test
    void aTicketEndsAtItsHolderBeforeTheMasterGivesALease() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    thrash(a, b);
                    long given = cluster.now;
                    a.obtain(FILE, WRITE);
                    b.obtain(FILE, WRITE);
                    long token = a.token(FILE, WRITE);
                    cluster.pass(CLIENTS_TICKET - STORE - 1);
                    assertThat(a.mayWrite(FILE, token)).isTrue();
                    assertThat(a.lease.mayWrite(given + CLIENTS_TICKET - STORE, FILE, token))
                            .isFalse();
                    cluster.pass(STORE);
                    assertThat(a.token(FILE, WRITE)).isEqualTo(token);
                    cluster.pass(1);
                    assertThat(a.token(FILE, WRITE)).isZero();
                    assertThat(b.obtain(FILE, WRITE))
                            .as("the other's ticket may be out")
                            .isEqualTo(WAIT);
                    cluster.pass(given + MASTERS_TICKET - 1 - cluster.now);
                    assertThat(b.covers(FILE, WRITE)).isFalse();
                    cluster.pass(1);
                    assertThat(b.covers(FILE, WRITE)).isTrue();
                },
                Flaw.TICKETS_IGNORED,
                Flaw.DRIFT_IGNORED);
    }

    @Test
    void anObjectIsCachedAgainAfterAQuietTime() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            thrash(a, b);
            a.obtain(FILE, WRITE);
            cluster.pass(MASTERS_TICKET);
            assertThat(a.obtain(FILE, WRITE)).isEqualTo(HELD);
            cluster.pass(10_000 * MILLI);
            assertThat(cluster.count(LeaseEvent.CALMED)).isEqualTo(1);
            assertThat(a.covers(FILE, WRITE)).isTrue();
        });
    }

    @Test
    void anObjectForWhichSessionsTakeTurnsStaysContended() {
        LeaseConfig.Times d = LeaseConfig.Times.defaults();
        LeaseConfig quietForSix = new LeaseConfig(
                new LeaseConfig.Times(
                        d.lifeNanos(),
                        d.driftPpm(),
                        d.storeNanos(),
                        d.recallNanos(),
                        d.directNanos(),
                        6_000 * MILLI,
                        d.beatNanos(),
                        d.retryNanos()),
                LeaseConfig.Limits.defaults(),
                Set.of());
        Rule.holds(quietForSix, cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            thrash(a, b);
            for (int i = 0; i < 6; i++) {
                assertThat((i % 2 == 0 ? a : b).obtain(FILE, WRITE)).isEqualTo(DIRECT);
                cluster.pass(MASTERS_TICKET);
            }
            assertThat(cluster.count(LeaseEvent.CALMED)).isZero();
            cluster.pass(1_000 * MILLI);
            assertThat(cluster.count(LeaseEvent.CALMED)).isEqualTo(1);
            assertThat(a.obtain(FILE, WRITE)).isEqualTo(HELD);
        });
    }

    @Test
    void ticketsAreToldToANewMaster() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    thrash(a, b);
                    a.obtain(FILE, WRITE);
                    long token = a.token(FILE, WRITE);
                    cluster.changeMaster();
                    cluster.pass(1_000 * MILLI);
                    assertThat(b.obtain(FILE, WRITE)).isEqualTo(WAIT);
                    assertThat(a.token(FILE, WRITE)).isEqualTo(token);
                    cluster.pass(MASTERS_TICKET);
                    assertThat(b.covers(FILE, WRITE)).isTrue();
                    assertThat(a.token(FILE, WRITE)).isZero();
                },
                Flaw.TICKETS_NOT_CLAIMED,
                Flaw.TICKETS_IGNORED);
    }

    @Test
    void aTicketThatTheStoreRefusedIsAskedForAnew() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            thrash(a, b);
            a.obtain(FILE, WRITE);
            long token = a.token(FILE, WRITE);
            a.lease.refused(FILE, token + 1);
            assertThat(a.token(FILE, WRITE)).isEqualTo(token);
            a.lease.refused(FILE, token);
            assertThat(a.token(FILE, WRITE)).isZero();
            assertThat(a.mayWrite(FILE, token)).isFalse();
            assertThat(a.obtain(FILE, WRITE)).isEqualTo(DIRECT);
        });
    }

    @Test
    void aFullTableSendsStraightToTheStore() {
        Rule.holds(Cluster.limited(1, 100, 100, 64, 32), cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            assertThat(a.obtain(FILE, WRITE)).isEqualTo(HELD);
            assertThat(b.obtain(OTHER, WRITE)).isEqualTo(DIRECT);
            assertThat(b.token(OTHER, WRITE)).isNotZero();
            assertThat(a.obtain(FILE, WRITE)).as("what is held stays").isEqualTo(HELD);
            assertThat(cluster.master.leases()).isEqualTo(1);
            assertThat(cluster.count(LeaseEvent.TICKET_FULL)).isEqualTo(1);
        });
    }

    @Test
    void aFullTablesTicketKeepsLeasesBackForItsTime() {
        Rule.holds(
                Cluster.limited(1, 100, 100, 64, 32),
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.obtain(FILE, WRITE);
                    b.obtain(OTHER, WRITE);
                    a.release(FILE, NONE);
                    cluster.pass(MASTERS_TICKET - 1);
                    assertThat(a.obtain(OTHER, READ))
                            .as("nobody waits for it: others might renew it for ever")
                            .isEqualTo(DIRECT);
                    assertThat(a.obtain(DIRECTORY, READ)).isEqualTo(DIRECT);
                    cluster.pass(1);
                    a.lease.refused(DIRECTORY, a.token(DIRECTORY, READ));
                    assertThat(a.obtain(DIRECTORY, READ))
                            .as("its own tickets have not renewed it")
                            .isEqualTo(HELD);
                },
                Flaw.TICKETS_IGNORED,
                Flaw.DRIFT_IGNORED);
    }

    @Test
    void aHolderIsNotConcernedByTheTicketOfAnotherObjectInTheSameSlot() {
        LeaseConfig.Limits d = LeaseConfig.Limits.defaults();
        LeaseConfig oneSlot = new LeaseConfig(
                LeaseConfig.Times.defaults(),
                new LeaseConfig.Limits(
                        d.sessionsMax(),
                        1,
                        d.leasesOfSessionMax(),
                        d.waitersMax(),
                        d.exceptionsMax(),
                        d.escalateAt(),
                        d.unackedMax(),
                        d.tokenBatch(),
                        0,
                        d.locks()),
                Set.of());
        Rule.holds(oneSlot, cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.obtain(FILE, READ);
            assertThat(b.obtain(OTHER, WRITE)).isEqualTo(DIRECT);
            assertThat(a.obtain(FILE, WRITE)).isEqualTo(HELD);
        });
    }

    @Test
    void anObjectIsAskedForOnceAtATime() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            assertThat(a.lease.acquire(cluster.now, FILE, READ, a)).isEqualTo(WAIT);
            assertThat(a.lease.acquire(cluster.now, FILE, WRITE, a)).isEqualTo(WAIT);
            assertThat(a.lease.acquire(cluster.now, FILE, READ, a)).isEqualTo(WAIT);
            assertThat(cluster.toMaster).hasSize(1);
            cluster.deliver();
            assertThat(a.covers(FILE, WRITE)).isFalse();
            assertThat(a.obtain(FILE, WRITE)).isEqualTo(HELD);
        });
    }

    @Test
    void aTicketThatComesTooLateForChangesIsAskedForAgainAfterAPause() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            thrash(a, b);
            a.obtain(FILE, WRITE);
            cluster.carriesToMaster = m -> !(m instanceof ToMaster.Beat);
            cluster.pass(CLIENTS_TICKET - STORE);
            assertThat(a.lease.acquire(cluster.now, FILE, READ, a))
                    .as("good enough for reading")
                    .isEqualTo(DIRECT);
            assertThat(a.lease.acquire(cluster.now, FILE, WRITE, a)).isEqualTo(WAIT);
            assertThat(a.busied).isEmpty();
            cluster.deliver();
            assertThat(a.busied).as("the master has heard no newer beat").containsExactly(FILE);
            cluster.carriesToMaster = m -> true;
            a.lease.tick(cluster.now, a);
            cluster.pass(1_000 * MILLI);
            assertThat(a.obtain(FILE, WRITE)).isIn(DIRECT, HELD);
            assertThat(a.mayWrite(FILE, a.token(FILE, WRITE))).isTrue();
        });
    }

    @Test
    void whoAloneHasATicketIsGivenAWriteLease() {
        Rule.holds(Cluster.limited(1_000, 1_000, 1_000, 1, 1_000), cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            b.obtain(FILE, WRITE);
            b.obtain(OTHER, WRITE);
            assertThat(a.obtain(DIRECTORY, READ)).as("more exceptions than one").isEqualTo(DIRECT);
            b.release(FILE, NONE);
            b.release(OTHER, NONE);
            a.lease.refused(DIRECTORY, a.token(DIRECTORY, READ));
            a.isBusy = true;
            assertThat(a.obtain(DIRECTORY, READ)).isEqualTo(HELD);
            assertThat(b.obtain(DIRECTORY, READ))
                    .as("changes under the ticket may be on their way")
                    .isEqualTo(WAIT);
            a.free();
            assertThat(b.covers(DIRECTORY, READ)).isTrue();
        });
    }

    @Test
    void aClaimedTicketsTokenIsNotGivenAgain() {
        Rule.holds(Cluster.limited(2, 100, 100, 64, 32), cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            thrash(a, b);
            a.obtain(FILE, WRITE);
            b.obtain(OTHER, WRITE);
            b.obtain(Cluster.file(3), WRITE);
            long claimed = a.token(FILE, WRITE);
            cluster.changeMaster();
            cluster.pass(1_000 * MILLI);
            assertThat(a.token(FILE, WRITE)).isEqualTo(claimed);
            Client c = cluster.client();
            assertThat(c.obtain(FILE, WRITE)).as("the table is full").isEqualTo(DIRECT);
            assertThat(c.token(FILE, WRITE))
                    .as("a later one of the earlier master may have been seen by the store")
                    .isGreaterThan(claimed);
        });
    }

    @Test
    void aSessionWithTooManyLeasesGoesStraightToTheStoreAndOthersDoNot() {
        Rule.holds(Cluster.limited(100, 2, 100, 64, 32), cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            assertThat(a.obtain(Cluster.file(1), READ)).isEqualTo(HELD);
            assertThat(a.obtain(Cluster.file(2), READ)).isEqualTo(HELD);
            assertThat(a.obtain(Cluster.file(3), READ)).isEqualTo(DIRECT);
            assertThat(b.obtain(Cluster.file(4), READ)).isEqualTo(HELD);
            a.release(Cluster.file(1), NONE);
            assertThat(a.obtain(Cluster.file(5), READ)).isEqualTo(HELD);
        });
    }

    @Test
    void whoCannotEvenWaitIsToldToAskAgain() {
        Rule.holds(Cluster.limited(100, 100, 1, 64, 32), cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            Client c = cluster.client();
            a.obtain(FILE, WRITE);
            a.isBusy = true;
            b.obtain(FILE, WRITE);
            c.lease.acquire(cluster.now, FILE, WRITE, c);
            cluster.deliver();
            assertThat(c.busied).containsExactly(FILE);
            a.free();
            assertThat(b.covers(FILE, WRITE)).isTrue();
            assertThat(c.obtain(FILE, WRITE)).isEqualTo(HELD);
        });
    }

    @Test
    void aClientWhoseStreamIsFullIsBusy() {
        LeaseConfig.Limits d = LeaseConfig.Limits.defaults();
        LeaseConfig oneUnacked = new LeaseConfig(
                LeaseConfig.Times.defaults(),
                new LeaseConfig.Limits(
                        d.sessionsMax(),
                        d.leasesMax(),
                        d.leasesOfSessionMax(),
                        d.waitersMax(),
                        d.exceptionsMax(),
                        d.escalateAt(),
                        1,
                        d.tokenBatch(),
                        d.slotsLog2(),
                        d.locks()),
                Set.of());
        Rule.holds(oneUnacked, cluster -> {
            Client a = cluster.client();
            assertThat(a.lease.acquire(cluster.now, FILE, READ, a)).isEqualTo(WAIT);
            assertThat(a.lease.acquire(cluster.now, OTHER, READ, a)).isEqualTo(BUSY);
            cluster.deliver();
            assertThat(a.obtain(OTHER, READ)).isEqualTo(HELD);
        });
    }

    @Test
    void oneSessionTooManyGetsInWhenAnotherHasGone() {
        LeaseConfig.Limits d = LeaseConfig.Limits.defaults();
        LeaseConfig oneSession = new LeaseConfig(
                LeaseConfig.Times.defaults(),
                new LeaseConfig.Limits(
                        1,
                        d.leasesMax(),
                        d.leasesOfSessionMax(),
                        d.waitersMax(),
                        d.exceptionsMax(),
                        d.escalateAt(),
                        d.unackedMax(),
                        d.tokenBatch(),
                        d.slotsLog2(),
                        d.locks()),
                Set.of());
        Rule.holds(oneSession, cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            assertThat(b.lease.isLive(cluster.now)).isFalse();
            assertThat(cluster.count(LeaseEvent.SESSION_REFUSED)).isEqualTo(1);
            a.lease.close(cluster.now, a);
            cluster.pass(500 * MILLI);
            assertThat(b.obtain(FILE, WRITE)).isEqualTo(HELD);
        });
    }
}
