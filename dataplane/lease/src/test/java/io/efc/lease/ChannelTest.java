package io.efc.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One side of a session's streams. */
class ChannelTest {
    private record Sent(long seq, long ack, @Nullable String body) {}

    private final List<Sent> sent = new ArrayList<>();
    private final Channel<String> channel = new Channel<>(10, EnumSet.noneOf(Flaw.class));

    private void frame(long seq, long ack, @Nullable String body) {
        sent.add(new Sent(seq, ack, body));
    }

    @Test
    void takesEachNumberOnceAndInOrder() {
        assertThat(channel.arrive(0, 2, 0, this::frame)).isEqualTo(Channel.Arrival.GAP);
        assertThat(channel.arrive(0, 1, 0, this::frame)).isEqualTo(Channel.Arrival.NEXT);
        assertThat(channel.arrive(0, 1, 0, this::frame)).isEqualTo(Channel.Arrival.DUPLICATE);
        assertThat(channel.arrive(0, 2, 0, this::frame)).isEqualTo(Channel.Arrival.NEXT);
        assertThat(channel.arrive(0, 0, 0, this::frame)).isEqualTo(Channel.Arrival.EMPTY);
    }

    @Test
    void acknowledgesWhatArrivedOnceWithOrWithoutSomethingToSay() {
        channel.arrive(0, 1, 0, this::frame);
        channel.settle(this::frame);
        channel.settle(this::frame);
        assertThat(sent).containsExactly(new Sent(0, 1, null));
        sent.clear();
        channel.arrive(0, 2, 0, this::frame);
        channel.send(0, "a", this::frame);
        channel.settle(this::frame);
        assertThat(sent).containsExactly(new Sent(1, 2, "a"));
    }

    @Test
    void sendsAgainWhatIsNotAcknowledgedInTime() {
        channel.send(0, "a", this::frame);
        channel.send(5, "b", this::frame);
        channel.arrive(6, 0, 1, this::frame);
        sent.clear();
        assertThat(channel.tick(15, this::frame)).isFalse();
        assertThat(sent).isEmpty();
        assertThat(channel.tick(16, this::frame)).isTrue();
        assertThat(sent).containsExactly(new Sent(2, 0, "b"));
        channel.arrive(17, 0, 2, this::frame);
        assertThat(channel.unacked()).isZero();
        assertThat(channel.tick(1_000, this::frame)).isFalse();
    }

    @Test
    void hasNoMoreOnItsWayThanTheWindow() {
        for (int i = 1; i <= 70; i++) {
            channel.send(0, "m" + i, this::frame);
        }
        assertThat(sent).hasSize(64);
        assertThat(channel.unacked()).isEqualTo(70);
        sent.clear();
        channel.arrive(1, 0, 4, this::frame);
        assertThat(sent).extracting(Sent::seq).containsExactly(65L, 66L, 67L, 68L);
        sent.clear();
        channel.tick(11, this::frame);
        assertThat(sent).extracting(Sent::seq).hasSize(64).startsWith(5L).endsWith(68L);
        sent.clear();
        channel.arrive(12, 0, 68, this::frame);
        assertThat(sent).containsExactly(new Sent(69, 0, "m69"), new Sent(70, 0, "m70"));
    }

    @Test
    void anOldOrForgedAcknowledgementChangesNothing() {
        channel.send(0, "a", this::frame);
        channel.send(0, "b", this::frame);
        channel.arrive(0, 0, 1, this::frame);
        channel.arrive(0, 0, 0, this::frame);
        assertThat(channel.unacked()).isEqualTo(1);
        channel.arrive(0, 0, Long.MAX_VALUE, this::frame);
        assertThat(channel.unacked()).isZero();
        sent.clear();
        channel.send(0, "c", this::frame);
        assertThat(sent).containsExactly(new Sent(3, 0, "c"));
    }
}
