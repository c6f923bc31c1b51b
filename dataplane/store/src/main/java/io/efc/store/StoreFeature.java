package io.efc.store;

/** What not every store can do. Calling an operation without its feature fails with EOPNOTSUPP. */
public enum StoreFeature {
    HARD_LINKS,
    SYMLINKS,
    DEVICES,
    XATTRS,
    POSIX_ACLS,
    BYTE_RANGE_LOCKS,
    /** renameat2's RENAME_NOREPLACE. */
    RENAME_NOREPLACE,
    /** renameat2's RENAME_EXCHANGE. */
    RENAME_EXCHANGE,
    /** SEEK_DATA and SEEK_HOLE. */
    SEEK_HOLE,
    /** fallocate: reserve space. */
    ALLOCATE,
    /** fallocate: give space back. */
    PUNCH_HOLE,
    /** Copy inside the store. */
    SERVER_COPY,
    /** O_TMPFILE. */
    UNNAMED_FILES,
    /** The change attribute is exact, not derived from times. */
    EXACT_CHANGE,
    /**
     * An open file stays usable after its last name is gone. Without it the client renames such a file out of the way until the last
     * close.
     */
    OPEN_UNLINKED
}
