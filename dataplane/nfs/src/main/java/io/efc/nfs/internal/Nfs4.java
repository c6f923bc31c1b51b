package io.efc.nfs.internal;

/** Numbers of NFSv4.1 and 4.2 (RFC 5662, RFC 7863, RFC 8276) that more than one class speaks of. */
final class Nfs4 {
    static final int PROGRAM = 100003;
    static final int VERSION = 4;
    static final int COMPOUND = 1;

    static final int OP_ACCESS = 3;
    static final int OP_CLOSE = 4;
    static final int OP_COMMIT = 5;
    static final int OP_CREATE = 6;
    static final int OP_GETATTR = 9;
    static final int OP_GETFH = 10;
    static final int OP_LINK = 11;
    static final int OP_LOCK = 12;
    static final int OP_LOCKT = 13;
    static final int OP_LOCKU = 14;
    static final int OP_LOOKUP = 15;
    static final int OP_NVERIFY = 17;
    static final int OP_OPEN = 18;
    static final int OP_PUTFH = 22;
    static final int OP_PUTROOTFH = 24;
    static final int OP_READ = 25;
    static final int OP_READDIR = 26;
    static final int OP_READLINK = 27;
    static final int OP_REMOVE = 28;
    static final int OP_RENAME = 29;
    static final int OP_RESTOREFH = 31;
    static final int OP_SAVEFH = 32;
    static final int OP_SETATTR = 34;
    static final int OP_VERIFY = 37;
    static final int OP_WRITE = 38;
    static final int OP_BIND_CONN_TO_SESSION = 41;
    static final int OP_EXCHANGE_ID = 42;
    static final int OP_CREATE_SESSION = 43;
    static final int OP_DESTROY_SESSION = 44;
    static final int OP_FREE_STATEID = 45;
    static final int OP_SEQUENCE = 53;
    static final int OP_DESTROY_CLIENTID = 57;
    static final int OP_RECLAIM_COMPLETE = 58;
    static final int OP_ALLOCATE = 59;
    static final int OP_COPY = 60;
    static final int OP_DEALLOCATE = 62;
    static final int OP_SEEK = 69;
    static final int OP_GETXATTR = 72;
    static final int OP_SETXATTR = 73;
    static final int OP_LISTXATTRS = 74;
    static final int OP_REMOVEXATTR = 75;

    /** NFS4_FHSIZE. */
    static final int HANDLE_BYTES_MAX = 128;

    static final int SESSION_ID_BYTES = 16;
    static final int VERIFIER_BYTES = 8;

    /** stateid4.other. */
    static final int STATEID_OTHER_BYTES = 12;

    static final int SHARE_ACCESS_READ = 1;
    static final int SHARE_ACCESS_WRITE = 2;

    /** OPEN4_SHARE_ACCESS_WANT_NO_DELEG: this client has caches of its own, and no back channel. */
    static final int SHARE_WANT_NO_DELEGATION = 0x400;

    static final int STABLE_UNSTABLE = 0;
    static final int STABLE_FILE_SYNC = 2;

    /** Longest name that is believed. */
    static final int NAME_BYTES_MAX = 4096;

    private Nfs4() {}
}
