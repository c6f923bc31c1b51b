package io.efc.master.internal;

import io.efc.lease.LogEntry;
import io.efc.rpc.Member;
import io.efc.rpc.RpcException;
import io.efc.rpc.SessionFigures;
import io.efc.rpc.Wire;

/**
 * A change of the master's state. Everything that decides its outcome is in it, time included, so that every replica that applies the same
 * commands has the same state.
 */
public sealed interface Command {
    /** Milliseconds since the epoch, by the clock of whoever submitted it. */
    long millis();

    /** A worker enters the ring, or comes back with another address. */
    record MemberJoined(long millis, Member member) implements Command {}

    /** A worker leaves, on its own or because it was silent. */
    record MemberLeft(long millis, String id, boolean silent) implements Command {}

    /** A client's session begins; one with the same id goes on. */
    record SessionOpened(long millis, String id, String node, String mountPoint) implements Command {}

    /** A session ends, with the figures it had. */
    record SessionClosed(long millis, String id, boolean silent, SessionFigures figures) implements Command {}

    /** What a master of leases has to remember. */
    record LeaseChanged(long millis, LogEntry entry) implements Command {}

    /** A master begins to lead: the leases have a new epoch. */
    record LeaseEpochBegun(long millis) implements Command {}

    /** Kind, time, fields. */
    default byte[] encode() {
        Wire.Writer out = new Wire.Writer();
        switch (this) {
            case MemberJoined(long millis, Member member) -> member.encode(head(out, 1, millis));
            case MemberLeft(long millis, String id, boolean silent) ->
                head(out, 2, millis).string(id).u8(silent ? 1 : 0);
            case SessionOpened(long millis, String id, String node, String mountPoint) ->
                head(out, 3, millis).string(id).string(node).string(mountPoint);
            case SessionClosed(long millis, String id, boolean silent, SessionFigures figures) ->
                figures.encode(head(out, 4, millis).string(id).u8(silent ? 1 : 0));
            case LeaseChanged(long millis, LogEntry entry) -> {
                switch (entry) {
                    case LogEntry.SessionOpened(long session) ->
                        head(out, 5, millis).i64(session);
                    case LogEntry.SessionClosed(long session) ->
                        head(out, 6, millis).i64(session);
                    case LogEntry.TokensReserved(long mark) ->
                        head(out, 7, millis).i64(mark);
                }
            }
            case LeaseEpochBegun(long millis) -> head(out, 8, millis);
        }
        return out.bytes();
    }

    private static Wire.Writer head(Wire.Writer out, int kind, long millis) {
        return out.u8(kind).i64(millis);
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws RpcException if it is something else
     */
    static Command decode(byte[] bytes) {
        Wire.Reader in = new Wire.Reader(bytes);
        int kind = in.u8();
        long millis = in.i64();
        Command command = switch (kind) {
            case 1 -> new MemberJoined(millis, Member.decode(in));
            case 2 -> new MemberLeft(millis, in.string(), in.u8() != 0);
            case 3 -> new SessionOpened(millis, in.string(), in.string(), in.string());
            case 4 -> new SessionClosed(millis, in.string(), in.u8() != 0, SessionFigures.decode(in));
            case 5 -> new LeaseChanged(millis, new LogEntry.SessionOpened(in.i64()));
            case 6 -> new LeaseChanged(millis, new LogEntry.SessionClosed(in.i64()));
            case 7 -> new LeaseChanged(millis, new LogEntry.TokensReserved(in.i64()));
            case 8 -> new LeaseEpochBegun(millis);
            default -> throw Wire.malformed("a command of kind " + kind);
        };
        in.end();
        return command;
    }
}
