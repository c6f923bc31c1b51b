package io.efc.cache;

import io.efc.cache.internal.Hash;
import java.nio.charset.StandardCharsets;

/**
 * Which workers hold a block: weighted rendezvous hashing [1] with logarithmic weights [2]. Every member gets the score
 * {@code -w / ln(u)}, where {@code u} in (0, 1) is a hash of the block's name and the member's id; the owners are those
 * with the highest scores, in that order. So a member owns its share of the weights, and adding or removing one moves
 * only the blocks it gains or loses. The version is not part of a block's name here: a changed file stays with its
 * workers, where its old blocks are dropped.
 *
 * <p>Scores are computed with {@link StrictMath} from a hash defined here, so every process on every machine gives the
 * same answer. The cost is one hash and one logarithm a member: about 30 ns. Immutable, any thread.
 *
 * <p>[1] Thaler, Ravishankar: Using name-based mappings to increase hit rates, IEEE/ACM ToN 6(1), 1998. [2]
 * Schindelhauer, Schomaker: Weighted distributed hash tables, SPAA 2005.
 */
public final class Placement {
    private final Ring ring;
    private final RingMember[] members;
    private final long[] seeds;

    public Placement(Ring ring) {
        this.ring = ring;
        this.members = ring.members().toArray(RingMember[]::new);
        this.seeds = new long[members.length];
        for (int i = 0; i < members.length; i++) {
            seeds[i] = hash(members[i].id());
        }
    }

    /** The ring this places over. */
    public Ring ring() {
        return ring;
    }

    /** The first owner's index in the ring's members, or -1 if the ring is empty. Does not allocate. */
    public int owner(CacheKey key, long blockIndex) {
        long name = name(key, blockIndex);
        int best = -1;
        double bestScore = 0;
        for (int i = 0; i < members.length; i++) {
            double score = score(name, i);
            if (best < 0 || beats(score, i, bestScore, best)) {
                best = i;
                bestScore = score;
            }
        }
        return best;
    }

    /**
     * The first owners' indices in the ring's members, best first. The owners for fewer replicas are a prefix of those
     * for more. Does not allocate.
     *
     * @param to filled from 0; its length is the number of replicas asked for
     * @return how many: fewer than asked for if the ring is smaller
     */
    public int owners(CacheKey key, long blockIndex, int[] to) {
        long name = name(key, blockIndex);
        int count = 0;
        for (int i = 0; i < members.length; i++) {
            double score = score(name, i);
            int at = count;
            while (at > 0 && beats(score, i, score(name, to[at - 1]), to[at - 1])) {
                at--;
            }
            if (at < to.length) {
                int end = Math.min(count, to.length - 1);
                System.arraycopy(to, at, to, at + 1, end - at);
                to[at] = i;
                count = end + 1;
            }
        }
        return count;
    }

    /**
     * Equal scores, which only a rounded logarithm gives, are decided by the ids, so that the members' order does not
     * matter.
     */
    private boolean beats(double score, int i, double other, int j) {
        return score > other || (score == other && members[i].id().compareTo(members[j].id()) < 0);
    }

    private double score(long name, int member) {
        double u = ((Hash.mix(name ^ seeds[member]) >>> 11) + 0.5) * 0x1p-53;
        return -members[member].weight() / StrictMath.log(u);
    }

    static long name(CacheKey key, long blockIndex) {
        return Hash.mix(Hash.mix(Hash.mix(Hash.mix(key.dataset()) ^ key.fileHi()) ^ key.fileLo()) ^ blockIndex);
    }

    /** FNV-1a over the UTF-8 bytes, mixed: ids are short and few, what matters is that it is the same everywhere. */
    private static long hash(String id) {
        long h = 0xcbf29ce484222325L;
        for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
            h = (h ^ (b & 0xff)) * 0x100000001b3L;
        }
        return Hash.mix(h);
    }
}
