package io.efc.nfs;

/**
 * A file that a client has opened: for v4 an open state on the server, for v3 nothing there. Safe for several threads. It survives a restart of
 * the server. Closed exactly once, with {@link NfsClient#close(NfsOpenFile)}.
 */
public interface NfsOpenFile {
    /** The handle's bytes, which nobody changes. */
    byte[] handle();

    NfsAccess access();
}
