package io.efc.api.internal;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that a mistyped one was meant to be. */
final class Suggestion {
    private Suggestion() {}

    /** The nearest of {@code accepted} if fewer than half of the letters differ, ignoring case. */
    static Optional<String> of(String typed, Collection<String> accepted) {
        String best = null;
        int bestDistance = Math.max(1, typed.length() / 2) + 1;
        for (String word : accepted) {
            int d = distance(typed.toLowerCase(Locale.ROOT), word.toLowerCase(Locale.ROOT));
            if (d < bestDistance && d < Math.max(word.length(), 2)) {
                best = word;
                bestDistance = d;
            }
        }
        return Optional.ofNullable(best);
    }

    /** {@code ; did you mean 'x'?} or nothing. */
    static String sentence(String typed, Collection<String> accepted) {
        return of(typed, accepted).map(w -> "; did you mean '" + w + "'?").orElse("");
    }

    /** Insertions, deletions, substitutions and swaps of neighbours that turn {@code a} into {@code b}. */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
