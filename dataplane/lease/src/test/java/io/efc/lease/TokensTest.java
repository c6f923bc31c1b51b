package io.efc.lease;

import static io.efc.lease.Cluster.DIRECTORY;
import static io.efc.lease.Cluster.FILE;
import static io.efc.lease.Cluster.MILLI;
import static io.efc.lease.Cluster.OTHER;
import static io.efc.lease.LeaseClient.Standing.DIRECT;
import static io.efc.lease.LeaseClient.Standing.HELD;
import static io.efc.lease.LeaseClient.Standing.WAIT;
import static io.efc.lease.Mode.NONE;
import static io.efc.lease.Mode.READ;
import static io.efc.lease.Mode.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.lease.Cluster.Client;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tokens say which of two holders is the later one, to the master and to a store that checks them. */
class TokensTest {
    @Test
    void tokensGrowWithEveryGrant() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            long last = 0;
            for (int i = 0; i < 20; i++) {
                Client client = i % 2 == 0 ? a : b;
                LeaseClient.Standing standing = client.obtain(i % 3 == 0 ? FILE : OTHER, i % 4 == 0 ? WRITE : READ);
                assertThat(standing).isIn(HELD, DIRECT);
                cluster.pass(1_000 * MILLI);
            }
            for (long f = 10; f < 20; f++) {
                a.obtain(Cluster.file(f), READ);
                long token = a.token(Cluster.file(f), READ);
                assertThat(token).isGreaterThan(last);
                last = token;
            }
            assertThat(a.obtain(Cluster.file(10), WRITE)).isEqualTo(HELD);
            assertThat(a.token(Cluster.file(10), WRITE))
                    .as("an upgrade is a grant")
                    .isGreaterThan(last);
        });
    }

    @Test
    void noTokenIsGrantedThatIsNotReservedInTheLog() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            cluster.commits = false;
            assertThat(a.obtain(FILE, READ)).isEqualTo(WAIT);
            assertThat(cluster.record.tokenMark()).isZero();
            cluster.commits = true;
            cluster.deliver();
            assertThat(a.covers(FILE, READ)).isTrue();
            assertThat(a.token(FILE, READ)).isBetween(1L, cluster.record.tokenMark());
        });
    }

    @Test
    void theMasterSaysNoToAnOldToken() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            long session = a.lease.session();
            a.obtain(FILE, READ);
            long read = a.token(FILE, READ);
            assertThat(cluster.master.mayWrite(cluster.now, session, FILE, read))
                    .as("of a read lease")
                    .isFalse();
            a.obtain(FILE, WRITE);
            long write = a.token(FILE, WRITE);
            assertThat(cluster.master.mayWrite(cluster.now, session, FILE, write))
                    .isTrue();
            assertThat(cluster.master.mayWrite(cluster.now, session, FILE, read))
                    .isFalse();
            assertThat(cluster.master.mayWrite(cluster.now, session, FILE, write + 1))
                    .isFalse();
            assertThat(cluster.master.mayWrite(cluster.now, session, OTHER, write))
                    .isFalse();
            assertThat(cluster.master.mayWrite(cluster.now, b.lease.session(), FILE, write))
                    .isFalse();
            assertThat(cluster.master.mayWrite(cluster.now, 4711, FILE, write)).isFalse();
            a.release(FILE, READ);
            assertThat(cluster.master.mayWrite(cluster.now, session, FILE, write))
                    .isFalse();
            assertThat(a.mayWrite(FILE, write)).isFalse();
        });
    }

    @Test
    void theMasterSaysNoWhenTheSessionsTimeIsOver() {
        Rule.holds(
                cluster -> {
                    long opened = cluster.now;
                    Client a = cluster.client();
                    a.obtain(FILE, WRITE);
                    long session = a.lease.session();
                    long token = a.token(FILE, WRITE);
                    long life = 10_010 * MILLI;
                    assertThat(cluster.master.mayWrite(opened + life - 1, session, FILE, token))
                            .isTrue();
                    assertThat(cluster.master.mayWrite(opened + life, session, FILE, token))
                            .isFalse();
                },
                Flaw.DRIFT_IGNORED,
                Flaw.EXPIRED_EARLY);
    }

    @Test
    void aDirectorysTokenIsGoodForTheFilesThatItCovers() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            a.obtain(DIRECTORY, WRITE);
            long token = a.token(DIRECTORY, WRITE);
            long session = a.lease.session();
            assertThat(cluster.master.mayWrite(cluster.now, session, FILE, token))
                    .isTrue();
            assertThat(a.mayWrite(FILE, token)).isTrue();
            b.obtain(FILE, WRITE);
            assertThat(cluster.master.mayWrite(cluster.now, session, FILE, token))
                    .isFalse();
            assertThat(a.mayWrite(FILE, token)).isFalse();
            assertThat(cluster.master.mayWrite(cluster.now, session, OTHER, token))
                    .isTrue();
            assertThat(cluster.master.mayWrite(cluster.now, session, DIRECTORY, token))
                    .isTrue();
        });
    }

    @Test
    void aTicketsTokenIsGoodUntilALeaseIsGiven() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            for (int i = 0; i < 5; i++) {
                (i % 2 == 0 ? a : b).obtain(FILE, WRITE);
            }
            long ticket = a.token(FILE, WRITE);
            assertThat(a.obtain(FILE, WRITE)).isEqualTo(DIRECT);
            assertThat(cluster.master.mayWrite(cluster.now, a.lease.session(), FILE, ticket))
                    .isTrue();
            assertThat(cluster.master.mayWrite(cluster.now, a.lease.session(), OTHER, ticket))
                    .isFalse();
            cluster.pass(5_005 * MILLI);
            assertThat(cluster.master.mayWrite(cluster.now, a.lease.session(), FILE, ticket))
                    .isFalse();
            assertThat(b.obtain(FILE, WRITE)).isEqualTo(HELD);
            assertThat(b.token(FILE, WRITE)).isGreaterThan(ticket);
        });
    }

    @Test
    void aStoreThatChecksTokensRefusesTheChangesOfAnEarlierHolder() {
        Rule.holds(
                cluster -> {
                    StoreFence fence = new StoreFence(10, cluster.flaws);
                    assertThat(fence.mayWrite(FILE, 5)).isTrue();
                    assertThat(fence.mayWrite(FILE, 5)).isTrue();
                    fence.read(FILE, 7);
                    assertThat(fence.mayWrite(FILE, 6))
                            .as("after the next holder's first read")
                            .isFalse();
                    assertThat(fence.mayWrite(FILE, 7)).isTrue();
                    fence.read(FILE, 3);
                    assertThat(fence.mayWrite(FILE, 6)).isFalse();
                    assertThat(fence.mayWrite(OTHER, 1))
                            .as("other objects are not concerned")
                            .isTrue();
                },
                Flaw.TOKEN_UNCHECKED);
    }

    @Test
    void aStoreThatForgetsAnObjectLetsNoOldTokenIn() {
        StoreFence fence = new StoreFence(2, EnumSet.noneOf(Flaw.class));
        fence.read(Cluster.file(1), 10);
        fence.read(Cluster.file(2), 20);
        fence.read(Cluster.file(1), 30);
        fence.read(Cluster.file(3), 40);
        assertThat(fence.mayWrite(Cluster.file(2), 19)).as("forgotten").isFalse();
        assertThat(fence.mayWrite(Cluster.file(1), 29)).as("remembered").isFalse();
        assertThat(fence.mayWrite(Cluster.file(9), 19))
                .as("never seen: refused wrongly, as the older is")
                .isFalse();
        assertThat(fence.mayWrite(Cluster.file(9), 41)).isTrue();
    }

    @Test
    void theRecordIsTheSumOfItsEntriesInAnyNumber() {
        LeaseRecord record = new LeaseRecord(List.of(1L, 2L), 10);
        for (int i = 0; i < 2; i++) {
            record.apply(new LogEntry.SessionOpened(3));
            record.apply(new LogEntry.SessionClosed(1));
            record.apply(new LogEntry.TokensReserved(30));
            record.apply(new LogEntry.TokensReserved(20));
        }
        assertThat(record.sessions()).containsExactly(2L, 3L);
        assertThat(record.tokenMark()).isEqualTo(30);
    }

    @Test
    void aReleaseOfNothingSaysNothing() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            a.lease.release(cluster.now, FILE, NONE, a);
            a.lease.yielded(cluster.now, FILE, 1, a);
            a.lease.yieldedChild(cluster.now, DIRECTORY, 1, 1, a);
            assertThat(cluster.toMaster).isEmpty();
        });
    }
}
