package io.efc.nfs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.nfs.internal.ByteRanges.Range;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangesTest {
    @Test
    void aNewLockReplacesWhatItCovers() {
        ByteRanges r = new ByteRanges();
        r.add(0, 99, true);
        r.add(40, 59, false);
        assertThat(r.all()).containsExactly(new Range(0, 39, true), new Range(40, 59, false), new Range(60, 99, true));
        r.remove(20, 80);
        assertThat(r.all()).containsExactly(new Range(0, 19, true), new Range(81, 99, true));
        r.remove(0, Long.MAX_VALUE);
        assertThat(r.isEmpty()).isTrue();
    }

    @Test
    void reachesTheEndOfEveryFile() {
        assertThat(ByteRanges.last(0, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThat(ByteRanges.last(100, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThat(ByteRanges.last(100, 1)).isEqualTo(100);
        assertThat(ByteRanges.last(Long.MAX_VALUE - 1, 2)).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void agreesWithAnArrayOfBytes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ByteRanges r = new ByteRanges();
        byte[] model = new byte[64];
        for (int i = 0; i < 500; i++) {
            int first = random.nextInt(64);
            int last = first + random.nextInt(64 - first);
            int what = random.nextInt(3);
            if (what == 0) {
                r.remove(first, last);
            } else {
                r.add(first, last, what == 2);
            }
            java.util.Arrays.fill(model, first, last + 1, (byte) what);
            byte[] seen = new byte[64];
            long before = -1;
            for (Range range : r.all()) {
                assertThat(range.first()).isGreaterThan(before);
                before = range.last();
                java.util.Arrays.fill(
                        seen, (int) range.first(), (int) range.last() + 1, (byte) (range.exclusive() ? 2 : 1));
            }
            assertThat(seen).isEqualTo(model);
        }
    }
}
