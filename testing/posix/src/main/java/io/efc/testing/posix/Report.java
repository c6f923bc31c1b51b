package io.efc.testing.posix;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Verdicts for people and for programs. */
public final class Report {
    private Report() {}

    /** How many verdicts have this outcome. */
    public static int count(List<Verdict> verdicts, Verdict.Outcome outcome) {
        return (int) verdicts.stream().filter(v -> v.outcome() == outcome).count();
    }

    /** One verdict in a line, a broken one with its calls below. */
    public static String line(Verdict v) {
        return switch (v.outcome()) {
            case HOLDS -> "ok      " + v.rule();
            case LACKING -> "lacking " + v.rule() + " (" + v.detail() + ")";
            case BROKEN -> "BROKEN  " + v.rule() + "\n    " + v.detail();
        };
    }

    /** The counts, and everything that the file system lacks. */
    public static String summary(List<Verdict> verdicts, Set<Capability> lacking) {
        Set<String> lacks = new TreeSet<>();
        lacking.forEach(c -> lacks.add("no " + c.text()));
        for (Verdict v : verdicts) {
            if (v.outcome() == Verdict.Outcome.LACKING) {
                lacks.add(v.detail());
            }
        }
        return String.format(
                "%d rules: %d hold, %d broken, %d about what this file system lacks%s",
                verdicts.size(),
                count(verdicts, Verdict.Outcome.HOLDS),
                count(verdicts, Verdict.Outcome.BROKEN),
                count(verdicts, Verdict.Outcome.LACKING),
                lacks.isEmpty() ? "" : " (" + String.join(", ", lacks) + ")");
    }

    /** {@code [{"rule","outcome","detail","micros"}]}. */
    public static String json(List<Verdict> verdicts) {
        List<String> items = new ArrayList<>();
        for (Verdict v : verdicts) {
            items.add(String.format(
                    "{\"rule\":%s,\"outcome\":\"%s\",\"detail\":%s,\"micros\":%d}",
                    quote(v.rule()), v.outcome(), quote(v.detail()), v.micros()));
        }
        return "[" + String.join(",\n ", items) + "]";
    }

    private static String quote(String text) {
        StringBuilder s = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                s.append('\\').append(c);
            } else if (c < 32) {
                s.append(String.format("\\u%04x", (int) c));
            } else {
                s.append(c);
            }
        }
        return s.append('"').toString();
    }
}
