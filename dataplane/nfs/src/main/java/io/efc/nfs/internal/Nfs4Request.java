package io.efc.nfs.internal;

/** The kinds of compound this client sends, named after the operation that matters in them: what is counted and how the session treats them. */
enum Nfs4Request {
    ACCESS(false),
    ALLOCATE(true),
    BIND_CONN_TO_SESSION(false),
    CLOSE(true),
    COMMIT(false),
    COPY(true),
    CREATE(true),
    CREATE_SESSION(false),
    DEALLOCATE(true),
    DESTROY_CLIENTID(false),
    DESTROY_SESSION(false),
    EXCHANGE_ID(false),
    GETATTR(false),
    GETXATTR(false),
    LINK(true),
    LISTXATTRS(false),
    LOCK(true),
    LOCKT(false),
    LOCKU(true),
    LOOKUP(false),
    OPEN(true),
    PROBE(false),
    READ(false),
    READDIR(false),
    READLINK(false),
    RECLAIM_COMPLETE(true),
    REMOVE(true),
    REMOVEXATTR(true),
    RENAME(true),
    SEEK(false),
    SEQUENCE(false),
    SETATTR(true),
    SETXATTR(true),
    WRITE(false);

    private final boolean cached;

    Nfs4Request(boolean cached) {
        this.cached = cached;
    }

    /**
     * Whether the server must keep the reply for a retry (sa_cachethis, RFC 8881 section 18.46.3), because executing it twice is not the same as
     * once. A WRITE to a place may be repeated.
     */
    boolean cached() {
        return cached;
    }
}
