package io.efc.store.internal;

import io.efc.base.ByteSize;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A mount's options as typed values. Every complaint is an {@link IllegalArgumentException} that names the mount, the option, the value, and
 * what would be accepted.
 */
public final class Options {
    /** A key this far from a known one, in letters added, dropped, changed or swapped, is taken for a slip. */
    private static final int SLIPS_MAX = 2;

    private final String mountPoint;
    private final Map<String, String> values;
    private final Set<String> known;

    /** Refuses keys that are not in {@code known}. */
    public Options(String mountPoint, Map<String, String> values, Set<String> known) {
        this.mountPoint = mountPoint;
        this.values = values;
        this.known = new TreeSet<>(known);
        for (String key : new TreeSet<>(values.keySet())) {
            if (!known.contains(key)) {
                throw new IllegalArgumentException(
                        mountPoint + ": unknown option '" + key + "'" + suggestion(key) + accepted());
            }
        }
    }

    private String suggestion(String key) {
        String best = null;
        int least = SLIPS_MAX + 1;
        for (String candidate : known) {
            int distance = distance(key.toLowerCase(java.util.Locale.ROOT), candidate);
            if (distance < least && distance < candidate.length()) {
                least = distance;
                best = candidate;
            }
        }
        return best == null ? "" : "; did you mean '" + best + "'?";
    }

    private String accepted() {
        return known.isEmpty() ? "; this store has no options" : "; known options: " + String.join(", ", known);
    }

    /** Optimal string alignment distance. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                d[i][j] = i == 0 || j == 0 ? i + j : cell(a, b, d, i, j);
            }
        }
        return d[a.length()][b.length()];
    }

    private static int cell(String a, String b, int[][] d, int i, int j) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least = Math.min(d[i - 1][j - 1] + (same ? 0 : 1), Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, d[i - 2][j - 2] + 1) : least;
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** The text of an option, null if it is not given. */
    public @Nullable String text(String key) {
        return values.get(key);
    }

    /** A whole number from {@code least} to {@code most}. */
    public int number(String key, int fallback, int least, int most) {
        String text = values.get(key);
        if (text == null) {
            return fallback;
        }
        try {
            int n = Integer.parseInt(text.strip());
            if (n >= least && n <= most) {
                return n;
            }
        } catch (NumberFormatException e) {
            throw refused(key, "a whole number from " + least + " to " + most);
        }
        throw refused(key, "a whole number from " + least + " to " + most);
    }

    /** A number of bytes such as {@code 1048576} or {@code 1Mi}. */
    public long size(String key, long fallback) {
        String text = values.get(key);
        if (text == null) {
            return fallback;
        }
        try {
            return ByteSize.parse(text).bytes();
        } catch (IllegalArgumentException e) {
            throw refused(key, "a number of bytes such as 1048576 or 1Mi");
        }
    }

    /** Given without a value or with {@code true}: on. */
    public boolean flag(String key) {
        String text = values.get(key);
        if (text == null || text.equals("false")) {
            return false;
        }
        if (text.isEmpty() || text.equals("true")) {
            return true;
        }
        throw refused(key, "true, false, or no value");
    }

    /** Tenths of a second, as nfs(5) has them. */
    public Duration tenths(String key, Duration fallback) {
        int tenths = number(key, -1, 1, 36_000);
        return tenths < 0 ? fallback : Duration.ofMillis(100L * tenths);
    }

    /** The complaint about an option's value. */
    public IllegalArgumentException refused(String key, String accepted) {
        return new IllegalArgumentException(
                mountPoint + ": option " + key + "='" + values.get(key) + "'; accepted: " + accepted);
    }
}
