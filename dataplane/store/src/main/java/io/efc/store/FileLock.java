package io.efc.store;

/**
 * A byte-range lock.
 *
 * @param owner who holds it: any number that is unique within the store's client
 * @param start first byte
 * @param length bytes; {@link Long#MAX_VALUE} to the end of the file
 * @param exclusive a write lock
 * @param pid the holder's process, 0 if unknown
 */
public record FileLock(long owner, long start, long length, boolean exclusive, int pid) {}
