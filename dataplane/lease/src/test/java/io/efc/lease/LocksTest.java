package io.efc.lease;

import static io.efc.lease.Cluster.FILE;
import static io.efc.lease.Cluster.MILLI;
import static io.efc.lease.Cluster.OTHER;
import static io.efc.lease.LockOutcome.CANCELLED;
import static io.efc.lease.LockOutcome.CONFLICT;
import static io.efc.lease.LockOutcome.DEADLOCK;
import static io.efc.lease.LockOutcome.DONE;
import static io.efc.lease.LockOutcome.FULL;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.lease.Cluster.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** fcntl and flock locks of several clients: nobody has what conflicts, and everybody is answered. */
class LocksTest {
    private static final long P = 1;
    private static final long Q = 2;

    private static LockRange exclusive(long owner, long start, long end) {
        return new LockRange(owner, false, start, end, true, (int) owner);
    }

    private static LockRange shared(long owner, long start, long end) {
        return new LockRange(owner, false, start, end, false, (int) owner);
    }

    private static LockRange flock(long owner, boolean exclusive) {
        return new LockRange(owner, true, 0, Long.MAX_VALUE, exclusive, (int) owner);
    }

    @Test
    void whatConflictsIsRefusedAndNamed() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    assertThat(a.tryLock(exclusive(P, 10, 19))).isEqualTo(DONE);
                    assertThat(a.holds(exclusive(P, 10, 19))).isTrue();
                    assertThat(b.tryLock(exclusive(P, 20, 29))).isEqualTo(DONE);
                    long id = b.lock(shared(P, 0, 10), false);
                    assertThat(Objects.requireNonNull(b.answers.get(id)).conflict())
                            .isEqualTo(exclusive(P, 10, 19));
                    assertThat(b.holds(shared(P, 0, 10))).isFalse();
                    assertThat(a.tryLock(shared(Q, 0, 10)))
                            .as("another owner of the same client")
                            .isEqualTo(CONFLICT);
                    assertThat(b.tryLock(flock(P, true))).as("flocks are apart").isEqualTo(DONE);
                    assertThat(cluster.master.locks()).isEqualTo(3);
                },
                Flaw.LOCK_GRANTED_TWICE);
    }

    @Test
    void aTestTakesNothing() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.tryLock(shared(P, 0, 9));
            long free = b.lease.testLock(cluster.now, FILE, shared(P, 0, 9), b);
            long taken = b.lease.testLock(cluster.now, FILE, exclusive(P, 5, 99), b);
            long own = a.lease.testLock(cluster.now, FILE, exclusive(P, 5, 99), a);
            cluster.deliver();
            assertThat(b.outcome(free)).isEqualTo(DONE);
            assertThat(Objects.requireNonNull(b.answers.get(taken)).conflict()).isEqualTo(shared(P, 0, 9));
            assertThat(a.outcome(own)).isEqualTo(DONE);
            assertThat(cluster.master.locks()).isEqualTo(1);
        });
    }

    @Test
    void whoWaitsIsServedInTheOrderOfComing() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.tryLock(shared(P, 0, 9));
                    long writer = b.lock(exclusive(P, 0, 9), true);
                    long reader = a.lock(shared(Q, 0, 9), true);
                    assertThat(b.outcome(writer)).isNull();
                    assertThat(a.outcome(reader)).as("behind a writer").isNull();
                    assertThat(a.tryLock(shared(5, 0, 9)))
                            .as("who does not wait")
                            .isEqualTo(DONE);
                    a.unlock(LockRange.everything(P, false));
                    assertThat(b.outcome(writer)).isNull();
                    a.unlock(LockRange.everything(5, false));
                    assertThat(b.outcome(writer)).isEqualTo(DONE);
                    assertThat(a.outcome(reader)).isNull();
                    b.unlock(exclusive(P, 0, 9));
                    assertThat(a.outcome(reader)).isEqualTo(DONE);
                    assertThat(cluster.master.lockWaiters()).isZero();
                },
                Flaw.LOCK_WAITER_FORGOTTEN);
    }

    @Test
    void nobodyLetsAnotherGoFirstForEver() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.tryLock(shared(P, 0, 9));
            long writer = b.lock(exclusive(P, 0, 9), true);
            long reader = b.lock(shared(Q, 0, 9), true);
            cluster.pass(750 * MILLI);
            assertThat(b.outcome(reader)).isNull();
            cluster.pass(500 * MILLI);
            assertThat(b.outcome(reader)).isEqualTo(DONE);
            assertThat(b.outcome(writer)).isNull();
        });
    }

    @Test
    void aReaderForWhichAWriterWaitsDoesNotLetItGoFirst() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.tryLock(shared(P, 0, 9));
            long writer = b.lock(exclusive(P, 0, 9), true);
            assertThat(a.outcome(a.lock(exclusive(P, 0, 9), true))).isEqualTo(DONE);
            assertThat(b.outcome(writer)).isNull();
        });
    }

    @Test
    void aNumberThatIsUsedTwiceIsNotBelieved() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.tryLock(exclusive(P, 0, 9));
            long session = b.lease.session();
            Request twice = new Request.Lock(7, FILE, exclusive(P, 0, 9), true);
            for (int seq = 1; seq <= 2; seq++) {
                cluster.master.onMessage(cluster.now, new ToMaster.Frame(session, 1, seq, 0, twice), cluster);
            }
            assertThat(cluster.toClients).contains(new ToClient.Ended(session));
            assertThat(cluster.master.lockWaiters()).isZero();
        });
    }

    @Test
    void aWriterThatMakesItsLockSharedLetsReadersIn() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.tryLock(exclusive(P, 0, 9));
            long reader = b.lock(shared(P, 0, 4), true);
            assertThat(a.tryLock(shared(P, 0, 4))).isEqualTo(DONE);
            assertThat(b.outcome(reader)).isEqualTo(DONE);
            assertThat(a.holds(exclusive(P, 5, 9))).isTrue();
            assertThat(a.holds(exclusive(P, 0, 9))).isFalse();
        });
    }

    @Test
    void whoWouldCloseACircleIsToldSo() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    Client c = cluster.client();
                    a.lockOf(FILE, exclusive(P, 0, 0), false);
                    b.lockOf(FILE, exclusive(P, 1, 1), false);
                    c.lockOf(OTHER, exclusive(P, 0, 0), false);
                    long first = a.lockOf(FILE, exclusive(P, 1, 1), true);
                    long second = b.lockOf(OTHER, exclusive(P, 0, 0), true);
                    long closing = c.lockOf(FILE, exclusive(P, 0, 0), true);
                    assertThat(c.outcome(closing)).isEqualTo(DEADLOCK);
                    assertThat(a.outcome(first)).isNull();
                    c.lease.unlock(cluster.now, OTHER, LockRange.everything(P, false), c);
                    cluster.deliver();
                    assertThat(b.outcome(second)).isEqualTo(DONE);
                    assertThat(c.outcome(c.lockOf(FILE, exclusive(P, 0, 0), true)))
                            .as("no circle any more, but a wait")
                            .isNull();
                },
                Flaw.LOCK_CIRCLE_UNSEEN);
    }

    @Test
    void twoReadersThatBothWantToWriteDoNotWaitForEachOther() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.tryLock(shared(P, 0, 9));
                    b.tryLock(shared(P, 0, 9));
                    long first = a.lock(exclusive(P, 0, 9), true);
                    long second = b.lock(exclusive(P, 0, 9), true);
                    assertThat(b.outcome(second)).isEqualTo(DEADLOCK);
                    b.unlock(LockRange.everything(P, false));
                    assertThat(a.outcome(first)).isEqualTo(DONE);
                },
                Flaw.LOCK_CIRCLE_UNSEEN);
    }

    /** flock(2): the lock is given up before it is taken in the other mode. */
    @Test
    void ofTwoFlocksThatBecomeExclusiveAtOnceOneIsGranted() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.tryLock(flock(P, false));
            b.tryLock(flock(P, false));
            long first = a.lock(flock(P, true), true);
            assertThat(a.outcome(first)).isNull();
            assertThat(b.tryLock(flock(P, false))).as("the same again").isEqualTo(DONE);
            long second = b.lock(flock(P, true), true);
            assertThat(a.outcome(first)).isEqualTo(DONE);
            assertThat(b.outcome(second)).isNull();
            assertThat(b.tryLock(flock(Q, true))).isEqualTo(CONFLICT);
            a.unlock(LockRange.everything(P, true));
            assertThat(b.outcome(second)).isEqualTo(DONE);
        });
    }

    @Test
    void aFlockThatCannotBecomeExclusiveIsGone() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.tryLock(flock(P, false));
            b.tryLock(flock(P, false));
            assertThat(a.tryLock(flock(P, true))).isEqualTo(CONFLICT);
            assertThat(a.holds(flock(P, false))).isFalse();
            assertThat(cluster.master.locks()).isEqualTo(1);
            cluster.changeMaster();
            cluster.pass(1_000 * MILLI);
            assertThat(cluster.master.locks()).isEqualTo(1);
        });
    }

    @Test
    void aCancelledRequestIsOutOfTheWay() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.tryLock(shared(P, 0, 9));
            long writer = b.lock(exclusive(P, 0, 9), true);
            long reader = b.lock(shared(Q, 0, 9), true);
            b.cancel(writer);
            assertThat(b.outcome(writer)).isEqualTo(CANCELLED);
            assertThat(b.outcome(reader)).as("stood behind it").isEqualTo(DONE);
            b.cancel(reader);
            assertThat(b.outcome(reader)).isEqualTo(DONE);
            assertThat(cluster.master.lockWaiters()).isZero();
        });
    }

    @Test
    void ofACancelThatCrossesTheGrantTheAnswerSaysWhichCameFirst() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.tryLock(exclusive(P, 0, 9));
            long waiting = b.lock(exclusive(P, 0, 9), true);
            a.lease.unlock(cluster.now, FILE, exclusive(P, 0, 9), a);
            b.lease.cancelLock(cluster.now, waiting, b);
            cluster.deliver();
            assertThat(b.outcome(waiting)).isEqualTo(DONE);
            assertThat(b.holds(exclusive(P, 0, 9))).isTrue();
        });
    }

    @Test
    void anAbandonedRequestThatIsGrantedIsGivenBack() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.tryLock(exclusive(P, 0, 9));
            long waiting = b.lock(exclusive(P, 0, 9), true);
            cluster.carriesToClient = m -> cluster.clients.get(m.session()) != b;
            a.unlock(exclusive(P, 0, 9));
            b.cancel(waiting);
            b.lease.abandonLock(cluster.now, waiting, b);
            assertThat(b.lease.isLockUnsettled(FILE, P, false)).isTrue();
            assertThat(a.tryLock(shared(P, 0, 9))).isEqualTo(CONFLICT);
            cluster.carriesToClient = m -> true;
            cluster.pass(1_000 * MILLI);
            assertThat(b.outcome(waiting)).isNull();
            assertThat(b.lease.isLockUnsettled(FILE, P, false)).isFalse();
            assertThat(b.holds(exclusive(P, 0, 9))).isFalse();
            assertThat(a.tryLock(shared(P, 0, 9))).isEqualTo(DONE);
            assertThat(b.lostLocks).isEmpty();
        });
    }

    @Test
    void whatAnAbandonedRequestTookThePlaceOfIsLost() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            b.tryLock(exclusive(P, 0, 4));
            a.tryLock(exclusive(P, 5, 9));
            long waiting = b.lock(shared(P, 0, 9), true);
            cluster.carriesToClient = m -> cluster.clients.get(m.session()) != b;
            a.unlock(exclusive(P, 5, 9));
            b.cancel(waiting);
            assertThat(a.tryLock(shared(P, 0, 4))).isEqualTo(DONE);
            b.lease.abandonLock(cluster.now, waiting, b);
            assertThat(b.lostLocks).as("before the answer").containsExactly(P);
            a.unlock(LockRange.everything(P, false));
            cluster.carriesToClient = m -> true;
            cluster.pass(1_000 * MILLI);
            assertThat(b.lostLocks).containsExactly(P);
            assertThat(b.lease.isLockLost(FILE, P, false)).isTrue();
            assertThat(cluster.master.locks()).isZero();
        });
    }

    @Test
    void locksEndWithTheirSession() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.tryLock(exclusive(P, 0, 9));
                    a.lockOf(OTHER, exclusive(P, 0, 9), false);
                    long waiting = b.lock(exclusive(P, 5, 5), true);
                    a.cut();
                    cluster.pass(9_500 * MILLI);
                    assertThat(b.outcome(waiting)).isNull();
                    cluster.pass(1_000 * MILLI);
                    assertThat(b.outcome(waiting)).isEqualTo(DONE);
                    assertThat(a.holds(exclusive(P, 0, 9))).isFalse();
                    assertThat(a.lostLocks).containsExactly(P, P);
                    assertThat(a.lease.isLockLost(FILE, P, false)).isTrue();
                    assertThat(cluster.master.locks()).isEqualTo(1);
                    a.unlock(exclusive(P, 0, 4));
                    assertThat(a.lease.isLockLost(FILE, P, false)).isTrue();
                    a.unlock(exclusive(P, 5, 20));
                    assertThat(a.lease.isLockLost(FILE, P, false)).isFalse();
                    assertThat(a.lease.isAnyLockLost()).as("of the other file").isTrue();
                },
                Flaw.LOCKS_OUTLIVE_SESSION,
                Flaw.LOCKS_KEPT);
    }

    @Test
    void aSessionThatWillNotBeRenewedKeepsItsLocksToItsEnd() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.tryLock(exclusive(P, 0, 9));
                    a.obtain(FILE, Mode.WRITE);
                    a.cut();
                    long waiting = b.lock(exclusive(P, 0, 9), true);
                    b.obtain(FILE, Mode.WRITE);
                    cluster.pass(6_000 * MILLI);
                    assertThat(cluster.count(LeaseEvent.SESSION_CONDEMNED)).isEqualTo(1);
                    assertThat(a.holds(exclusive(P, 0, 9))).isTrue();
                    assertThat(b.outcome(waiting)).isNull();
                    cluster.pass(5_000 * MILLI);
                    assertThat(b.outcome(waiting)).isEqualTo(DONE);
                },
                Flaw.LOCKS_FREED_EARLY);
    }

    @Test
    void anotherMasterIsToldOfLocksBeforeItGrantsAny() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.tryLock(exclusive(P, 0, 9));
                    a.tryLock(shared(P, 20, 29));
                    cluster.changeMaster();
                    assertThat(cluster.master.isInGrace()).isTrue();
                    cluster.carriesToMaster = m -> cluster.clients.get(m.session()) != a;
                    cluster.pass(1_250 * MILLI);
                    long early = b.lock(exclusive(P, 5, 5), false);
                    assertThat(b.outcome(early)).isNull();
                    cluster.carriesToMaster = m -> true;
                    cluster.pass(1_250 * MILLI);
                    assertThat(b.outcome(early)).isEqualTo(CONFLICT);
                    assertThat(cluster.count(LeaseEvent.LOCK_CLAIMED)).isEqualTo(2);
                    assertThat(b.tryLock(shared(P, 20, 29))).isEqualTo(DONE);
                    assertThat(a.holds(exclusive(P, 0, 9))).isTrue();
                    assertThat(a.lostLocks).isEmpty();
                },
                Flaw.LOCKS_NOT_CLAIMED,
                Flaw.GRACE_SKIPPED);
    }

    @Test
    void whoWaitsGoesOnWaitingAtAnotherMaster() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.tryLock(exclusive(P, 0, 9));
                    long waiting = b.lock(exclusive(P, 0, 9), true);
                    long other = b.lock(exclusive(Q, 0, 9), true);
                    cluster.changeMaster();
                    b.cancel(other);
                    cluster.pass(2_000 * MILLI);
                    assertThat(b.outcome(waiting)).isNull();
                    assertThat(b.outcome(other)).isEqualTo(CANCELLED);
                    a.unlock(exclusive(P, 0, 9));
                    assertThat(b.outcome(waiting)).isEqualTo(DONE);
                    assertThat(cluster.master.lockWaiters()).isZero();
                },
                Flaw.LOCK_NOT_ASKED_AGAIN);
    }

    /** The master carried out what its answer does not tell any more, and gave the lock to somebody else. */
    @Test
    void whatMayBeGivenUpAlreadyIsNotClaimed() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.tryLock(exclusive(P, 0, 9));
                    a.tryLock(exclusive(P, 10, 19));
                    cluster.carriesToClient = m -> cluster.clients.get(m.session()) != a;
                    a.unlock(exclusive(P, 0, 9));
                    long weaker = a.lock(shared(P, 10, 19), false);
                    assertThat(b.tryLock(exclusive(P, 0, 9))).isEqualTo(DONE);
                    assertThat(b.tryLock(shared(P, 10, 19))).isEqualTo(DONE);
                    cluster.changeMaster();
                    cluster.carriesToClient = m -> true;
                    cluster.pass(2_000 * MILLI);
                    assertThat(cluster.count(LeaseEvent.CLAIM_REFUSED)).isZero();
                    assertThat(a.outcome(weaker)).isEqualTo(DONE);
                    assertThat(a.holds(shared(P, 10, 19))).isTrue();
                    assertThat(b.holds(exclusive(P, 0, 9))).isTrue();
                },
                Flaw.UNLOCKED_CLAIMED);
    }

    /** It was told as shared to the next master, which gave the rest to somebody else. */
    @Test
    void aLockThatIsWeakerThanItsOwnerBelievesIsLost() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.tryLock(exclusive(P, 0, 9));
            cluster.carriesToClient = m -> cluster.clients.get(m.session()) != a;
            long wider = a.lock(shared(P, 0, 19), false);
            cluster.changeMaster();
            cluster.carriesToClient = m -> true;
            cluster.carriesToMaster = m -> cluster.clients.get(m.session()) != a;
            cluster.pass(1_250 * MILLI);
            b.lock(exclusive(P, 15, 15), true);
            cluster.carriesToMaster = m -> true;
            cluster.pass(2_000 * MILLI);
            assertThat(a.outcome(wider)).isEqualTo(CONFLICT);
            assertThat(a.lostLocks).containsExactly(P);
            assertThat(a.holds(shared(P, 0, 0))).isFalse();
            assertThat(cluster.master.locks()).isEqualTo(1);
        });
    }

    @Test
    void ofTwoClaimsThatConflictOneIsBelieved() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            cluster.changeMaster();
            Request forged = new Request.ClaimLock(FILE, exclusive(P, 0, 9));
            for (Client c : List.of(a, b)) {
                cluster.master.onMessage(cluster.now, new ToMaster.Frame(c.lease.session(), 2, 1, 0, forged), cluster);
            }
            assertThat(cluster.count(LeaseEvent.CLAIM_REFUSED)).isEqualTo(1);
            assertThat(cluster.master.locks()).isEqualTo(1);
        });
    }

    @Test
    void thereIsALimitToEverything() {
        LeaseConfig.Limits d = LeaseConfig.Limits.defaults();
        LeaseConfig few = new LeaseConfig(
                LeaseConfig.Times.defaults(),
                new LeaseConfig.Limits(
                        d.sessionsMax(),
                        d.leasesMax(),
                        d.leasesOfSessionMax(),
                        d.waitersMax(),
                        d.exceptionsMax(),
                        d.escalateAt(),
                        d.unackedMax(),
                        d.tokenBatch(),
                        d.slotsLog2(),
                        new LeaseConfig.LockLimits(5, 3, 3, 2)),
                Set.of());
        Rule.holds(few, cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            for (int i = 0; i < 3; i++) {
                assertThat(a.tryLock(exclusive(P, 10L * i, 10L * i + 4))).isEqualTo(DONE);
            }
            assertThat(a.tryLock(exclusive(P, 30, 34))).as("a session's").isEqualTo(FULL);
            assertThat(a.lease.canUnlock(FILE, exclusive(P, 2, 2))).isFalse();
            assertThat(a.lease.canUnlock(FILE, exclusive(P, 0, 2))).isTrue();
            b.tryLock(shared(P, 100, 104));
            b.tryLock(shared(P, 110, 114));
            assertThat(b.tryLock(shared(P, 120, 124))).as("all").isEqualTo(FULL);
            List<Long> waiting = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                waiting.add(b.lock(exclusive(P, 0, i), true));
            }
            assertThat(b.outcome(waiting.get(1))).isNull();
            assertThat(b.outcome(waiting.get(2))).isEqualTo(FULL);
            assertThat(a.outcome(a.lock(exclusive(Q, 100, 100), true))).isNull();
            Client c = cluster.client();
            assertThat(c.outcome(c.lock(exclusive(P, 100, 100), true))).isEqualTo(FULL);
        });
    }

    /** Clients that lock, wait, cancel and unlock at random, against a table of bytes that says who may have what. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void atRandomNobodyHasWhatConflictsAndEverybodyIsServed(long seed) {
        Cluster cluster = new Cluster(LeaseConfig.defaults(), Set.of());
        Random random = new Random(seed);
        LockModel model = new LockModel(3, 3, 16);
        List<Client> clients = List.of(cluster.client(), cluster.client(), cluster.client());
        for (int i = 0; i < 4000; i++) {
            int c = random.nextInt(3);
            Client client = clients.get(c);
            int owner = random.nextInt(3);
            int from = random.nextInt(16);
            int to = from + random.nextInt(16 - from);
            boolean exclusive = random.nextBoolean();
            LockRange range = new LockRange(owner, false, from, to, exclusive, 1);
            String step = "seed " + seed + ", operation " + i + ": " + c + " " + range;
            if (random.nextInt(200) == 0) {
                cluster.changeMaster();
                model.masterChanged();
                cluster.pass(1_000 * MILLI);
            } else if (model.isWaiting(c, owner)) {
                if (random.nextInt(4) == 0) {
                    long id = model.stopWaiting(c, owner);
                    client.cancel(id);
                    assertThat(client.outcome(id)).as(step).isEqualTo(CANCELLED);
                }
            } else if (random.nextInt(3) == 0) {
                client.unlock(range);
                model.put(c, owner, from, to, 0);
            } else {
                boolean waits = random.nextInt(4) == 0;
                boolean free = model.isFree(c, owner, from, to, exclusive);
                long id = client.lock(range, waits);
                LockOutcome outcome = client.outcome(id);
                if (outcome == DONE) {
                    assertThat(free).as(step).isTrue();
                    model.put(c, owner, from, to, exclusive ? 2 : 1);
                } else if (outcome == null) {
                    assertThat(waits).as(step).isTrue();
                    model.waits(c, owner, id, range);
                } else {
                    assertThat(free).as(step).isFalse();
                    assertThat(outcome).as(step).isEqualTo(waits ? DEADLOCK : CONFLICT);
                    assertThat(outcome == DEADLOCK).as(step).isEqualTo(waits && model.isCircle(c, owner, range));
                }
            }
            model.settle((of, id) -> clients.get(of).outcome(id), step);
            model.compare((of, r) -> clients.get(of).holds(r), step);
        }
        cluster.pass(3_000 * MILLI);
        model.settle((of, id) -> clients.get(of).outcome(id), "the end of seed " + seed);
        model.assertNobodyWaitsForNothing("the end of seed " + seed);
        assertThat(cluster.count(LeaseEvent.CLAIM_REFUSED)).isZero();
        assertThat(cluster.count(LeaseEvent.LOCK_DEADLOCK)).isPositive();
    }
}
