package io.efc.store;

/** A file just opened, and its attributes after that. */
public record Opened(OpenFile file, StoreEntry entry, boolean created) {}
