package io.efc.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {
    private static final int BLOCKS = 60_000;

    private static RingMember member(int i, long weight) {
        return new RingMember("worker-" + i, "node-" + i, "10.0.0." + i + ":7000", weight);
    }

    private static List<RingMember> members(int count) {
        List<RingMember> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(member(i, 1L << 31));
        }
        return members;
    }

    private static String[] owners(List<RingMember> members) {
        Placement placement = new Placement(new Ring(1, members));
        String[] owners = new String[BLOCKS];
        for (int b = 0; b < BLOCKS; b++) {
            owners[b] = members.get(placement.owner(key(b), b % 100)).id();
        }
        return owners;
    }

    private static CacheKey key(int block) {
        return Contents.key(block / 100, 1, 100L << 20);
    }

    @ParameterizedTest(name = "{0} workers")
    @ValueSource(ints = {2, 3, 5, 16})
    void addingAWorkerMovesOnlyItsShareAndOnlyToIt(int count) {
        String[] before = owners(members(count));
        String[] after = owners(members(count + 1));
        int moved = 0;
        for (int b = 0; b < BLOCKS; b++) {
            if (!before[b].equals(after[b])) {
                assertThat(after[b]).isEqualTo("worker-" + count);
                moved++;
            }
        }
        assertThat(moved / (double) BLOCKS).isBetween(0.95 / (count + 1), 1.05 / (count + 1));
    }

    @Test
    void removingAWorkerMovesOnlyItsBlocks() {
        List<RingMember> five = members(5);
        String[] before = owners(five);
        List<RingMember> four = new ArrayList<>(five);
        four.remove(2);
        String[] after = owners(four);
        for (int b = 0; b < BLOCKS; b++) {
            if (!before[b].equals("worker-2")) {
                assertThat(after[b]).isEqualTo(before[b]);
            }
        }
    }

    @Test
    void sharesFollowWeights() {
        List<RingMember> members = List.of(member(0, 1L << 30), member(1, 2L << 30), member(2, 5L << 30));
        int[] blocks = new int[3];
        for (String owner : owners(members)) {
            blocks[owner.charAt(owner.length() - 1) - '0']++;
        }
        assertThat(blocks[0] / (double) BLOCKS).isBetween(0.12, 0.13);
        assertThat(blocks[1] / (double) BLOCKS).isBetween(0.242, 0.258);
        assertThat(blocks[2] / (double) BLOCKS).isBetween(0.61, 0.64);
    }

    @Test
    void growingAWeightOnlyGivesItBlocks() {
        String[] before = owners(List.of(member(0, 100), member(1, 100), member(2, 100)));
        String[] after = owners(List.of(member(0, 100), member(1, 150), member(2, 100)));
        for (int b = 0; b < BLOCKS; b++) {
            if (!before[b].equals(after[b])) {
                assertThat(after[b]).isEqualTo("worker-1");
            }
        }
    }

    @Test
    void orderOfMembersDoesNotMatter() {
        List<RingMember> members = members(7);
        String[] expected = owners(members);
        List<RingMember> shuffled = new ArrayList<>(members);
        Collections.shuffle(shuffled, new Random(5));
        assertThat(owners(shuffled)).isEqualTo(expected);
    }

    @Test
    void ownersAreDistinctStartWithTheOwnerAndKeepTheirOrder() {
        List<RingMember> members = members(6);
        Placement placement = new Placement(new Ring(1, members));
        for (int b = 0; b < 2000; b++) {
            int[] all = new int[8];
            assertThat(placement.owners(key(b), b, all)).isEqualTo(6);
            Set<Integer> distinct = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                distinct.add(all[i]);
            }
            assertThat(distinct).hasSize(6);
            assertThat(all[0]).isEqualTo(placement.owner(key(b), b));
            int[] two = new int[2];
            assertThat(placement.owners(key(b), b, two)).isEqualTo(2);
            assertThat(two).containsExactly(all[0], all[1]);
            List<RingMember> without = new ArrayList<>(members);
            RingMember lost = without.remove(all[0]);
            Placement after = new Placement(new Ring(2, without));
            assertThat(without.get(after.owner(key(b), b))).isEqualTo(members.get(all[1]));
            assertThat(lost).isEqualTo(members.get(all[0]));
        }
    }

    /** Fixed answers: a change of the hash would scatter the blocks of every running cluster. */
    @Test
    void answersAreTheSameInEveryProcess() {
        Placement placement = new Placement(new Ring(1, members(5)));
        StringBuilder answers = new StringBuilder();
        for (int b = 0; b < 40; b++) {
            answers.append(placement.owner(new CacheKey(b, 3L * b, -b, b, 1), b));
        }
        assertThat(answers.toString()).isEqualTo("1034331323340423302001444434412104241004");
    }

    @Test
    void versionDoesNotMoveAFile() {
        Placement placement = new Placement(new Ring(1, members(5)));
        for (int b = 0; b < 1000; b++) {
            assertThat(placement.owner(Contents.key(b, 2, 5), 3)).isEqualTo(placement.owner(Contents.key(b, 1, 9), 3));
        }
    }

    @Test
    void emptyRingHasNoOwner() {
        Placement placement = new Placement(new Ring(0, List.of()));
        assertThat(placement.owner(key(1), 0)).isEqualTo(-1);
        assertThat(placement.owners(key(1), 0, new int[2])).isZero();
    }

    @Test
    void refusesDoubleAndWeightlessMembers() {
        assertThatThrownBy(() -> new Ring(1, List.of(member(1, 5), member(1, 6))))
                .hasMessageContaining("worker-1");
        assertThatThrownBy(() -> member(1, 0)).hasMessageContaining("worker-1").hasMessageContaining("weight 0");
    }
}
