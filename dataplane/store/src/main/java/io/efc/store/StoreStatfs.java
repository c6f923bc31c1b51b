package io.efc.store;

/**
 * Room in the store, in bytes and files.
 *
 * @param bytesAvailable for users without privilege
 */
public record StoreStatfs(long bytes, long bytesFree, long bytesAvailable, long files, long filesFree, int nameMax) {}
