package io.efc.nfs.internal;

/** Special stateids (RFC 8881 section 8.2.3). */
final class Nfs4Stateids {
    /** The anonymous stateid's {@code other}; with seqid 0. */
    static final byte[] ANONYMOUS = new byte[Nfs4.STATEID_OTHER_BYTES];

    private Nfs4Stateids() {}
}
