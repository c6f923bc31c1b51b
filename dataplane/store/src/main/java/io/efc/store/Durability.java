package io.efc.store;

/** How far a write must get before it returns: NFS's stable_how (RFC 1813 section 3.3.7). */
public enum Durability {
    /** May still be lost if the server restarts, until {@link UnderStore#commit}; the store sends it again then, the caller notices nothing. */
    UNSTABLE,
    /** On stable storage. */
    FILE_SYNC
}
