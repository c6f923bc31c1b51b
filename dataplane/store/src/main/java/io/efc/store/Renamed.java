package io.efc.store;

import org.jspecify.annotations.Nullable;

/**
 * What there is after a rename; each null if the store did not say.
 *
 * @param from the directory that lost a name
 * @param to the directory that has it now
 * @param moved what the new name stands for
 */
public record Renamed(
        @Nullable StoreAttr from,
        @Nullable StoreAttr to,
        @Nullable StoreEntry moved) {
    /** The store said nothing. */
    public static final Renamed UNTOLD = new Renamed(null, null, null);
}
