package io.efc.nfs;

/** A file just opened, and its attributes after that. */
public record NfsOpened(NfsOpenFile file, NfsEntry entry, boolean created) {}
