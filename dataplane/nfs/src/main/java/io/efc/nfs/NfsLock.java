package io.efc.nfs;

/**
 * A byte-range lock.
 *
 * @param owner who holds it: any number that is unique within the client; 0 for an owner of another client
 * @param start first byte
 * @param length bytes, 1 or more; {@link Long#MAX_VALUE} to the end of the file
 * @param exclusive a write lock
 */
public record NfsLock(long owner, long start, long length, boolean exclusive) {}
