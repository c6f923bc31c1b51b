package io.efc.testing.bench;

import java.util.Locale;

/**
 * One measured figure beside its reference.
 *
 * @param name what was done
 * @param value the median, in {@code unit}
 * @param reference what did the same work; empty for a figure that stands alone
 * @param referenceValue its median, in the same unit; 0 if there is no reference
 */
public record Row(String name, double value, String unit, String reference, double referenceValue) {
    /** Value divided by reference; 0 if there is no reference. */
    public double ratio() {
        return referenceValue == 0 ? 0 : value / referenceValue;
    }

    /** {@code {"name","value","unit","reference","referenceValue","ratio"}}. */
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"name\":\"%s\",\"value\":%s,\"unit\":\"%s\",\"reference\":\"%s\",\"referenceValue\":%s,\"ratio\":%s}",
                name,
                number(value),
                unit,
                reference,
                number(referenceValue),
                number(ratio()));
    }

    /** Four significant digits, plainly written. */
    static String number(double value) {
        if (value == 0) {
            return "0";
        }
        int digits = Math.max(0, 3 - (int) Math.floor(Math.log10(Math.abs(value))));
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
