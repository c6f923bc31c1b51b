package io.efc.store;

import org.jspecify.annotations.Nullable;

/**
 * One name of a directory; {@code .} and {@code ..} never appear.
 *
 * @param name raw bytes, no slash, no NUL
 * @param cookie goes on after this entry; never 0
 * @param entry handle and attributes if the listing brought them along
 */
@SuppressWarnings("ArrayRecordComponent")
public record DirEntry(
        byte[] name,
        long fileId,
        FileType type,
        long cookie,
        @Nullable StoreEntry entry) {}
