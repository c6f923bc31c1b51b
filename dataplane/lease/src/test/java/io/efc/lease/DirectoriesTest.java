package io.efc.lease;

import static io.efc.lease.Cluster.DIRECTORY;
import static io.efc.lease.Cluster.FILE;
import static io.efc.lease.Cluster.MILLI;
import static io.efc.lease.Cluster.OTHER;
import static io.efc.lease.Cluster.file;
import static io.efc.lease.LeaseClient.Standing.DIRECT;
import static io.efc.lease.LeaseClient.Standing.HELD;
import static io.efc.lease.LeaseClient.Standing.WAIT;
import static io.efc.lease.Mode.READ;
import static io.efc.lease.Mode.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.lease.Cluster.Client;
import io.efc.lease.Cluster.GiveUp;
import org.junit.jupiter.api.Test;

/** Coarse leases and fine ones: a directory's covers its files, except those that somebody else needs. */
class DirectoriesTest {
    private static final LeaseConfig ESCALATES_AT_THREE = Cluster.limited(1_000, 1_000, 1_000, 2, 3);

    @Test
    void aDirectorysLeaseCoversItsFilesWithoutAsking() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            assertThat(a.obtain(DIRECTORY, READ)).isEqualTo(HELD);
            assertThat(a.covers(file(4711), READ)).isTrue();
            assertThat(a.covers(file(4711), WRITE)).isFalse();
            assertThat(a.covers(ObjectId.linked(1, 4711), READ))
                    .as("a file with several links")
                    .isFalse();
            assertThat(a.covers(ObjectId.file(1, 2, 1), READ))
                    .as("of another directory")
                    .isFalse();
            assertThat(cluster.master.leases()).isEqualTo(1);
        });
    }

    @Test
    void whoWritesAFileHasTheDirectorysHoldersLetGoOfThatFileOnly() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.obtain(DIRECTORY, READ);
                    long token = a.token(DIRECTORY, READ);
                    a.isBusy = true;
                    assertThat(b.obtain(FILE, WRITE)).isEqualTo(WAIT);
                    assertThat(a.givingUp).containsExactly(new GiveUp(DIRECTORY, token, Mode.NONE, 1));
                    assertThat(a.covers(FILE, READ)).isFalse();
                    a.free();
                    assertThat(b.covers(FILE, WRITE)).isTrue();
                    assertThat(a.covers(FILE, READ)).isFalse();
                    assertThat(a.covers(OTHER, READ)).isTrue();
                    assertThat(a.covers(DIRECTORY, READ)).isTrue();
                },
                Flaw.CARVE_NOT_SENT,
                Flaw.GRANT_BEFORE_YIELD);
    }

    @Test
    void aNewDirectoryLeaseLeavesOutWhatOthersHold() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    b.obtain(FILE, WRITE);
                    assertThat(a.obtain(DIRECTORY, READ)).isEqualTo(HELD);
                    assertThat(a.covers(FILE, READ)).isFalse();
                    assertThat(a.covers(OTHER, READ)).isTrue();
                    assertThat(b.covers(FILE, WRITE)).isTrue();
                    assertThat(cluster.count(LeaseEvent.EXCEPTED)).isEqualTo(1);
                },
                Flaw.EXCEPTIONS_FORGOTTEN);
    }

    @Test
    void aDirectoryThatIsReducedToReadingHasNotLetGoOfAFile() {
        Rule.holds(
                cluster -> {
                    Client holder = cluster.client();
                    Client reader = cluster.client();
                    Client writer = cluster.client();
                    holder.obtain(DIRECTORY, WRITE);
                    holder.isBusy = true;
                    assertThat(reader.obtain(DIRECTORY, READ)).isEqualTo(WAIT);
                    assertThat(writer.obtain(FILE, WRITE)).isEqualTo(WAIT);
                    assertThat(writer.covers(FILE, WRITE)).isFalse();
                    holder.free();
                    assertThat(writer.covers(FILE, WRITE)).isTrue();
                    assertThat(reader.covers(FILE, READ)).isFalse();
                    assertThat(holder.covers(FILE, READ)).isFalse();
                },
                Flaw.DOWNGRADE_COUNTS_AS_CARVE,
                Flaw.GRANT_BEFORE_YIELD);
    }

    @Test
    void moreExceptionsThanALeaseMayHaveSendTheDirectoryStraightToTheStore() {
        Rule.holds(ESCALATES_AT_THREE, cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            for (long f = 1; f <= 3; f++) {
                b.obtain(file(f), READ);
            }
            assertThat(b.lease.leases()).isEqualTo(3);
            assertThat(a.obtain(DIRECTORY, WRITE)).isEqualTo(DIRECT);
            assertThat(a.covers(file(1), READ))
                    .as("a ticket is for the names only")
                    .isFalse();
            assertThat(b.covers(file(1), READ)).isTrue();
        });
    }

    @Test
    void oneExceptionTooManyIsTheEndOfTheDirectorysLease() {
        Rule.holds(ESCALATES_AT_THREE, cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.obtain(DIRECTORY, READ);
            assertThat(b.obtain(file(1), WRITE)).isEqualTo(HELD);
            assertThat(b.obtain(file(2), WRITE)).isEqualTo(HELD);
            assertThat(a.covers(DIRECTORY, READ)).isTrue();
            assertThat(b.obtain(file(3), WRITE)).isEqualTo(HELD);
            assertThat(a.covers(DIRECTORY, READ)).isFalse();
            assertThat(cluster.count(LeaseEvent.CARVED)).isEqualTo(2);
            assertThat(cluster.count(LeaseEvent.RECALLED_TO_NONE)).isEqualTo(1);
        });
    }

    @Test
    void aFileIsNotReadUnderANewerTokenThanItIsWrittenUnder() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            StoreFence fence = new StoreFence(10);
            a.lease.acquire(cluster.now, DIRECTORY, WRITE, a);
            a.lease.acquire(cluster.now, FILE, READ, a);
            cluster.deliver();
            fence.read(FILE, a.token(FILE, READ));
            assertThat(fence.mayWrite(FILE, a.token(FILE, WRITE))).isTrue();
            assertThat(cluster.master.mayWrite(cluster.now, a.lease.session(), FILE, a.token(FILE, WRITE)))
                    .isTrue();
        });
    }

    @Test
    void manyFilesOfADirectoryBecomeOneLease() {
        Rule.holds(ESCALATES_AT_THREE, cluster -> {
            Client a = cluster.client();
            for (long f = 1; f <= 3; f++) {
                a.obtain(file(f), READ);
            }
            assertThat(cluster.master.leases()).isEqualTo(3);
            assertThat(a.obtain(file(4), READ)).isEqualTo(HELD);
            assertThat(cluster.master.leases()).isEqualTo(1);
            assertThat(a.lease.leases()).isEqualTo(1);
            assertThat(a.covers(file(4711), READ)).isTrue();
            assertThat(a.covers(DIRECTORY, READ)).isTrue();
            assertThat(cluster.count(LeaseEvent.ESCALATED)).isEqualTo(1);
            assertThat(cluster.count(LeaseEvent.SUBSUMED)).isEqualTo(1);
        });
    }

    @Test
    void aDirectoryIsNotGivenWhereSomebodyWouldHaveToLetGo() {
        Rule.holds(ESCALATES_AT_THREE, cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            b.obtain(DIRECTORY, READ);
            for (long f = 1; f <= 2; f++) {
                a.obtain(file(f), WRITE);
            }
            assertThat(a.obtain(file(3), READ)).isEqualTo(HELD);
            assertThat(a.obtain(file(4), READ)).isEqualTo(HELD);
            assertThat(b.covers(DIRECTORY, READ)).isTrue();
            assertThat(a.covers(file(1), WRITE)).as("the files it writes stay").isTrue();
            assertThat(b.covers(file(1), READ)).isFalse();
        });
    }

    @Test
    void anEscalatedLeaseLeavesOutTheFileThatSomebodyElseWrites() {
        Rule.holds(
                ESCALATES_AT_THREE,
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    b.obtain(file(9), WRITE);
                    for (long f = 1; f <= 4; f++) {
                        a.obtain(file(f), READ);
                    }
                    assertThat(a.covers(DIRECTORY, READ)).isTrue();
                    assertThat(a.covers(file(9), READ)).isFalse();
                    assertThat(b.covers(file(9), WRITE)).isTrue();
                },
                Flaw.EXCEPTIONS_FORGOTTEN);
    }

    @Test
    void aReadOnlyDatasetIsOneLease() {
        Rule.holds(ESCALATES_AT_THREE, cluster -> {
            Client a = cluster.client();
            ObjectId dataset = ObjectId.dataset(2);
            assertThat(a.obtain(dataset, READ)).isEqualTo(HELD);
            assertThat(a.covers(ObjectId.file(2, 7, 8), READ)).isTrue();
            assertThat(a.covers(ObjectId.directory(2, 7), READ)).isTrue();
            assertThat(a.covers(ObjectId.linked(2, 8), READ)).isTrue();
            assertThat(a.covers(FILE, READ)).as("of another dataset").isFalse();
            assertThat(cluster.master.leases()).isEqualTo(1);
        });
    }

    @Test
    void whatCannotBeLeasedIsDeniedWithTheReason() {
        Rule.holds(ESCALATES_AT_THREE, cluster -> {
            Client a = cluster.client();
            a.obtain(ObjectId.file(2, 7, 8), WRITE);
            a.obtain(ObjectId.dataset(1), READ);
            assertThat(a.denied)
                    .containsEntry(ObjectId.file(2, 7, 8), Reply.Reason.READ_ONLY)
                    .containsEntry(ObjectId.dataset(1), Reply.Reason.WRITABLE);
            assertThat(cluster.master.leases()).isZero();
            assertThat(cluster.master.waiters()).isZero();
        });
    }

    @Test
    void aFileThatIsAskedForBesideItsDirectoryComesWithTheDirectory() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            StoreFence fence = new StoreFence(10);
            a.lease.acquire(cluster.now, DIRECTORY, WRITE, a);
            a.lease.acquire(cluster.now, FILE, READ, a);
            cluster.deliver();
            assertThat(a.lease.leases()).isEqualTo(1);
            assertThat(cluster.count(LeaseEvent.COVERED)).isEqualTo(1);
            assertThat(a.obtain(FILE, READ)).isEqualTo(HELD);
            fence.read(FILE, a.token(FILE, READ));
            a.release(FILE, Mode.NONE);
            assertThat(a.obtain(FILE, WRITE)).isEqualTo(HELD);
            assertThat(fence.mayWrite(FILE, a.token(FILE, WRITE)))
                    .as("the directory's token is not an old one for the file")
                    .isTrue();
        });
    }

    @Test
    void aLeaseThatWasGivenUpIsNotRevivedWhenItIsNamedAgain() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            cluster.carriesToClient = m -> !(m instanceof ToClient.Frame f && f.seq() == 2);
            a.lease.acquire(cluster.now, DIRECTORY, WRITE, a);
            a.lease.acquire(cluster.now, FILE, READ, a);
            cluster.deliver();
            assertThat(a.covers(DIRECTORY, WRITE)).isTrue();
            cluster.carriesToMaster = m -> false;
            a.release(DIRECTORY, Mode.NONE);
            cluster.carriesToClient = m -> true;
            cluster.pass(1_000 * MILLI);
            assertThat(a.lease.acquire(cluster.now, FILE, READ, a))
                    .as("the master's word for the directory has come, and is out of date")
                    .isEqualTo(WAIT);
            assertThat(a.covers(DIRECTORY, READ)).isFalse();
            cluster.carriesToMaster = m -> true;
            cluster.pass(1_000 * MILLI);
            assertThat(a.obtain(FILE, READ)).isEqualTo(HELD);
            assertThat(a.covers(DIRECTORY, READ)).isFalse();
        });
    }

    @Test
    void aFileThatItsDirectoryIsGivingUpWaitsForThat() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.obtain(DIRECTORY, WRITE);
            a.isBusy = true;
            assertThat(b.obtain(FILE, WRITE)).isEqualTo(WAIT);
            b.lease.close(cluster.now, b);
            assertThat(a.obtain(FILE, WRITE)).isEqualTo(WAIT);
            assertThat(cluster.count(LeaseEvent.COVERED)).isZero();
            a.free();
            assertThat(a.covers(FILE, WRITE)).isTrue();
        });
    }

    @Test
    void aFileIsUsedUnderItsOwnTokenUntilThatIsYielded() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.obtain(FILE, WRITE);
            long own = a.token(FILE, WRITE);
            a.isBusy = true;
            assertThat(b.obtain(FILE, WRITE)).isEqualTo(WAIT);
            b.lease.close(cluster.now, b);
            assertThat(a.obtain(DIRECTORY, READ)).isEqualTo(HELD);
            assertThat(a.covers(FILE, READ)).isTrue();
            assertThat(a.token(FILE, READ))
                    .as("not the directory's, which is later: the store would refuse what is still to be flushed")
                    .isEqualTo(own);
            assertThat(a.lease.flushToken(cluster.now, FILE)).isEqualTo(own);
            a.free();
            assertThat(a.token(FILE, READ)).isEqualTo(a.token(DIRECTORY, READ)).isGreaterThan(own);
        });
    }

    @Test
    void aDirectoryWithTooManyExceptionsIsNobodysAloneToWaitFor() {
        Rule.holds(Cluster.limited(1_000, 1_000, 1_000, 1, 1_000), cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            Client c = cluster.client();
            b.obtain(FILE, WRITE);
            b.obtain(OTHER, WRITE);
            assertThat(a.obtain(DIRECTORY, WRITE)).isEqualTo(DIRECT);
            assertThat(c.obtain(DIRECTORY, READ))
                    .as("beside the other's ticket, not after it")
                    .isEqualTo(DIRECT);
        });
    }
}
