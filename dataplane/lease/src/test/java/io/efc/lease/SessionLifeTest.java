package io.efc.lease;

import static io.efc.lease.Cluster.FILE;
import static io.efc.lease.Cluster.MILLI;
import static io.efc.lease.LeaseClient.Standing.HELD;
import static io.efc.lease.LeaseClient.Standing.WAIT;
import static io.efc.lease.Mode.READ;
import static io.efc.lease.Mode.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.lease.Cluster.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When a session that is not renewed ends, at its client and at the master. Defaults: a life of 10 s, 1000 ppm of drift, 2 s for the store. */
class SessionLifeTest {
    private static final long LIFE = 10_000 * MILLI;
    private static final long CLIENTS_LIFE = 9_990 * MILLI;
    private static final long MASTERS_LIFE = 10_010 * MILLI;
    private static final long STORE = 2_002 * MILLI;

    @Test
    void theClientEndsASilentSessionAfterItsLifeLessTheDrift() {
        Rule.holds(
                cluster -> {
                    long opened = cluster.now;
                    Client a = cluster.client();
                    a.obtain(FILE, WRITE);
                    assertThat(a.lease.lifeLeft(opened)).isEqualTo(CLIENTS_LIFE);
                    assertThat(a.lease.covers(opened + CLIENTS_LIFE - 1, FILE, WRITE))
                            .isTrue();
                    assertThat(a.lease.covers(opened + CLIENTS_LIFE, FILE, WRITE))
                            .isFalse();
                    assertThat(a.lease.token(opened + CLIENTS_LIFE, FILE, WRITE))
                            .isZero();
                    assertThat(a.lease.lifeLeft(opened + CLIENTS_LIFE)).isZero();
                },
                Flaw.DRIFT_IGNORED);
    }

    @Test
    void theMasterEndsASilentSessionAfterItsLifeAndTheDrift() {
        Rule.holds(
                cluster -> {
                    long opened = cluster.now;
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.obtain(FILE, WRITE);
                    a.cut();
                    assertThat(b.obtain(FILE, WRITE)).isEqualTo(WAIT);
                    cluster.pass(opened + MASTERS_LIFE - 1 - cluster.now);
                    assertThat(b.covers(FILE, WRITE)).isFalse();
                    cluster.pass(1);
                    assertThat(b.covers(FILE, WRITE)).isTrue();
                    assertThat(cluster.count(LeaseEvent.SESSION_EXPIRED)).isEqualTo(1);
                },
                Flaw.DRIFT_IGNORED,
                Flaw.EXPIRED_EARLY,
                Flaw.CONDEMNED_AT_ONCE,
                Flaw.RECALL_NOT_SENT);
    }

    /** The worst within the bound: a message without delay, a client's clock at its slowest, the master's at its fastest. */
    @Test
    void theMastersEndIsNoEarlierThanTheClientsUnderTheDriftBound() {
        Rule.holds(
                cluster -> {
                    long opened = cluster.now;
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.obtain(FILE, WRITE);
                    a.cut();
                    b.obtain(FILE, WRITE);
                    // The cluster's clock is the master's from here on.
                    cluster.all.remove(a);
                    for (long real : new long[] {LIFE - 1, LIFE, LIFE + 1}) {
                        long slow = opened + real - Math.ceilDiv(real, 1000);
                        long fast = opened + real + real / 1000;
                        cluster.pass(fast - cluster.now);
                        boolean isGiven = b.covers(FILE, WRITE);
                        boolean isKept = a.lease.covers(slow, FILE, WRITE);
                        assertThat(isGiven && isKept).as("both at %d ns", real).isFalse();
                        assertThat(isGiven).as("given at %d ns", real).isEqualTo(real >= LIFE);
                        assertThat(isKept).as("kept at %d ns", real).isEqualTo(real < LIFE);
                    }
                },
                Flaw.DRIFT_IGNORED,
                Flaw.EXPIRED_EARLY);
    }

