package io.efc.nfs;

/** A version of the protocol. */
public enum NfsVersion {
    /** RFC 1813. */
    V3,
    /** RFC 8881, and RFC 7862 and 8276 where the server speaks minor version 2. */
    V4_1;

    /**
     * Reads what {@code vers=} may say: {@code 3}, {@code 4}, {@code 4.1}, {@code 4.2}.
     *
     * @throws IllegalArgumentException naming the text and what is accepted
     */
    public static NfsVersion parse(String text) {
        return switch (text.strip()) {
            case "3" -> V3;
            case "4", "4.1", "4.2" -> V4_1;
            default -> throw new IllegalArgumentException("'" + text + "' is not a version; accepted: 3, 4, 4.1, 4.2");
        };
    }
}
