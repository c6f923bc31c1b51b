package io.efc.rpc;

/**
 * Where a client's bytes came from, in its heartbeats; since the session's start.
 *
 * @param localBytes from a worker of the same node
 * @param remoteBytes from a worker of another node
 * @param storeBytes fetched by a worker for this client
 * @param unavailableBytes that no worker could give: the client read the store itself
 */
public record SessionFigures(long localBytes, long remoteBytes, long storeBytes, long unavailableBytes) {
    /** Before the first heartbeat. */
    public static final SessionFigures NONE = new SessionFigures(0, 0, 0, 0);

    public void encode(Wire.Writer out) {
        out.i64(localBytes).i64(remoteBytes).i64(storeBytes).i64(unavailableBytes);
    }

    public static SessionFigures decode(Wire.Reader in) {
        return new SessionFigures(in.i64(), in.i64(), in.i64(), in.i64());
    }

    public SessionFigures plus(SessionFigures o) {
        return new SessionFigures(
                localBytes + o.localBytes,
                remoteBytes + o.remoteBytes,
                storeBytes + o.storeBytes,
                unavailableBytes + o.unavailableBytes);
    }
}
