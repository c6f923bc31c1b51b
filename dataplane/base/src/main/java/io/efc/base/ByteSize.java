package io.efc.base;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * A number of bytes, written and read the way Kubernetes writes quantities: {@code 2Gi}, {@code 512Mi}, {@code 10G},
 * {@code 1.5Gi}, {@code 4096}. {@code GiB}/{@code GB} spellings are read too, since command lines use them.
 *
 * @param bytes the size, 0 or more
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final String[] BINARY = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    private static final String DECIMAL = "kMGTPE";
    private static final String ACCEPTED =
            "a number with an optional suffix Ki, Mi, Gi, Ti, Pi, Ei, k, M, G, T, P or E, such as 2Gi";

    public ByteSize {
        Check.argument(bytes >= 0, "size is negative: %d", bytes);
    }

    /** A size of {@code n} KiB. */
    public static ByteSize ofKiB(long n) {
        return new ByteSize(Math.multiplyExact(n, 1L << 10));
    }

    /** A size of {@code n} MiB. */
    public static ByteSize ofMiB(long n) {
        return new ByteSize(Math.multiplyExact(n, 1L << 20));
    }

    /** A size of {@code n} GiB. */
    public static ByteSize ofGiB(long n) {
        return new ByteSize(Math.multiplyExact(n, 1L << 30));
    }

    /**
     * Reads a quantity.
     *
     * @throws IllegalArgumentException naming the text and what is accepted, if it is malformed, negative, or more than
     *     {@link Long#MAX_VALUE} bytes
     */
    public static ByteSize parse(String text) {
        String s = text.strip();
        int digits = 0;
        while (digits < s.length() && (Character.isDigit(s.charAt(digits)) || s.charAt(digits) == '.')) {
            digits++;
        }
        String number = s.substring(0, digits);
        long unit = unit(s.substring(digits));
        if (number.isEmpty() || number.equals(".") || unit == 0) {
            throw new IllegalArgumentException("'" + text + "' is not a size; accepted: " + ACCEPTED);
        }
        try {
            return new ByteSize(new BigDecimal(number)
                    .multiply(BigDecimal.valueOf(unit))
                    .setScale(0, RoundingMode.CEILING)
                    .longValueExact());
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not a size below 8Ei; accepted: " + ACCEPTED, e);
        }
    }

    /** The unit's factor, or 0 if {@code suffix} is none. */
    private static long unit(String suffix) {
        if (suffix.isEmpty() || suffix.equals("B")) {
            return 1;
        }
        String s = suffix.endsWith("B") ? suffix.substring(0, suffix.length() - 1) : suffix;
        for (int i = 1; i < BINARY.length; i++) {
            if (s.equals(BINARY[i])) {
                return 1L << (10 * i);
            }
        }
        int power = DECIMAL.indexOf(s.equals("K") ? "k" : s);
        return s.length() == 1 && power >= 0 ? Math.powExact(1000L, power + 1) : 0;
    }

    /** The size with a binary suffix and at most two decimals, {@code 9.31GiB}: for people. */
    public String toHuman() {
        int power = 0;
        double value = bytes;
        while (value >= 1024 && power < BINARY.length - 1) {
            value /= 1024;
            power++;
        }
        return power == 0 ? bytes + "B" : String.format(Locale.ROOT, "%.2f%sB", value, BINARY[power]);
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The exact quantity with the largest binary suffix that divides it: {@code 2Gi}, {@code 1536Mi}, {@code 1000}. */
    @Override
    public String toString() {
        int power = 0;
        long value = bytes;
        while (value != 0 && value % 1024 == 0 && power < BINARY.length - 1) {
            value /= 1024;
            power++;
        }
        return value + BINARY[power];
    }
}
