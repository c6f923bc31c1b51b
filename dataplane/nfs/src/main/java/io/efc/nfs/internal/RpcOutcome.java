package io.efc.nfs.internal;

import io.efc.base.Errno;

/** What became of a call at the RPC layer: accept_stat and reject_stat of RFC 5531 section 9. */
public enum RpcOutcome {
    SUCCESS(Errno.OK),
    PROG_UNAVAIL(Errno.EOPNOTSUPP),
    PROG_MISMATCH(Errno.EOPNOTSUPP),
    PROC_UNAVAIL(Errno.EOPNOTSUPP),
    GARBAGE_ARGS(Errno.EIO),
    SYSTEM_ERR(Errno.EIO),
    RPC_MISMATCH(Errno.EOPNOTSUPP),
    AUTH_ERROR(Errno.EACCES);

    private static final RpcOutcome[] ACCEPTED = {
        SUCCESS, PROG_UNAVAIL, PROG_MISMATCH, PROC_UNAVAIL, GARBAGE_ARGS, SYSTEM_ERR
    };

    private final Errno errno;

    RpcOutcome(Errno errno) {
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }

    static RpcOutcome ofAcceptStat(int stat) {
        if (stat < 0 || stat >= ACCEPTED.length) {
            throw new XdrException("accept_stat is " + stat);
        }
        return ACCEPTED[stat];
    }
}
