package io.efc.store;

import org.jspecify.annotations.Nullable;

/**
 * A name just made.
 *
 * @param entry what it stands for
 * @param directory the attributes of the directory after that; null if the store did not say
 */
public record Made(StoreEntry entry, @Nullable StoreAttr directory) {}
