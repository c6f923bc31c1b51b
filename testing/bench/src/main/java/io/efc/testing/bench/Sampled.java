package io.efc.testing.bench;

import io.efc.base.Check;
import java.util.Arrays;

/** Repeated measurements. */
final class Sampled {
    private double[] values = new double[8];
    private int count;

    void add(double value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = value;
    }

    /** The middle one; of an even number the mean of the middle two. */
    double median() {
        Check.state(count > 0, "nothing was measured");
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    }
}
