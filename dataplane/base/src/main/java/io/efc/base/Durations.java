package io.efc.base;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them in options and manifests: {@code 500ms}, {@code 30s}, {@code 1.5m}, {@code 2h}, {@code 1h30m}. */
public final class Durations {
    private static final Pattern PART = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|m|h)");

    private Durations() {}

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException naming the value and what is accepted
     */
    public static Duration parse(String text) {
        Matcher m = PART.matcher(text);
        double millis = 0;
        int at = 0;
        while (m.find() && m.start() == at) {
            millis += Double.parseDouble(m.group(1))
                    * switch (m.group(2)) {
                        case "ms" -> 1;
                        case "s" -> 1000;
                        case "m" -> 60_000;
                        default -> 3_600_000;
                    };
            at = m.end();
        }
        if (at == 0 || at != text.length()) {
            throw new IllegalArgumentException("'" + text + "' is not a duration like 500ms, 30s, 5m, 1h30m");
        }
        return Duration.ofMillis(Math.round(millis));
    }
}
