package io.efc.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ReadPatternTest {
    private static final long MIB = 1 << 20;

    private final ReadPattern pattern = new ReadPattern(MIB, 16 * MIB);

    @Test
    void aSequentialReaderEarnsAWindowThatDoublesUpToTheMaximum() {
        long at = 0;
        pattern.note(at, 16 << 10);
        assertThat(pattern.window()).isZero();
        long last = 0;
        for (int i = 0; i < 4000; i++) {
            at += 16 << 10;
            pattern.note(at, 16 << 10);
            assertThat(pattern.window()).isBetween(Math.max(last, MIB), Math.max(MIB, last * 2));
            last = pattern.window();
        }
        assertThat(last).isEqualTo(16 * MIB);
    }

    @Test
    void aLargeFirstReadIsSequential() {
        pattern.note(0, 128 << 10);
        assertThat(pattern.window()).isEqualTo(MIB);
    }

    @Test
    void parallelReadsOfOneReaderMayComeOutOfOrder() {
        int size = 128 << 10;
        for (int i = 0; i < 100; i++) {
            pattern.note((2L * i + 1) * size, size);
            pattern.note(2L * i * size, size);
        }
        assertThat(pattern.window()).isGreaterThanOrEqualTo(4 * MIB);
    }

    @Test
    void randomReadsHaveNoWindow() {
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            pattern.note(random.nextLong(1L << 30) & -4096, 4096);
            assertThat(pattern.window()).isZero();
        }
        assertThat(pattern.isRandom()).isTrue();
    }

    @Test
    void oneJumpHalvesAndTwoTakeTheWindowAway() {
        for (int i = 0; i < 600; i++) {
            pattern.note(i * (64L << 10), 64 << 10);
        }
        long before = pattern.window();
        pattern.note(500 * MIB, 4096);
        assertThat(pattern.window()).isEqualTo(before / 2);
        pattern.note(900 * MIB, 4096);
        assertThat(pattern.window()).isZero();
        for (int i = 1; i < 4; i++) {
            pattern.note(900 * MIB + i * 4096L, 4096);
        }
        assertThat(pattern.window()).isEqualTo(MIB);
        assertThat(pattern.isRandom()).isFalse();
    }

    @Test
    void pressureShrinksDownToTheFirstWindow() {
        for (int i = 0; i < 600; i++) {
            pattern.note(i * (64L << 10), 64 << 10);
        }
        long before = pattern.window();
        pattern.shrink();
        assertThat(pattern.window()).isEqualTo(before / 2);
        for (int i = 0; i < 10; i++) {
            pattern.shrink();
        }
        assertThat(pattern.window()).isEqualTo(MIB);
    }
}
