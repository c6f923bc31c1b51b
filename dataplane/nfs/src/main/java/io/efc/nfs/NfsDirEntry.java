package io.efc.nfs;

import org.jspecify.annotations.Nullable;

/**
 * One name of a directory; {@code .} and {@code ..} never appear.
 *
 * @param name raw bytes, no slash, no NUL
 * @param type d_type of readdir(3), 0 if the server did not tell
 * @param cookie goes on after this entry; never 0
 * @param entry handle and attributes if the listing brought them along
 */
@SuppressWarnings("ArrayRecordComponent")
public record NfsDirEntry(
        byte[] name,
        long fileId,
        int type,
        long cookie,
        @Nullable NfsEntry entry) {}
