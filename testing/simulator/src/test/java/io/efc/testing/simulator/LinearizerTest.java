package io.efc.testing.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.testing.simulator.Operation.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinearizerTest {
    private static Operation write(long from, long to, long value) {
        return new Operation("w", Kind.WRITE, from, to, value, 0, 1);
    }

    private static Operation read(long from, long to, long value) {
        return new Operation("r", Kind.READ, from, to, 0, 0, value);
    }

    @Test
    void acceptsReadsOfEitherValueWhileAWriteIsUnderWay() {
        assertThat(Linearizer.firstImpossible(0, List.of(write(10, 40, 1), read(11, 12, 0), read(13, 14, 1))))
                .isNull();
    }

    @Test
    void refusesTheOldValueAfterTheNewOneWasSeen() {
        Operation stale = read(15, 16, 0);
        assertThat(Linearizer.firstImpossible(0, List.of(write(10, 40, 1), read(13, 14, 1), stale)))
                .isEqualTo(stale);
    }

    @Test
    void refusesTheOldValueAfterTheWriteWasAnswered() {
        Operation stale = read(20, 30, 0);
        assertThat(Linearizer.firstImpossible(0, List.of(write(0, 10, 1), stale)))
                .isEqualTo(stale);
    }

    @Test
    void refusesTwoExclusiveCreatesThatBothWon() {
        Operation first = new Operation("a", Kind.CREATE, 0, 10, 1, 7, 1);
        Operation second = new Operation("b", Kind.CREATE, 5, 15, 1, 8, 1);
        assertThat(Linearizer.firstImpossible(0, List.of(first, second))).isNotNull();
    }

    @Test
    void followsARenameFromNameToName() {
        Operation create = new Operation("a", Kind.CREATE, 0, 1, 0, 7, 1);
        Operation rename = new Operation("a", Kind.RENAME, 2, 3, 0, 1, 1);
        Operation gone = new Operation("b", Kind.LOOKUP, 4, 5, 0, 0, 0);
        Operation there = new Operation("b", Kind.LOOKUP, 4, 5, 1, 0, 7);
        assertThat(Linearizer.firstImpossible(0, List.of(create, rename, gone, there)))
                .isNull();
    }
}
