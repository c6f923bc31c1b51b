package io.efc.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnedRangesTest {
    private static final int BYTES = 24;

    private static LockRange lock(long start, long end, boolean exclusive) {
        return new LockRange(1, false, start, end, exclusive, 7);
    }

    @Test
    void oneLockReplacesWhatTheOwnerHasThereAndNeighboursAreOne() {
        OwnedRanges r = new OwnedRanges();
        r.put(lock(0, Long.MAX_VALUE, true));
        r.put(lock(10, 19, false));
        assertThat(r.all()).containsExactly(lock(0, 9, true), lock(10, 19, false), lock(20, Long.MAX_VALUE, true));
        r.put(lock(10, 19, true));
        assertThat(r.all()).containsExactly(lock(0, Long.MAX_VALUE, true));
        assertThat(r.remove(lock(0, 4, false))).isTrue();
        assertThat(r.remove(lock(0, 4, false))).isFalse();
        assertThat(r.splits(lock(7, 8, false))).isTrue();
        assertThat(r.splits(lock(5, 8, false))).isFalse();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void doesWhatAByteByByteModelDoes(long seed) {
        Random random = new Random(seed);
        int[] model = new int[BYTES];
        OwnedRanges ranges = new OwnedRanges();
        for (int i = 0; i < 5000; i++) {
            int from = random.nextInt(BYTES);
            int to = from + random.nextInt(BYTES - from);
            int kind = random.nextInt(4);
            switch (kind) {
                case 0 -> ranges.remove(lock(from, to, false));
                case 3 -> ranges.weaken(lock(from, to, false));
                default -> ranges.put(lock(from, to, kind == 2));
            }
            for (int b = from; b <= to; b++) {
                model[b] = kind == 3 ? Math.min(model[b], 1) : kind;
            }
            compare(model, ranges, i);
        }
    }

    private static void compare(int[] model, OwnedRanges ranges, int step) {
        long end = -2;
        boolean exclusive = false;
        for (LockRange r : ranges.all()) {
            assertThat(r.start()).as("operation %d: %s", step, ranges.all()).isGreaterThan(end);
            assertThat(r.start() == end + 1 && r.exclusive() == exclusive)
                    .as("operation %d: two that are one in %s", step, ranges.all())
                    .isFalse();
            end = r.end();
            exclusive = r.exclusive();
        }
        for (int b = 0; b < BYTES; b++) {
            LockRange here = lock(b, b, true);
            assertThat(ranges.overlaps(here))
                    .as("operation %d, byte %d", step, b)
                    .isEqualTo(model[b] > 0);
            assertThat(ranges.covers(here)).as("operation %d, byte %d", step, b).isEqualTo(model[b] == 2);
            assertThat(ranges.conflict(lock(b, b, false)) != null)
                    .as("operation %d, byte %d", step, b)
                    .isEqualTo(model[b] == 2);
        }
        List<LockRange> all = ranges.all();
        if (all.size() == 1) {
            LockRange one = all.getFirst();
            assertThat(ranges.covers(one)).isTrue();
            assertThat(ranges.covers(lock(one.start(), one.end() + 1, one.exclusive())))
                    .isFalse();
        }
    }
}
