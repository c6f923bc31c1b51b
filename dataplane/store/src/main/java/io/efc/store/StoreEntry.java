package io.efc.store;

/** A file: its handle and attributes. */
public record StoreEntry(FileHandle handle, StoreAttr attr) {}
