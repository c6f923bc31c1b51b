package io.efc.nfs;

/**
 * Room on the server, in bytes and files.
 *
 * @param bytesAvailable for users without privilege
 */
public record NfsStatfs(long bytes, long bytesFree, long bytesAvailable, long files, long filesFree, int nameMax) {}
