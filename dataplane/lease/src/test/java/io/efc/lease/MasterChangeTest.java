package io.efc.lease;

import static io.efc.lease.Cluster.DIRECTORY;
import static io.efc.lease.Cluster.FILE;
import static io.efc.lease.Cluster.MILLI;
import static io.efc.lease.Cluster.OTHER;
import static io.efc.lease.LeaseClient.Standing.HELD;
import static io.efc.lease.LeaseClient.Standing.WAIT;
import static io.efc.lease.Mode.READ;
import static io.efc.lease.Mode.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.lease.Cluster.Client;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A new master knows the sessions and the tokens' mark; leases it is told. */
class MasterChangeTest {
    private static final long GRACE = 10_010 * MILLI;
    private static final long BEAT = 1_000 * MILLI;

    @Test
    void claimsWithinGraceAreHonoured() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.obtain(FILE, WRITE);
                    long token = a.token(FILE, WRITE);
                    cluster.changeMaster();
                    assertThat(cluster.master.isInGrace()).isTrue();
                    cluster.pass(BEAT);
                    assertThat(cluster.master.isInGrace()).isFalse();
                    assertThat(cluster.count(LeaseEvent.CLAIMED)).isEqualTo(1);
                    assertThat(a.token(FILE, WRITE)).isEqualTo(token);
                    assertThat(cluster.master.mayWrite(cluster.now, a.lease.session(), FILE, token))
                            .isTrue();
                    a.isBusy = true;
                    assertThat(b.obtain(FILE, READ))
                            .as("it is recalled like any other")
                            .isEqualTo(WAIT);
                    a.free();
                    assertThat(b.covers(FILE, READ)).isTrue();
                },
                Flaw.GRACE_SKIPPED);
    }

    @Test
    void newLeasesWaitForTheClaimsOfTheLastSession() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.obtain(FILE, WRITE);
                    cluster.changeMaster();
                    cluster.carriesToClient = m -> cluster.clients.get(m.session()) != a;
                    cluster.pass(BEAT);
                    assertThat(b.obtain(FILE, WRITE)).isEqualTo(WAIT);
                    assertThat(b.obtain(OTHER, READ))
                            .as("nobody knows what the other holds")
                            .isEqualTo(WAIT);
                    cluster.carriesToClient = m -> true;
                    cluster.pass(BEAT);
                    assertThat(b.covers(OTHER, READ)).isTrue();
                    assertThat(b.covers(FILE, WRITE))
                            .as("once the claimed lease is yielded")
                            .isTrue();
                    assertThat(a.covers(FILE, READ)).isFalse();
                    assertThat(cluster.count(LeaseEvent.GRACE_ENDED_BY_CLAIMS)).isEqualTo(1);
                },
                Flaw.GRACE_SKIPPED);
    }

    @Test
    void withoutClaimsNewLeasesWaitUntilTheGraceIsOverAndNoLonger() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.obtain(FILE, WRITE);
                    a.cut();
                    cluster.changeMaster();
                    long elected = cluster.now;
                    cluster.pass(BEAT);
                    b.obtain(FILE, WRITE);
                    cluster.pass(elected + GRACE - 1 - cluster.now);
                    assertThat(b.covers(FILE, WRITE)).isFalse();
                    cluster.pass(1);
                    assertThat(b.covers(FILE, WRITE)).isTrue();
                    assertThat(a.lease.isLive(cluster.now)).isFalse();
                    assertThat(cluster.count(LeaseEvent.GRACE_ENDED_BY_TIME)).isEqualTo(1);
                    assertThat(cluster.record.sessions()).containsExactly(b.lease.session());
                },
                Flaw.GRACE_SKIPPED);
    }

    @Test
    void whoHasNotClaimedIsNotRenewed() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    a.obtain(FILE, WRITE);
                    cluster.changeMaster();
                    List<ToClient> answers = new ArrayList<>();
                    cluster.carriesToClient = m -> !answers.add(m);
                    cluster.pass(BEAT);
                    assertThat(answers).containsOnly(new ToClient.Reclaim(a.lease.session(), 2));
                },
                Flaw.RENEWED_BEFORE_CLAIMS);
    }

    @Test
    void aDirectorysLeaseIsClaimedWithoutTheFilesItDoesNotCover() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    b.obtain(FILE, WRITE);
                    a.obtain(DIRECTORY, READ);
                    cluster.changeMaster();
                    cluster.pass(BEAT);
                    assertThat(cluster.count(LeaseEvent.CLAIM_REFUSED)).isZero();
                    assertThat(b.covers(FILE, WRITE)).isTrue();
                    assertThat(a.covers(FILE, READ)).isFalse();
                    assertThat(a.covers(OTHER, READ)).isTrue();
                    assertThat(cluster.master.leases()).isEqualTo(2);
                },
                Flaw.EXCEPTIONS_NOT_CLAIMED);
    }

    @Test
    void whatWasBeingGivenUpIsGivenUpToTheNewMaster() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            Client c = cluster.client();
            a.obtain(FILE, WRITE);
            c.obtain(DIRECTORY, READ);
            c.isBusy = true;
            a.isBusy = true;
            b.obtain(FILE, WRITE);
            b.obtain(OTHER, WRITE);
            cluster.changeMaster();
            cluster.pass(BEAT);
            assertThat(b.covers(FILE, WRITE)).isFalse();
            assertThat(b.covers(OTHER, WRITE)).isFalse();
            a.free();
            c.free();
            assertThat(b.covers(FILE, WRITE)).isTrue();
            assertThat(b.covers(OTHER, WRITE)).isTrue();
            assertThat(c.covers(OTHER, READ)).isFalse();
            assertThat(c.covers(DIRECTORY, READ)).isTrue();
        });
    }

    @Test
    void tokensGrowOverAllMasters() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    long last = 0;
                    for (int epoch = 1; epoch <= 3; epoch++) {
                        for (long f = 1; f <= 5; f++) {
                            assertThat(a.obtain(ObjectId.file(1, epoch, f), READ))
                                    .isEqualTo(HELD);
                            long token = a.token(ObjectId.file(1, epoch, f), READ);
                            assertThat(token).isGreaterThan(last);
                            last = token;
                        }
                        assertThat(cluster.record.tokenMark()).isGreaterThanOrEqualTo(last);
                        cluster.changeMaster();
                        cluster.pass(BEAT);
                    }
                },
                Flaw.TOKENS_FORGOTTEN);
    }

    @Test
    void aClientDoesNotFollowAnEarlierMaster() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    a.obtain(FILE, READ);
                    cluster.changeMaster();
                    cluster.pass(BEAT);
                    long session = a.lease.session();
                    long left = a.lease.lifeLeft(cluster.now);
                    Reply stale = new Reply.Granted(OTHER, OTHER, WRITE, 99, List.of());
                    long seq = 0;
                    for (int i = 0; i < 3; i++) {
                        a.lease.onMessage(cluster.now, new ToClient.Frame(session, 1, ++seq, 0, stale), a);
                    }
                    assertThat(a.covers(OTHER, READ)).isFalse();
                    a.lease.onMessage(cluster.now, new ToClient.Reclaim(session, 1), a);
                    assertThat(a.lease.epoch()).isEqualTo(2);
                    assertThat(a.lease.lifeLeft(cluster.now)).isEqualTo(left);
                },
                Flaw.EPOCH_UNCHECKED);
    }

    @Test
    void aMasterWhoseLeadershipIsNotConfirmedDoesNotEvenAnswer() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    long session = a.lease.session();
                    LeaseMaster master = new LeaseMaster(cluster.config, 2, cluster.record, cluster.now, cluster.flaws);
                    long until = cluster.now + 5;
                    master.confirmLeadership(until);
                    master.confirmLeadership(until - 3);
                    master.onMessage(until - 1, new ToMaster.Beat(session, 1, 2), cluster);
                    assertThat(cluster.toClients).hasSize(1);
                    cluster.toClients.clear();
                    master.onMessage(until, new ToMaster.Beat(session, 1, 2), cluster);
                    master.tick(until, cluster);
                    assertThat(cluster.toClients).isEmpty();
                    assertThat(cluster.count(LeaseEvent.NOT_LEADING)).isEqualTo(2);
                },
                Flaw.LEADERSHIP_UNCHECKED);
    }

    @Test
    void aTokenFromTheFutureIsNotBelieved() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            long session = a.lease.session();
            a.obtain(FILE, READ);
            cluster.changeMaster();
            long future = cluster.record.tokenMark() + 1;
            Request forged = claim(OTHER, future);
            cluster.master.onMessage(cluster.now, new ToMaster.Frame(session, 2, 1, 0, forged), cluster);
            assertThat(cluster.count(LeaseEvent.CLAIM_REFUSED)).isEqualTo(1);
            assertThat(cluster.toClients).contains(new ToClient.Ended(session));
            assertThat(cluster.master.leases()).isZero();
            assertThat(cluster.master.mayWrite(cluster.now, session, OTHER, future))
                    .isFalse();
        });
    }

    @Test
    void ofTwoClaimsThatContradictEachOtherOneIsBelieved() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.obtain(FILE, WRITE);
            long token = a.token(FILE, WRITE);
            cluster.changeMaster();
            Request forged = claim(FILE, token);
            cluster.master.onMessage(cluster.now, new ToMaster.Frame(b.lease.session(), 2, 1, 0, forged), cluster);
            cluster.master.onMessage(cluster.now, new ToMaster.Frame(a.lease.session(), 2, 1, 0, forged), cluster);
            assertThat(cluster.master.leases()).isEqualTo(1);
            assertThat(cluster.count(LeaseEvent.CLAIMED)).isEqualTo(1);
            assertThat(cluster.count(LeaseEvent.CLAIM_REFUSED)).isEqualTo(1);
        });
    }

    private static Request claim(ObjectId object, long token) {
        return new Request.Claims(List.of(new Request.Claim(object, WRITE, WRITE, token, List.of(), List.of())));
    }

    @Test
    void thousandsOfLeasesAreClaimedInAFewMessages() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            for (int file = 1; file <= 3000; file++) {
                a.obtain(ObjectId.file(1, file, file), READ);
            }
            cluster.changeMaster();
            int[] frames = new int[1];
            cluster.carriesToMaster = m -> {
                frames[0] += m instanceof ToMaster.Frame ? 1 : 0;
                return true;
            };
            cluster.pass(2 * cluster.config.times().beatNanos());
            assertThat(cluster.count(LeaseEvent.CLAIMED)).isEqualTo(3000);
            assertThat(frames[0]).isLessThan(20);
            assertThat(cluster.master.leases()).isEqualTo(3000);
        });
    }
}
