package io.efc.nfs;

import org.jspecify.annotations.Nullable;

/**
 * What a read brought.
 *
 * @param count bytes, fewer than asked only at the end of the file
 * @param eof the last byte of the file is among them, or the read began behind it
 * @param attr the file's attributes if they came along, else null
 */
public record NfsReadResult(
        int count, boolean eof, @Nullable NfsAttr attr) {}
