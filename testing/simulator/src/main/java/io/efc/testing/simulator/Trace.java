package io.efc.testing.simulator;

import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What happened in a run: always a hash of it, on demand a line for each event. */
final class Trace {
    private final @Nullable StringBuilder text;
    private long hash = 0xCBF29CE484222325L;
    private long steps;

    Trace(boolean withText) {
        text = withText ? new StringBuilder() : null;
    }

    /** Something happened at {@code now}; {@code line} is called only if text is wanted. */
    void note(long now, long what, Supplier<String> line) {
        hash = Chance.mix(hash ^ now) * 31 + what;
        steps++;
        if (text != null) {
            text.append(String.format(Locale.ROOT, "%11.6f  %s%n", now / 1e9, line.get()));
        }
    }

    long hash() {
        return hash;
    }

    long steps() {
        return steps;
    }

    String text() {
        return text == null ? "" : text.toString();
    }
}
