package io.efc.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.fuse.EntryReply;
import org.junit.jupiter.api.Test;

class FreshnessTest {
    private long now = -50;
    private final Freshness freshness = new Freshness(() -> now, 100, 50, EntryReply.FOREVER);

    @Test
    void whatIsLeftShrinksWithTheClockAndEndsAtZero() {
        long fetchedAt = freshness.now();
        assertThat(freshness.attributes(1, fetchedAt)).isEqualTo(100);
        now += 30;
        assertThat(freshness.attributes(1, fetchedAt)).isEqualTo(70);
        assertThat(freshness.entry(1, fetchedAt)).isEqualTo(20);
        now += 100;
        assertThat(freshness.attributes(1, fetchedAt)).isZero();
        assertThat(freshness.entry(1, fetchedAt)).isZero();
    }

    @Test
    void foreverDoesNotEndAndTheUnknownIsNeverFresh() {
        long fetchedAt = freshness.now();
        now += Long.MAX_VALUE / 2;
        assertThat(freshness.negative(1, fetchedAt)).isEqualTo(EntryReply.FOREVER);
        assertThat(freshness.negative(1, Freshness.UNKNOWN)).isZero();
        assertThat(freshness.attributes(1, Freshness.UNKNOWN)).isZero();
    }
}
