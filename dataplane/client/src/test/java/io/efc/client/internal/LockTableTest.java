package io.efc.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.client.internal.LockTable.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockTableTest {
    private static Range lock(long owner, long start, long end, boolean exclusive) {
        return new Range(owner, false, start, end, exclusive, 1);
    }

    @Test
    void exclusiveKeepsOthersOutAndSharedGoTogether() {
        LockTable t = new LockTable();
        assertThat(t.take(lock(1, 0, 9, true))).isTrue();
        assertThat(t.take(lock(2, 9, 20, false))).isFalse();
        assertThat(t.take(lock(2, 10, 20, false))).isTrue();
        assertThat(t.take(lock(3, 15, 30, false))).isTrue();
        assertThat(t.take(lock(3, 20, 30, true))).isFalse();
    }

    @Test
    void fcntlAndFlockDoNotMeet() {
        LockTable t = new LockTable();
        assertThat(t.take(lock(1, 0, Long.MAX_VALUE, true))).isTrue();
        assertThat(t.take(new Range(2, true, 0, Long.MAX_VALUE, true, 1))).isTrue();
    }

    @Test
    void unlockingTheMiddleLeavesBothEnds() {
        LockTable t = new LockTable();
        t.take(lock(1, 0, 99, true));
        assertThat(t.release(1, false, 40, 59)).isTrue();
        assertThat(t.take(lock(2, 40, 59, true))).isTrue();
        assertThat(t.take(lock(2, 39, 39, true))).isFalse();
        assertThat(t.take(lock(2, 60, 60, true))).isFalse();
        assertThat(t.release(1, false, 40, 59)).isFalse();
    }

    @Test
    void aFailedUpgradeGivesBackWhatThereWas() {
        LockTable t = new LockTable();
        t.take(lock(1, 0, 9, false));
        List<Range> former = t.of(1, false);
        t.take(lock(1, 0, 9, true));
        t.restore(1, false, former);
        assertThat(t.take(lock(2, 0, 9, false))).isTrue();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void doesWhatAByteByByteModelDoes(long seed) {
        Random random = new Random(seed);
        int bytes = 24;
        int owners = 3;
        int[][] model = new int[owners][bytes];
        LockTable t = new LockTable();
        for (int i = 0; i < 4000; i++) {
            int owner = random.nextInt(owners);
            int from = random.nextInt(bytes);
            int to = from + random.nextInt(bytes - from);
            int kind = random.nextInt(3);
            boolean free = true;
            for (int other = 0; other < owners && kind > 0; other++) {
                for (int b = from; b <= to && other != owner; b++) {
                    free &= model[other][b] == 0 || (model[other][b] == 1 && kind == 1);
                }
            }
            boolean did = kind == 0 || t.take(lock(owner, from, to, kind == 2));
            if (kind == 0) {
                t.release(owner, false, from, to);
            }
            assertThat(did).as("operation %d", i).isEqualTo(free);
            for (int b = from; b <= to && did; b++) {
                model[owner][b] = kind;
            }
            List<String> wrong = new ArrayList<>();
            for (int b = 0; b < bytes; b++) {
                boolean taken = false;
                for (int o = 0; o < owners; o++) {
                    taken |= model[o][b] != 0;
                }
                if ((t.conflict(lock(99, b, b, true)) != null) != taken) {
                    wrong.add("byte " + b);
                }
            }
            assertThat(wrong).as("operation %d", i).isEmpty();
        }
    }
}
