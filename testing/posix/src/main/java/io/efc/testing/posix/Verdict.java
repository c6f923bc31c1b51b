package io.efc.testing.posix;

/**
 * How a rule fared.
 *
 * @param detail why, empty for a rule that holds
 */
public record Verdict(String rule, Outcome outcome, String detail, long micros) {
    /** The three ends of a rule. */
    public enum Outcome {
        /** Kept. */
        HOLDS,
        /** Not kept. */
        BROKEN,
        /** About something that this file system lacks. */
        LACKING
    }
}
