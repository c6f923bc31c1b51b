package io.efc.store;

import org.jspecify.annotations.Nullable;

/**
 * What a read brought.
 *
 * @param count bytes, fewer than asked only at the end of the file
 * @param eof the last byte of the file is among them, or the read began behind it
 * @param attr the file's attributes at the time of the read if they came along without another round trip (NFSv3 always, NFSv4 if
 *     asked), else null
 */
public record ReadResult(int count, boolean eof, @Nullable StoreAttr attr) {}
