package io.efc.lease;

import static io.efc.lease.Cluster.FILE;
import static io.efc.lease.Cluster.MILLI;
import static io.efc.lease.LeaseClient.Standing.HELD;
import static io.efc.lease.Mode.READ;
import static io.efc.lease.Mode.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.lease.Cluster.Client;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Messages that are lost, repeated or overtaken change nothing but the time it takes. */
class MessagesTest {
    private static boolean carries(ToClient message, Class<? extends Reply> what) {
        return message instanceof ToClient.Frame frame && what.isInstance(frame.body());
    }

    @Test
    void aGrantThatComesAgainAfterItsEndIsNone() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    List<ToClient> grants = new ArrayList<>();
                    cluster.carriesToClient = m -> {
                        if (carries(m, Reply.Granted.class) && grants.isEmpty()) {
                            grants.add(m);
                        }
                        return true;
                    };
                    a.obtain(FILE, WRITE);
                    assertThat(b.obtain(FILE, WRITE)).isEqualTo(HELD);
                    cluster.toClients.addAll(grants);
                    cluster.deliver();
                    assertThat(a.covers(FILE, READ)).isFalse();
                    assertThat(cluster.count(LeaseEvent.DUPLICATE_DROPPED)).isEqualTo(1);
                },
                Flaw.DUPLICATES_TAKEN);
    }

    @Test
    void aRequestThatComesAgainIsNotAnsweredAgain() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    List<ToMaster> requests = new ArrayList<>();
                    cluster.carriesToMaster = m -> !(m instanceof ToMaster.Frame) || requests.add(m);
                    a.obtain(FILE, WRITE);
                    a.release(FILE, Mode.NONE);
                    cluster.toMaster.addAll(List.copyOf(requests));
                    cluster.deliver();
                    assertThat(cluster.master.leases()).isZero();
                    assertThat(a.covers(FILE, READ)).isFalse();
                    assertThat(cluster.count(LeaseEvent.GRANTED_WRITE)).isEqualTo(1);
                },
                Flaw.DUPLICATES_TAKEN);
    }

    @Test
    void aRecallThatOvertakesItsGrantWaitsForIt() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    List<ToClient> overtaken = new ArrayList<>();
                    cluster.carriesToClient =
                            m -> !(overtaken.isEmpty() && carries(m, Reply.Granted.class)) || !overtaken.add(m);
                    a.obtain(FILE, WRITE);
                    b.obtain(FILE, WRITE);
                    assertThat(b.covers(FILE, WRITE))
                            .as("before the first holder knew")
                            .isFalse();
                    assertThat(cluster.count(LeaseEvent.GAP_DROPPED)).isEqualTo(1);
                    cluster.carriesToClient = m -> true;
                    cluster.toClients.addAll(overtaken);
                    cluster.deliver();
                    assertThat(a.covers(FILE, WRITE)).isTrue();
                    cluster.pass(500 * MILLI);
                    assertThat(a.covers(FILE, READ)).isFalse();
                    assertThat(b.covers(FILE, WRITE)).isTrue();
                },
                Flaw.GAPS_TAKEN);
    }

    @Test
    void whatIsLostIsSaidAgainUntilItIsHeard() {
        Rule.holds(cluster -> {
            Client a = cluster.client();
            Client b = cluster.client();
            Set<Object> seen = new HashSet<>();
            cluster.carriesToMaster = m -> !(m instanceof ToMaster.Frame f) || !seen.add(f.session() + ">" + f.seq());
            cluster.carriesToClient = m -> !(m instanceof ToClient.Frame f) || !seen.add(f.session() + "<" + f.seq());
            a.lease.acquire(cluster.now, FILE, WRITE, a);
            cluster.pass(2_000 * MILLI);
            assertThat(a.covers(FILE, WRITE)).isTrue();
            b.lease.acquire(cluster.now, FILE, WRITE, b);
            cluster.pass(4_000 * MILLI);
            assertThat(b.covers(FILE, WRITE)).isTrue();
            assertThat(a.covers(FILE, READ)).isFalse();
            assertThat(cluster.count(LeaseEvent.RETRANSMITTED)).isPositive();
            assertThat(cluster.count(LeaseEvent.GRANTED_WRITE)).isEqualTo(2);
        });
    }

    @Test
    void everythingTwiceIsAsEverythingOnce() {
        Rule.holds(
                cluster -> {
                    Client a = cluster.client();
                    Client b = cluster.client();
                    cluster.carriesToMaster = m -> {
                        cluster.master.onMessage(cluster.now, m, cluster);
                        return true;
                    };
                    cluster.carriesToClient = m -> {
                        Client to = Objects.requireNonNull(cluster.clients.get(m.session()));
                        to.lease.onMessage(cluster.now, m, to);
                        return true;
                    };
                    a.obtain(FILE, READ);
                    b.obtain(FILE, READ);
                    a.obtain(FILE, WRITE);
                    b.obtain(FILE, READ);
                    cluster.pass(2_000 * MILLI);
                    assertThat(cluster.count(LeaseEvent.GRANTED_READ)).isEqualTo(3);
                    assertThat(cluster.count(LeaseEvent.GRANTED_WRITE)).isEqualTo(1);
                    assertThat(a.covers(FILE, READ)).isTrue();
                    assertThat(a.covers(FILE, WRITE)).isFalse();
                    assertThat(b.covers(FILE, READ)).isTrue();
                    assertThat(cluster.master.leases()).isEqualTo(2);
                },
                Flaw.DUPLICATES_TAKEN);
    }
}
