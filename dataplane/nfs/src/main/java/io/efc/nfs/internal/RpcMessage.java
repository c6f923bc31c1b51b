package io.efc.nfs.internal;

import io.efc.base.Credentials;

/**
 * Heads of ONC-RPC messages (RFC 5531 section 9) with AUTH_SYS credentials (appendix A).
 *
 * <pre>
 * call:  xid | 0 CALL  | 2 | program | version | procedure | 1 AUTH_SYS, opaque{stamp, machine, uid, gid, gids} | 0 AUTH_NONE, 0
 * reply: xid | 1 REPLY | 0 ACCEPTED | verifier flavour, opaque | accept_stat | results
 *                      | 1 DENIED   | reject_stat | ...
 * </pre>
 */
final class RpcMessage {
    static final int CALL = 0;
    static final int REPLY = 1;

    /** Most groups of AUTH_SYS; more are left out, as every client does. */
    static final int GROUPS_MAX = 16;

    /** opaque_auth's body. */
    private static final int AUTH_BYTES_MAX = 400;

    private static final int AUTH_NONE = 0;
    private static final int AUTH_SYS = 1;

    /** Our machine name; servers log it at most. */
    private static final byte[] MACHINE = {'e', 'f', 'c', 0};

    private static final int MACHINE_LENGTH = 3;

    private RpcMessage() {}

    /** Writes a call's head with the xid still 0; the arguments follow. */
    static void putCall(XdrWriter w, Credentials caller, int program, int version, int procedure) {
        w.i32(0);
        w.i32(CALL);
        w.i32(2);
        w.i32(program);
        w.i32(version);
        w.i32(procedure);
        int[] groups = caller.groups();
        int count = Math.min(groups.length, GROUPS_MAX);
        w.i32(AUTH_SYS);
        w.i32(4 + 4 + MACHINE.length + 4 + 4 + 4 + 4 * count);
        w.i32(0);
        w.i32(MACHINE_LENGTH);
        w.opaqueFixed(MACHINE);
        w.i32(caller.uid());
        w.i32(caller.gid());
        w.i32(count);
        for (int i = 0; i < count; i++) {
            w.i32(groups[i]);
        }
        w.i32(AUTH_NONE);
        w.i32(0);
    }

    /** Reads a reply's head after xid and message type; on SUCCESS the reader stands at the results. */
    static RpcOutcome acceptReply(XdrReader r) {
        int stat = r.i32();
        if (stat == 0) {
            r.i32();
            r.skipOpaque(AUTH_BYTES_MAX);
            return RpcOutcome.ofAcceptStat(r.i32());
        }
        if (stat != 1) {
            throw new XdrException("reply_stat is " + stat);
        }
        int reject = r.i32();
        return switch (reject) {
            case 0 -> RpcOutcome.RPC_MISMATCH;
            case 1 -> RpcOutcome.AUTH_ERROR;
            default -> throw new XdrException("reject_stat is " + reject);
        };
    }
}
