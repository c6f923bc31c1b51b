package io.efc.fuse;

/** The bits of INIT (FUSE_* in linux/fuse.h); those from 32 on travel in flags2. */
public final class FuseFlags {
    /** Several reads of one file at once. */
    public static final long ASYNC_READ = 1L << 0;

    /** Byte-range locks come to the file system. */
    public static final long POSIX_LOCKS = 1L << 1;

    /** O_TRUNC comes with OPEN. */
    public static final long ATOMIC_O_TRUNC = 1L << 3;

    /** Lookups of . and .. for NFS export. */
    public static final long EXPORT_SUPPORT = 1L << 4;

    /** WRITE of more than a page. */
    public static final long BIG_WRITES = 1L << 5;

    /** The file system applies the umask. */
    public static final long DONT_MASK = 1L << 6;

    /** flock comes to the file system. */
    public static final long FLOCK_LOCKS = 1L << 10;

    /** ioctl on directories. */
    public static final long HAS_IOCTL_DIR = 1L << 11;

    /** Changed mtime or size drops pages. */
    public static final long AUTO_INVAL_DATA = 1L << 12;

    /** READDIRPLUS is sent. */
    public static final long DO_READDIRPLUS = 1L << 13;

    /** READDIRPLUS only while entries are looked up. */
    public static final long READDIRPLUS_AUTO = 1L << 14;

    /** Asynchronous direct I/O. */
    public static final long ASYNC_DIO = 1L << 15;

    /** The kernel keeps dirty pages. */
    public static final long WRITEBACK_CACHE = 1L << 16;

    /** OPEN may be answered with ENOSYS. */
    public static final long NO_OPEN_SUPPORT = 1L << 17;

    /** Lookups and readdirs of one directory in parallel. */
    public static final long PARALLEL_DIROPS = 1L << 18;

    /** The file system strips set-uid and set-gid. */
    public static final long HANDLE_KILLPRIV = 1L << 19;

    /** The kernel checks POSIX ACLs. */
    public static final long POSIX_ACL = 1L << 20;

    /** Reads after abort give ECONNABORTED. */
    public static final long ABORT_ERROR = 1L << 21;

    /** max_pages of init_out counts. */
    public static final long MAX_PAGES = 1L << 22;

    /** READLINK is cached. */
    public static final long CACHE_SYMLINKS = 1L << 23;

    /** OPENDIR may be answered with ENOSYS. */
    public static final long NO_OPENDIR_SUPPORT = 1L << 24;

    /** Only notifications drop pages. */
    public static final long EXPLICIT_INVAL_DATA = 1L << 25;

    /** DAX mapping alignment. */
    public static final long MAP_ALIGNMENT = 1L << 26;

    /** Automatic submounts. */
    public static final long SUBMOUNTS = 1L << 27;

    /** The kernel says when to strip set-uid and set-gid. */
    public static final long HANDLE_KILLPRIV_V2 = 1L << 28;

    /** The long form of setxattr_in. */
    public static final long SETXATTR_EXT = 1L << 29;

    /** flags2 counts. */
    public static final long INIT_EXT = 1L << 30;

    /** Never set. */
    public static final long INIT_RESERVED = 1L << 31;

    /** Security label at create. */
    public static final long SECURITY_CTX = 1L << 32;

    /** Per-inode DAX. */
    public static final long HAS_INODE_DAX = 1L << 33;

    /** A supplementary group at create. */
    public static final long CREATE_SUPP_GROUP = 1L << 34;

    /** INVAL_ENTRY can expire. */
    public static final long HAS_EXPIRE_ONLY = 1L << 35;

    /** mmap of direct-I/O files. */
    public static final long DIRECT_IO_ALLOW_MMAP = 1L << 36;

    /** Backing files. */
    public static final long PASSTHROUGH = 1L << 37;

    /** No export by file handle. */
    public static final long NO_EXPORT_SUPPORT = 1L << 38;

    /** NOTIFY_RESEND. */
    public static final long HAS_RESEND = 1L << 39;

    /** Idmapped mounts. */
    public static final long ALLOW_IDMAP = 1L << 40;

    /** Ring queues. */
    public static final long OVER_IO_URING = 1L << 41;

    /** A request that takes too long aborts the connection. */
    public static final long REQUEST_TIMEOUT = 1L << 42;

    private FuseFlags() {}
}
