package io.efc.nfs;

/** What not every server or version can do. Calling an operation without its feature fails with EOPNOTSUPP. */
public enum NfsFeature {
    HARD_LINKS,
    SYMLINKS,
    BYTE_RANGE_LOCKS,
    /** Extended attributes of the user namespace (RFC 8276). */
    XATTRS,
    /** SEEK (RFC 7862 section 15.11). */
    SEEK_HOLE,
    /** ALLOCATE (RFC 7862 section 15.1). */
    ALLOCATE,
    /** DEALLOCATE (RFC 7862 section 15.4). */
    PUNCH_HOLE,
    /** COPY within one server (RFC 7862 section 15.2). */
    SERVER_COPY,
    /** The change attribute is the server's own, not derived from times. */
    EXACT_CHANGE
}
