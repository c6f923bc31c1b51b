package io.efc.master.internal;

import io.efc.lease.LeaseRecord;
import io.efc.lease.LogEntry;
import io.efc.rpc.Member;
import io.efc.rpc.RingView;
import io.efc.rpc.SessionFigures;
import io.efc.rpc.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The durable part of what a master knows: ring, sessions, and what of the leases survives every master. */
public final class ClusterState implements StateMachine {
    private static final int FORMAT = 2;

    /** Without leases. */
    private static final int FORMAT_BEFORE = 1;

    /** A worker and when it joined. */
    public record MemberState(Member member, long joinedMillis) {}

    /** A client's session, by its id. */
    public record SessionState(String id, String node, String mountPoint, long openedMillis) {}

    private final TreeMap<String, MemberState> members = new TreeMap<>();
    private final TreeMap<String, SessionState> sessions = new TreeMap<>();
    private LeaseRecord leases = new LeaseRecord();
    private long leaseEpoch;
    private long epoch;
    private SessionFigures past = SessionFigures.NONE;

    @Override
    public Outcome apply(Command command) {
        return switch (command) {
            case Command.MemberJoined(long millis, Member member) -> joined(millis, member);
            case Command.MemberLeft left ->
                members.remove(left.id()) == null ? Outcome.UNCHANGED : nextEpoch(left.millis());
            case Command.SessionOpened(long millis, String id, String node, String mountPoint) -> {
                SessionState old = sessions.get(id);
                SessionState fresh = new SessionState(id, node, mountPoint, old == null ? millis : old.openedMillis);
                sessions.put(id, fresh);
                yield fresh.equals(old) ? Outcome.UNCHANGED : Outcome.CHANGED;
            }
            case Command.SessionClosed closed -> {
                if (sessions.remove(closed.id()) == null) {
                    yield Outcome.UNCHANGED;
                }
                past = past.plus(closed.figures());
                yield Outcome.CHANGED;
            }
            case Command.LeaseChanged(long _, LogEntry entry) -> {
                leases.apply(entry);
                yield Outcome.CHANGED;
            }
            case Command.LeaseEpochBegun(long millis) -> {
                // Above all earlier ones even if the state was lost, as the ring's.
                leaseEpoch = leaseEpoch == 0 ? Math.max(1, millis / 1000) : leaseEpoch + 1;
                yield Outcome.CHANGED;
            }
        };
    }

    private Outcome joined(long millis, Member member) {
        MemberState old = members.get(member.id());
        if (old != null && old.member.equals(member)) {
            return Outcome.UNCHANGED;
        }
        members.put(member.id(), new MemberState(member, millis));
        return nextEpoch(millis);
    }

    /** The first epoch is the time in seconds: it is above all earlier ones even if the state was lost. */
    private Outcome nextEpoch(long millis) {
        epoch = epoch == 0 ? Math.max(1, millis / 1000) : epoch + 1;
        return Outcome.RING_CHANGED;
    }

    /** The ring as it is. */
    public RingView ring() {
        return new RingView(
                epoch, members.values().stream().map(MemberState::member).toList());
    }

    public List<MemberState> members() {
        return List.copyOf(members.values());
    }

    public List<SessionState> sessions() {
        return List.copyOf(sessions.values());
    }

    public boolean hasMember(String id) {
        return members.containsKey(id);
    }

    public boolean hasSession(String id) {
        return sessions.containsKey(id);
    }

    /** What of the leases survives every master. */
    public LeaseRecord leases() {
        return leases;
    }

    /** How often a master has begun to lead; 0 if none ever did. */
    public long leaseEpoch() {
        return leaseEpoch;
    }

    /** The figures of all ended sessions. */
    public SessionFigures past() {
        return past;
    }

    @Override
    public byte[] snapshot() {
        Wire.Writer out = new Wire.Writer().u16(FORMAT).i64(epoch);
        past.encode(out);
        out.count(members.size());
        members.values().forEach(m -> {
            m.member.encode(out);
            out.i64(m.joinedMillis);
        });
        out.count(sessions.size());
        sessions.values()
                .forEach(s ->
                        out.string(s.id).string(s.node).string(s.mountPoint).i64(s.openedMillis));
        out.i64(leaseEpoch).i64(leases.tokenMark()).i32(leases.sessions().size());
        leases.sessions().forEach(out::i64);
        return out.bytes();
    }

    @Override
    public void restore(byte[] snapshot) {
        Wire.Reader in = new Wire.Reader(snapshot);
        int format = in.u16();
        if (format != FORMAT && format != FORMAT_BEFORE) {
            throw Wire.malformed("a snapshot of format " + format + ", this version reads " + FORMAT);
        }
        long newEpoch = in.i64();
        SessionFigures newPast = SessionFigures.decode(in);
        List<MemberState> newMembers = new ArrayList<>();
        for (int i = in.count(); i > 0; i--) {
            newMembers.add(new MemberState(Member.decode(in), in.i64()));
        }
        List<SessionState> newSessions = new ArrayList<>();
        for (int i = in.count(); i > 0; i--) {
            newSessions.add(new SessionState(in.string(), in.string(), in.string(), in.i64()));
        }
        LeaseRecord newLeases = new LeaseRecord();
        long newLeaseEpoch = 0;
        if (format == FORMAT) {
            newLeaseEpoch = in.i64();
            long tokenMark = in.i64();
            List<Long> leaseSessions = new ArrayList<>();
            for (int i = in.i32(); i > 0; i--) {
                leaseSessions.add(in.i64());
            }
            newLeases = new LeaseRecord(leaseSessions, tokenMark);
        }
        in.end();
        leases = newLeases;
        leaseEpoch = newLeaseEpoch;
        epoch = newEpoch;
        past = newPast;
        members.clear();
        newMembers.forEach(m -> members.put(m.member.id(), m));
        sessions.clear();
        newSessions.forEach(s -> sessions.put(s.id, s));
    }
}
