package io.efc.nfs;

import org.jspecify.annotations.Nullable;

/**
 * A file just opened.
 *
 * @param entry the file and its attributes after that
 * @param directory the attributes of the directory after the file was created in it; null if it was not, or the server did not say
 */
public record NfsOpened(
        NfsOpenFile file,
        NfsEntry entry,
        boolean created,
        @Nullable NfsAttr directory) {}
