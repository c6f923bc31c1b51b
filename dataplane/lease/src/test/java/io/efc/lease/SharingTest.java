package io.efc.lease;

import static io.efc.lease.Cluster.FILE;
import static io.efc.lease.LeaseClient.Standing.HELD;
import static io.efc.lease.LeaseClient.Standing.WAIT;
import static io.efc.lease.Mode.NONE;
import static io.efc.lease.Mode.READ;
import static io.efc.lease.Mode.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.lease.Cluster.Client;
import io.efc.lease.Cluster.GiveUp;
import org.junit.jupiter.api.Test;

/** Who may hold the same object at once, and what happens before somebody else does. */
class SharingTest {
    @Test
    void readLeasesAreShared() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            assertThat(a.obtain(FILE, READ)).isEqualTo(HELD);
            assertThat(b.obtain(FILE, READ)).isEqualTo(HELD);
            assertThat(a.covers(FILE, READ)).isTrue();
            assertThat(a.covers(FILE, WRITE)).isFalse();
            assertThat(cluster.master.leases()).isEqualTo(2);
            assertThat(cluster.count(LeaseEvent.RECALLED_TO_NONE)).isZero();
        });
    }

    @Test
    void aWriteLeaseIsAlone() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    Client c = cluster.client();
                    a.obtain(FILE, READ);
                    b.obtain(FILE, READ);
                    assertThat(c.obtain(FILE, WRITE)).isEqualTo(HELD);
                    assertThat(a.covers(FILE, READ)).isFalse();
                    assertThat(b.covers(FILE, READ)).isFalse();
                    assertThat(cluster.master.leases()).isEqualTo(1);
                },
                Flaw.RECALL_NOT_SENT);
    }

    @Test
    void aRevokeIsAcknowledgedBeforeTheNextGrant() {
        Rule.holds(
                cluster -> {
                    Client writer = cluster.client();
                    Client reader = cluster.client();
                    writer.obtain(FILE, WRITE);
                    long token = writer.token(FILE, WRITE);
                    writer.isBusy = true;
                    assertThat(reader.obtain(FILE, READ)).isEqualTo(WAIT);
                    assertThat(writer.givingUp).containsExactly(new GiveUp(FILE, token, READ, 0));
                    assertThat(writer.covers(FILE, WRITE))
                            .as("new writes are not let in")
                            .isFalse();
                    assertThat(writer.lease.flushToken(cluster.now, FILE))
                            .as("old ones are flushed")
                            .isEqualTo(token);
                    assertThat(writer.mayWrite(FILE, token)).isTrue();
                    cluster.pass(1_000 * Cluster.MILLI);
                    assertThat(reader.covers(FILE, READ)).isFalse();
                    writer.free();
                    assertThat(writer.mayWrite(FILE, token)).isFalse();
                    assertThat(reader.covers(FILE, READ)).isTrue();
                    assertThat(writer.covers(FILE, READ))
                            .as("a reader leaves a writer the reading")
                            .isTrue();
                },
                Flaw.GRANT_BEFORE_YIELD,
                Flaw.RECALL_NOT_SENT);
    }

    @Test
    void anUpgradeHasTheOtherReadersLetGo() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.obtain(FILE, READ);
                    b.obtain(FILE, READ);
                    long before = a.token(FILE, READ);
                    b.isBusy = true;
                    assertThat(a.obtain(FILE, WRITE)).isEqualTo(WAIT);
                    assertThat(a.covers(FILE, READ)).as("meanwhile it reads on").isTrue();
                    b.free();
                    assertThat(a.covers(FILE, WRITE)).isTrue();
                    assertThat(a.token(FILE, WRITE)).isGreaterThan(before);
                    assertThat(b.covers(FILE, READ)).isFalse();
                    assertThat(cluster.count(LeaseEvent.UPGRADED)).isEqualTo(1);
                },
                Flaw.UPGRADE_BESIDE_READERS,
                Flaw.GRANT_BEFORE_YIELD);
    }

    @Test
    void twoReadersThatBothWantToWriteDoSoOneAfterTheOther() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    a.obtain(FILE, READ);
                    b.obtain(FILE, READ);
                    a.lease.acquire(cluster.now, FILE, WRITE, a);
                    b.lease.acquire(cluster.now, FILE, WRITE, b);
                    cluster.deliver();
                    assertThat(b.covers(FILE, WRITE)).isTrue();
                    assertThat(a.covers(FILE, READ)).isFalse();
                    assertThat(cluster.count(LeaseEvent.GRANTED_WRITE)).isEqualTo(2);
                },
                Flaw.UPGRADE_BESIDE_READERS);
    }

    @Test
    void aDowngradeLetsReadersInWithoutARecall() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.obtain(FILE, WRITE);
            a.release(FILE, READ);
            assertThat(a.covers(FILE, WRITE)).isFalse();
            assertThat(a.covers(FILE, READ)).isTrue();
            assertThat(b.obtain(FILE, READ)).isEqualTo(HELD);
            assertThat(a.covers(FILE, READ)).isTrue();
            assertThat(cluster.count(LeaseEvent.RECALLED_TO_READ)).isZero();
            assertThat(cluster.count(LeaseEvent.RECALLED_TO_NONE)).isZero();
        });
    }

    @Test
    void whatIsReleasedIsGone() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            a.obtain(FILE, WRITE);
            a.release(FILE, NONE);
            assertThat(a.covers(FILE, READ)).isFalse();
            assertThat(a.lease.tokenOf(FILE)).isZero();
            assertThat(cluster.master.leases()).isZero();
        });
    }

    @Test
    void readersThatComeLaterStandBehindAWaitingWriter() {
        Rule.holds(cluster -> {
            Client reader = cluster.client();
            Client writer = cluster.client();
            Client late = cluster.client();
            reader.obtain(FILE, READ);
            reader.isBusy = true;
            writer.isBusy = true;
            assertThat(writer.obtain(FILE, WRITE)).isEqualTo(WAIT);
            assertThat(late.obtain(FILE, READ)).isEqualTo(WAIT);
            assertThat(cluster.master.waiters()).isEqualTo(2);
            reader.free();
            assertThat(writer.lease.flushToken(cluster.now, FILE))
                    .as("the writer's turn")
                    .isNotZero();
            assertThat(late.covers(FILE, READ)).isFalse();
            writer.free();
            assertThat(late.covers(FILE, READ)).isTrue();
        });
    }

    @Test
    void aWriterIsNotStarvedByReadersThatKeepAsking() {
        Rule.holds(cluster -> {
            Client first = cluster.client();
            Client second = cluster.client();
            Client writer = cluster.client();
            first.obtain(FILE, READ);
            second.obtain(FILE, READ);
            first.isBusy = true;
            second.isBusy = true;
            writer.isBusy = true;
            writer.lease.acquire(cluster.now, FILE, WRITE, writer);
            for (int i = 0; i < 8 && writer.lease.flushToken(cluster.now, FILE) == 0; i++) {
                Client turn = i % 2 == 0 ? first : second;
                turn.free();
                turn.obtain(FILE, READ);
                turn.isBusy = true;
            }
            assertThat(writer.lease.flushToken(cluster.now, FILE)).isNotZero();
            assertThat(cluster.count(LeaseEvent.GRANTED_READ))
                    .as("no read lease was given meanwhile")
                    .isEqualTo(2);
        });
    }

    @Test
    void aSessionThatClosesFreesWhatItHeldAtOnce() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.obtain(FILE, WRITE);
            a.isBusy = true;
            assertThat(b.obtain(FILE, WRITE)).isEqualTo(WAIT);
            a.lease.close(cluster.now, a);
            cluster.deliver();
            assertThat(b.covers(FILE, WRITE)).isTrue();
            assertThat(cluster.master.sessions()).isEqualTo(1);
            assertThat(cluster.record.sessions()).hasSize(1);
        });
    }
}
