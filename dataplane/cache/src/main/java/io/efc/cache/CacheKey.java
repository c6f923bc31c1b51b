package io.efc.cache;

/**
 * One content of one file: what block names are made of (design 4, invariant 4). Another content has another version,
 * so a block can be missing but never wrong.
 *
 * @param dataset the dataset's number
 * @param fileHi upper half of a 128-bit hash of the store's file handle
 * @param fileLo lower half
 * @param version the content's version, {@code StoreAttr.version()}
 * @param size the file's size in this version, bytes
 */
public record CacheKey(long dataset, long fileHi, long fileLo, long version, long size) {}
