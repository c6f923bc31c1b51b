package io.efc.store;

import org.jspecify.annotations.Nullable;

/**
 * A file just opened.
 *
 * @param entry the file and its attributes after that
 * @param directory the attributes of the directory after the file was created in it; null if it was not, or the store did not say
 */
public record Opened(
        OpenFile file,
        StoreEntry entry,
        boolean created,
        @Nullable StoreAttr directory) {}
