package io.efc.nfs;

import org.jspecify.annotations.Nullable;

/**
 * A name just made.
 *
 * @param entry what it stands for
 * @param directory the attributes of the directory after that; null if the server did not say
 */
public record NfsMade(NfsEntry entry, @Nullable NfsAttr directory) {}
