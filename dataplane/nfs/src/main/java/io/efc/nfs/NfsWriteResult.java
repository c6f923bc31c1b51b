package io.efc.nfs;

import org.jspecify.annotations.Nullable;

/**
 * What a write did.
 *
 * @param count bytes, all that were given
 * @param stable the bytes are on stable storage: no commit is needed
 * @param attr the file's attributes afterwards if they came along, else null
 */
public record NfsWriteResult(
        int count, boolean stable, @Nullable NfsAttr attr) {}
