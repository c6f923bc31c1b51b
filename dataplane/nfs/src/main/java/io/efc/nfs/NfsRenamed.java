package io.efc.nfs;

import org.jspecify.annotations.Nullable;

/**
 * What there is after a rename; each null if the server did not say.
 *
 * @param from the directory that lost a name
 * @param to the directory that has it now
 * @param moved what the new name stands for
 */
public record NfsRenamed(
        @Nullable NfsAttr from,
        @Nullable NfsAttr to,
        @Nullable NfsEntry moved) {
    /** The server said nothing. */
    public static final NfsRenamed UNTOLD = new NfsRenamed(null, null, null);
}
