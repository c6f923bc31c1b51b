package io.efc.nfs;

/** How far a write must get before it returns: stable_how (RFC 1813 section 3.3.7). */
public enum NfsStability {
    /** In the server's memory until {@link NfsClient#commit}. If the server restarts before that, the client sends the bytes again. */
    UNSTABLE,
    /** On stable storage. */
    FILE_SYNC
}