    @Test
    void aLifeCountsFromWhenTheAnsweredBeatWasSent() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    a.obtain(FILE, WRITE);
                    long sent = cluster.now + 1_000 * MILLI;
                    cluster.now = sent;
                    a.lease.tick(sent, a);
                    List<ToClient> late = new ArrayList<>();
                    cluster.carriesToClient = m -> !late.add(m);
                    cluster.deliver();
                    cluster.carriesToClient = m -> true;
                    cluster.now = sent + 3_000 * MILLI;
                    cluster.toClients.addAll(late);
                    cluster.deliver();
                    assertThat(a.lease.lifeLeft(sent)).isEqualTo(CLIENTS_LIFE);
                },
                Flaw.LIFE_FROM_REPLY,
                Flaw.DRIFT_IGNORED);
    }

    @Test
    void anAnswerToAnOldBeatDoesNotShortenALife() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            a.obtain(FILE, WRITE);
            cluster.pass(2_000 * MILLI);
            long left = a.lease.lifeLeft(cluster.now);
            a.lease.onMessage(cluster.now, new ToClient.Renewed(a.lease.session(), 1, 1), a);
            a.lease.onMessage(cluster.now, new ToClient.Renewed(a.lease.session(), 1, 999), a);
            assertThat(a.lease.lifeLeft(cluster.now)).isEqualTo(left).isGreaterThan(CLIENTS_LIFE - 1_100 * MILLI);
        });
    }

    @Test
    void aChangeIsSentOnlyIfTheStoresTimeFitsIntoWhatIsLeft() {
        Rule.holds(
                cluster -> {
                    long opened = cluster.now;
                    Client a = cluster.client();
                    a.obtain(FILE, WRITE);
                    long token = a.token(FILE, WRITE);
                    assertThat(a.lease.mayWrite(opened + CLIENTS_LIFE - STORE - 1, FILE, token))
                            .isTrue();
                    assertThat(a.lease.mayWrite(opened + CLIENTS_LIFE - STORE, FILE, token))
                            .isFalse();
                },
                Flaw.DRIFT_IGNORED);
    }

    @Test
    void aSessionWhoseTimeIsOverIsLostBeforeAnythingElse() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            a.obtain(FILE, WRITE);
            long late = cluster.now + CLIENTS_LIFE;
            a.lease.onMessage(late, new ToClient.Renewed(a.lease.session(), 1, 1), a);
            assertThat(a.isLost).isTrue();
            a.lease.onMessage(late, new ToClient.Renewed(a.lease.session(), 1, 1), a);
            assertThat(a.lease.isLive(late)).isFalse();
            assertThat(a.lease.leases()).isZero();
        });
    }

    @Test
    void whoDoesNotYieldInTimeIsCondemnedAndLosesNothingBeforeItsLifeIsOver() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.obtain(FILE, WRITE);
                    a.isBusy = true;
                    b.obtain(FILE, WRITE);
                    cluster.carriesToClient = m -> !(m instanceof ToClient.Ended);
                    cluster.pass(5_000 * MILLI - 1);
                    assertThat(cluster.count(LeaseEvent.SESSION_CONDEMNED)).isZero();
                    cluster.pass(1);
                    assertThat(cluster.count(LeaseEvent.SESSION_CONDEMNED)).isEqualTo(1);
                    long left = a.lease.lifeLeft(cluster.now);
                    assertThat(left).isPositive();
                    assertThat(b.covers(FILE, WRITE)).as("given while it lives").isFalse();
                    cluster.pass(left);
                    assertThat(a.lease.isLive(cluster.now))
                            .as("renewed although condemned")
                            .isFalse();
                    assertThat(b.covers(FILE, WRITE)).isFalse();
                    cluster.pass(MASTERS_LIFE - left);
                    assertThat(b.obtain(FILE, WRITE)).isEqualTo(HELD);
                },
                Flaw.CONDEMNED_AT_ONCE,
                Flaw.RECALL_NOT_SENT);
    }

    @Test
    void aLostClientsNextSessionFreesWhatTheLastOneHeld() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.obtain(FILE, WRITE);
            a.isBusy = true;
            b.obtain(FILE, WRITE);
            cluster.pass(5_000 * MILLI);
            assertThat(a.isLost).as("told of its end").isTrue();
            assertThat(b.covers(FILE, WRITE)).as("before it has let go").isFalse();
            a.lease.cleared(cluster.now, a);
            cluster.deliver();
            assertThat(b.covers(FILE, WRITE)).isTrue();
            assertThat(a.lease.isLive(cluster.now)).isTrue();
            assertThat(cluster.count(LeaseEvent.SESSION_SUCCEEDED)).isEqualTo(1);
        });
    }

    @Test
    void aSessionThatIsRenewedGoesOn() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            a.obtain(FILE, WRITE);
            cluster.pass(100 * LIFE);
            assertThat(a.covers(FILE, WRITE)).isTrue();
            assertThat(cluster.count(LeaseEvent.SESSION_EXPIRED)).isZero();
        });
    }

    @Test
    void anUnknownSessionIsToldThatItHasEnded() {
        Cluster cluster = new Cluster(LeaseConfig.defaults(), Set.of());
        cluster.master.onMessage(cluster.now, new ToMaster.Beat(77, 1, 1), cluster);
        cluster.master.onMessage(cluster.now, new ToMaster.Frame(78, 1, 1, 0, null), cluster);
        assertThat(cluster.toClients).containsExactly(new ToClient.Ended(77), new ToClient.Ended(78));
    }

    @Test
    void aSessionIsAnsweredWhenTheLogHasIt() {
        Rule.holds(cluster -> {
            cluster.commits = false;
            Client a = cluster.client();
            assertThat(a.lease.isLive(cluster.now)).isFalse();
            assertThat(cluster.record.sessions()).isEmpty();
            cluster.commits = true;
            cluster.deliver();
            assertThat(a.lease.isLive(cluster.now)).isTrue();
            assertThat(cluster.record.sessions()).containsExactly(a.lease.session());
        });
    }

    @Test
    void eachRecallIsWaitedForItsOwnTime() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.obtain(FILE, WRITE);
            assertThat(b.obtain(FILE, READ)).isEqualTo(HELD);
            cluster.pass(4_900 * MILLI);
            a.isBusy = true;
            assertThat(b.obtain(FILE, WRITE)).isEqualTo(WAIT);
            cluster.pass(4_999 * MILLI);
            assertThat(cluster.count(LeaseEvent.SESSION_CONDEMNED))
                    .as("the recall that was answered long ago is not the one that is waited for")
                    .isZero();
            cluster.pass(1 * MILLI);
            assertThat(cluster.count(LeaseEvent.SESSION_CONDEMNED)).isEqualTo(1);
        });
    }
}
