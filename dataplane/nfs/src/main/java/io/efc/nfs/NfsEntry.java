package io.efc.nfs;

/** A file: its handle, which nobody changes, and its attributes. */
@SuppressWarnings("ArrayRecordComponent")
public record NfsEntry(byte[] handle, NfsAttr attr) {}
