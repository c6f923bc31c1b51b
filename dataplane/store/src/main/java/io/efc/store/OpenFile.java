package io.efc.store;

/**
 * A file that a store has opened (for NFSv4: an open state; for v3: nothing on the server). Safe for use by several threads. It survives a
 * restart of the server: the store recovers its state. Closed exactly once, with {@link UnderStore#close(OpenFile)}.
 */
public interface OpenFile {
    FileHandle handle();

    Access access();
}
