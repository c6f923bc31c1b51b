package io.efc.cli.internal;

/** What the standalone mode fixes. */
final class Standalone {
    /** The port of the quickstart's NFS server. */
    static final int NFS_PORT = 12049;

    /** How the names of tier directories begin. */
    static final String TIER_PREFIX = "efc-";

    private Standalone() {}
}
