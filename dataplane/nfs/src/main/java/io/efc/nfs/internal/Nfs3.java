package io.efc.nfs.internal;

/** Numbers of RFC 1813 and of the portmapper (RFC 1833). */
final class Nfs3 {
    static final int PROGRAM = 100003;
    static final int VERSION = 3;
    static final int MOUNT_PROGRAM = 100005;
    static final int MOUNT_VERSION = 3;
    static final int PORTMAP_PROGRAM = 100000;
    static final int PORTMAP_VERSION = 2;
    static final int PORTMAP_PORT = 111;
    static final int IPPROTO_TCP = 6;

    /** Procedure of the MOUNT program. */
    static final int MOUNTPROC3_MNT = 1;

    /** Procedure of the portmapper. */
    static final int PMAPPROC_GETPORT = 3;

    /** NFS3_FHSIZE. */
    static final int HANDLE_BYTES_MAX = 64;

    /** NFS3_CREATEVERFSIZE, NFS3_COOKIEVERFSIZE and NFS3_WRITEVERFSIZE: 8 bytes each, read and written as one number. */
    static final int STABLE_UNSTABLE = 0;

    static final int STABLE_FILE_SYNC = 2;

    /** createmode3. */
    static final int CREATE_GUARDED = 1;

    /** Bits of ACCESS. */
    static final int ACCESS_READ = 1;

    static final int ACCESS_LOOKUP = 2;
    static final int ACCESS_MODIFY = 4;
    static final int ACCESS_EXTEND = 8;
    static final int ACCESS_EXECUTE = 0x20;

    /** Bits of FSINFO's properties. */
    static final int FSF_LINK = 1;

    static final int FSF_SYMLINK = 2;

    private Nfs3() {}
}
