package io.efc.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** What each owner has of each byte of one file: 0 nothing, 1 shared, 2 exclusive; and who waits for what. */
final class LockModel {
    private record Wait(long id, LockRange range) {}

    private final int owners;
    private final int bytes;
    private final int[][] has;
    private final Map<Integer, Wait> waits = new LinkedHashMap<>();
    private final Set<Integer> weakened = new HashSet<>();

    LockModel(int clients, int owners, int bytes) {
        this.owners = owners;
        this.bytes = bytes;
        this.has = new int[clients * owners][bytes];
    }

    private int who(int client, long owner) {
        return client * owners + (int) owner;
    }

    boolean isWaiting(int client, long owner) {
        return waits.containsKey(who(client, owner));
    }

    /** Its request is cancelled; what it had is lost if the master was told less of it meanwhile. */
    long stopWaiting(int client, long owner) {
        int who = who(client, owner);
        Wait wait = waits.remove(who);
        if (weakened.remove(who)) {
            put(who, 0, bytes - 1, 0);
        }
        return wait == null ? 0 : wait.id;
    }

    /** Of what somebody wants to have shared it cannot tell a new master that it has it alone: that may be over. */
    void masterChanged() {
        waits.forEach((who, wait) -> {
            for (int b = (int) wait.range.start(); b <= wait.range.end() && !wait.range.exclusive(); b++) {
                if (has[who][b] == 2) {
                    has[who][b] = 1;
                    weakened.add(who);
                }
            }
        });
    }

    void waits(int client, long owner, long id, LockRange range) {
        waits.put(who(client, owner), new Wait(id, range));
    }

    void put(int client, long owner, int from, int to, int mode) {
        put(who(client, owner), from, to, mode);
    }

    private void put(int who, long from, long to, int mode) {
        for (int b = (int) from; b <= to; b++) {
            has[who][b] = mode;
        }
    }

    boolean isFree(int client, long owner, int from, int to, boolean exclusive) {
        return inTheWay(who(client, owner), new LockRange(owner, false, from, to, exclusive, 1))
                .isEmpty();
    }

    private Set<Integer> inTheWay(int who, LockRange range) {
        Set<Integer> all = new HashSet<>();
        for (int other = 0; other < has.length; other++) {
            for (int b = (int) range.start(); b <= range.end() && other != who; b++) {
                if (has[other][b] == 2 || (has[other][b] == 1 && range.exclusive())) {
                    all.add(other);
                }
            }
        }
        return all;
    }

    boolean isCircle(int client, long owner, LockRange range) {
        int self = who(client, owner);
        Set<Integer> seen = new HashSet<>();
        ArrayDeque<Integer> next = new ArrayDeque<>(inTheWay(self, range));
        while (!next.isEmpty()) {
            int who = next.remove();
            if (who == self) {
                return true;
            }
            Wait wait = waits.get(who);
            if (seen.add(who) && wait != null) {
                next.addAll(inTheWay(who, wait.range));
            }
        }
        return false;
    }

    /** Takes in what was granted meanwhile, which must have been free. */
    void settle(BiFunction<Integer, Long, @Nullable LockOutcome> outcomes, String step) {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (int who : List.copyOf(waits.keySet())) {
                Wait wait = waits.get(who);
                LockOutcome outcome = wait == null ? null : outcomes.apply(who / owners, wait.id);
                if (wait != null && outcome != null && inTheWay(who, wait.range).isEmpty()) {
                    assertThat(outcome).as(step).isEqualTo(LockOutcome.DONE);
                    waits.remove(who);
                    weakened.remove(who);
                    put(who, wait.range.start(), wait.range.end(), wait.range.exclusive() ? 2 : 1);
                    moved = true;
                }
            }
        }
        waits.forEach((who, wait) -> assertThat(outcomes.apply(who / owners, wait.id))
                .as("%s: %s was granted beside what is in its way", step, wait)
                .isNull());
    }

    void compare(BiPredicate<Integer, LockRange> holds, String step) {
        for (int who = 0; who < has.length; who++) {
            for (int b = 0; b < bytes; b++) {
                LockRange here = new LockRange(who % owners, false, b, b, false, 1);
                LockRange alone = new LockRange(who % owners, false, b, b, true, 1);
                assertThat(holds.test(who / owners, here))
                        .as("%s: %d has byte %d", step, who, b)
                        .isEqualTo(has[who][b] > 0);
                assertThat(holds.test(who / owners, alone))
                        .as("%s: %d has byte %d alone", step, who, b)
                        .isEqualTo(has[who][b] == 2);
            }
        }
    }

    void assertNobodyWaitsForNothing(String step) {
        waits.forEach((who, wait) ->
                assertThat(inTheWay(who, wait.range)).as("%s: %s", step, wait).isNotEmpty());
    }
}
