package io.efc.testing.simulator;

/** Random numbers that a seed decides, the same everywhere (SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014). */
final class Chance {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private long state;

    Chance(long seed) {
        state = mix(seed + GOLDEN);
    }

    static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    long any() {
        state += GOLDEN;
        return mix(state);
    }

    /** From 0 to {@code bound} - 1. */
    long below(long bound) {
        return bound <= 1 ? 0 : Long.remainderUnsigned(any(), bound);
    }

    /** From {@code least} to {@code most}. */
    long between(long least, long most) {
        return least + below(most - least + 1);
    }

    int index(int size) {
        return (int) below(size);
    }

    /** True {@code perMille} times in a thousand. */
    boolean perMille(int perMille) {
        return perMille > 0 && below(1000) < perMille;
    }

    boolean coin() {
        return any() < 0;
    }
}
