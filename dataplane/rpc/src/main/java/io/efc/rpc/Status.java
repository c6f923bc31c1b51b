package io.efc.rpc;

/** How a call ended. Codes below 100 travel in a reply's header; the others arise on the caller's side. */
public enum Status {
    OK(0),
    /** The server has as many requests in hand as it allows: try again later or elsewhere. */
    BUSY(1),
    /** The store's file is no longer of the asked version. */
    STALE(2),
    /** Not in the cache, and the request forbade a fetch. */
    MISSING(3),
    /** The store refused or failed the fetch; the body's first int is the errno. */
    STORE_ERROR(4),
    /** The request's deadline passed before the work was done. */
    DEADLINE(5),
    /** The server is going away. */
    DRAINING(6),
    /** The request violates the protocol. */
    BAD_REQUEST(7),
    /** Not authenticated, or for another dataset. */
    DENIED(8),
    /** A defect of the server; its log has the story. */
    INTERNAL(9),
    /** The server has no such request. */
    UNKNOWN_TYPE(10),
    /** No common protocol version. */
    VERSION(11),
    /** The master knows no such member or session: introduce yourself again. */
    UNKNOWN_PEER(12),
    /** The connection was lost before the reply came, or there is none. */
    LOST(100),
    /** No reply within the deadline. */
    TIMED_OUT(101),
    /** The calling thread was interrupted; its flag is set. */
    INTERRUPTED(102);

    private static final Status[] ALL = values();

    private final int code;

    Status(int code) {
        this.code = code;
    }

    /** The number in a frame's header. */
    public int code() {
        return code;
    }

    /** The status with this code; {@link #INTERNAL} for one that this version does not know. */
    public static Status of(int code) {
        for (Status s : ALL) {
            if (s.code == code && code < 100) {
                return s;
            }
        }
        return INTERNAL;
    }
}
