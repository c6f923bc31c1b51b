package io.efc.nfs.internal;

import io.efc.base.Errno;
import java.util.HashMap;
import java.util.Map;

/**
 * Every status of NFSv3 (RFC 1813 section 2.6) and NFSv4 (RFC 8881 section 15.1, RFC 7862 section 11.1, RFC 8276 section 8.5), its name and the errno
 * it is reported as. The two protocols share one number space: where both have a number, it means the same.
 */
public enum NfsStatus {
    OK(0, Errno.OK),
    PERM(1, Errno.EPERM),
    NOENT(2, Errno.ENOENT),
    IO(5, Errno.EIO),
    NXIO(6, Errno.ENXIO),
    ACCESS(13, Errno.EACCES),
    EXIST(17, Errno.EEXIST),
    XDEV(18, Errno.EXDEV),
    NODEV(19, Errno.ENODEV),
    NOTDIR(20, Errno.ENOTDIR),
    ISDIR(21, Errno.EISDIR),
    INVAL(22, Errno.EINVAL),
    FBIG(27, Errno.EFBIG),
    NOSPC(28, Errno.ENOSPC),
    ROFS(30, Errno.EROFS),
    MLINK(31, Errno.EMLINK),
    NAMETOOLONG(63, Errno.ENAMETOOLONG),
    NOTEMPTY(66, Errno.ENOTEMPTY),
    DQUOT(69, Errno.EDQUOT),
    STALE(70, Errno.ESTALE),
    REMOTE(71, Errno.EREMOTE),
    BADHANDLE(10001, Errno.ESTALE),
    NOT_SYNC(10002, Errno.EAGAIN),
    BAD_COOKIE(10003, Errno.ESTALE),
    NOTSUPP(10004, Errno.EOPNOTSUPP),
    TOOSMALL(10005, Errno.EINVAL),
    SERVERFAULT(10006, Errno.EREMOTEIO),
    BADTYPE(10007, Errno.EINVAL),
    /** NFS3ERR_JUKEBOX, NFS4ERR_DELAY: sent again later, hence seldom reported. */
    DELAY(10008, Errno.EAGAIN),
    SAME(10009, Errno.EINVAL),
    DENIED(10010, Errno.EAGAIN),
    EXPIRED(10011, Errno.EIO),
    LOCKED(10012, Errno.EAGAIN),
    GRACE(10013, Errno.EAGAIN),
    FHEXPIRED(10014, Errno.ESTALE),
    SHARE_DENIED(10015, Errno.EACCES),
    WRONGSEC(10016, Errno.EACCES),
    CLID_INUSE(10017, Errno.EBUSY),
    RESOURCE(10018, Errno.ENOBUFS),
    MOVED(10019, Errno.EREMOTE),
    NOFILEHANDLE(10020, Errno.EIO),
    MINOR_VERS_MISMATCH(10021, Errno.EOPNOTSUPP),
    STALE_CLIENTID(10022, Errno.EIO),
    STALE_STATEID(10023, Errno.EIO),
    OLD_STATEID(10024, Errno.EIO),
    BAD_STATEID(10025, Errno.EIO),
    BAD_SEQID(10026, Errno.EIO),
    NOT_SAME(10027, Errno.ESTALE),
    LOCK_RANGE(10028, Errno.EINVAL),
    SYMLINK(10029, Errno.ELOOP),
    RESTOREFH(10030, Errno.EIO),
    LEASE_MOVED(10031, Errno.EREMOTE),
    ATTRNOTSUPP(10032, Errno.EOPNOTSUPP),
    NO_GRACE(10033, Errno.EIO),
    RECLAIM_BAD(10034, Errno.EIO),
    RECLAIM_CONFLICT(10035, Errno.EIO),
    BADXDR(10036, Errno.EIO),
    LOCKS_HELD(10037, Errno.EBUSY),
    OPENMODE(10038, Errno.EBADF),
    BADOWNER(10039, Errno.EINVAL),
    BADCHAR(10040, Errno.EINVAL),
    BADNAME(10041, Errno.EINVAL),
    BAD_RANGE(10042, Errno.EINVAL),
    LOCK_NOTSUPP(10043, Errno.EINVAL),
    OP_ILLEGAL(10044, Errno.EOPNOTSUPP),
    DEADLOCK(10045, Errno.EDEADLK),
    FILE_OPEN(10046, Errno.EBUSY),
    ADMIN_REVOKED(10047, Errno.EIO),
    CB_PATH_DOWN(10048, Errno.EIO),
    BADIOMODE(10049, Errno.EIO),
    BADLAYOUT(10050, Errno.EIO),
    BAD_SESSION_DIGEST(10051, Errno.EIO),
    BADSESSION(10052, Errno.EIO),
    BADSLOT(10053, Errno.EIO),
    COMPLETE_ALREADY(10054, Errno.EIO),
    CONN_NOT_BOUND_TO_SESSION(10055, Errno.EIO),
    DELEG_ALREADY_WANTED(10056, Errno.EIO),
    BACK_CHAN_BUSY(10057, Errno.EIO),
    LAYOUTTRYLATER(10058, Errno.EIO),
    LAYOUTUNAVAILABLE(10059, Errno.EIO),
    NOMATCHING_LAYOUT(10060, Errno.EIO),
    RECALLCONFLICT(10061, Errno.EIO),
    UNKNOWN_LAYOUTTYPE(10062, Errno.EIO),
    SEQ_MISORDERED(10063, Errno.EIO),
    SEQUENCE_POS(10064, Errno.EIO),
    REQ_TOO_BIG(10065, Errno.E2BIG),
    REP_TOO_BIG(10066, Errno.EMSGSIZE),
    REP_TOO_BIG_TO_CACHE(10067, Errno.EMSGSIZE),
    RETRY_UNCACHED_REP(10068, Errno.EIO),
    UNSAFE_COMPOUND(10069, Errno.EIO),
    TOO_MANY_OPS(10070, Errno.EIO),
    OP_NOT_IN_SESSION(10071, Errno.EIO),
    HASH_ALG_UNSUPP(10072, Errno.EIO),
    CLIENTID_BUSY(10074, Errno.EBUSY),
    PNFS_IO_HOLE(10075, Errno.EIO),
    SEQ_FALSE_RETRY(10076, Errno.EIO),
    BAD_HIGH_SLOT(10077, Errno.EIO),
    DEADSESSION(10078, Errno.EIO),
    ENCR_ALG_UNSUPP(10079, Errno.EIO),
    PNFS_NO_LAYOUT(10080, Errno.EIO),
    NOT_ONLY_OP(10081, Errno.EIO),
    WRONG_CRED(10082, Errno.EACCES),
    WRONG_TYPE(10083, Errno.EINVAL),
    DIRDELEG_UNAVAIL(10084, Errno.EIO),
    REJECT_DELEG(10085, Errno.EIO),
    RETURNCONFLICT(10086, Errno.EIO),
    DELEG_REVOKED(10087, Errno.EIO),
    PARTNER_NOTSUPP(10088, Errno.EOPNOTSUPP),
    PARTNER_NO_AUTH(10089, Errno.EACCES),
    UNION_NOTSUPP(10090, Errno.EOPNOTSUPP),
    OFFLOAD_DENIED(10091, Errno.EOPNOTSUPP),
    WRONG_LFS(10092, Errno.EINVAL),
    BADLABEL(10093, Errno.EINVAL),
    OFFLOAD_NO_REQS(10094, Errno.EOPNOTSUPP),
    NOXATTR(10095, Errno.ENODATA),
    XATTR2BIG(10096, Errno.E2BIG),
    /** A number that neither protocol defines. */
    UNKNOWN(-1, Errno.EIO);

    private static final Map<Integer, NfsStatus> BY_CODE = new HashMap<>();

    static {
        for (NfsStatus s : values()) {
            BY_CODE.put(s.code, s);
        }
    }

    private final int code;
    private final Errno errno;

    NfsStatus(int code, Errno errno) {
        this.code = code;
        this.errno = errno;
    }

    /** The status with this number, {@link #UNKNOWN} if there is none. */
    public static NfsStatus of(int code) {
        return code == 0 ? OK : BY_CODE.getOrDefault(code, UNKNOWN);
    }

    public int code() {
        return code;
    }

    public Errno errno() {
        return errno;
    }
}
