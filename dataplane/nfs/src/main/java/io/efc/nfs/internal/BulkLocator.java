package io.efc.nfs.internal;

/**
 * Finds the bulk of a reply (a READ's data) while the reply still arrives, so that the rest goes from the socket straight to where the caller wants
 * it. Runs in a connection's reader thread: no waiting, no allocation.
 */
@FunctionalInterface
public interface BulkLocator {
    /** There is none: the call failed. */
    int NONE = -1;

    /** Room in which the bulk must begin, counted from the record's start. */
    int HEAD_BYTES = 512;

    /**
     * The number of bulk bytes, or {@link #NONE}. {@code head} stands at the results and ends where the part received so far ends, {@link
     * #HEAD_BYTES} at most; afterwards it stands at the first byte of the bulk.
     *
     * @throws XdrException if the reply is malformed; the call fails with EIO
     */
    int locate(XdrReader head);
}
