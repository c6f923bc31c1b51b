package io.efc.lease;

import io.efc.base.Check;
import io.efc.lease.ClientLeases.Lease;
import io.efc.lease.ClientLeases.Ticket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client's side of the lease protocol: what it may believe, until when, and what it has to say to the master for it.
 *
 * <p><b>Life.</b> All leases live and die with the session. Its life counts from the moment when the renewal that the master answered was sent,
 * shortened by the drift bound; the master's counts from when it received it, lengthened. So the client's ends first, whatever the messages'
 * delays. A dead session is never revived: {@link ClientSink#sessionLost} comes before anything else, and a new session starts with nothing.
 *
 * <p><b>Operations.</b> Before each one: {@link #acquire} (or {@link #covers}, which asks nobody). While it runs, its result may be believed if
 * it was let in; a change goes to the store only if {@link #mayWrite} says so immediately before it is sent, each time it is sent.
 *
 * <p><b>Giving up.</b> {@link ClientSink#giveUp} closes the lease to new operations at once; the master hears of it only with {@link #yielded}, which the
 * caller calls when the last operation that was let in has ended and everything is flushed and forgotten.
 *
 * <p>Not thread-safe: one lock guards the object, its calls and what its caller does in the sink. Time is the caller's monotonic clock. Every call
 * but the queries may send messages; {@link #tick} is to be called at least every sixteenth of a session's life.
 */
public final class LeaseClient {
    /** How an operation may go on. */
    public enum Standing {
        /** From the cache, under a lease. */
        HELD,
        /** Straight at the store, under a ticket, caching nothing. */
        DIRECT,
        /** Not yet: {@link ClientSink#settled} or {@link ClientSink#sessionOpened} says when to ask again. */
        WAIT,
        /** Not yet, and nobody will say when: ask again after a pause. */
        BUSY
    }

    private enum Phase {
        CLOSED,
        OPENING,
        OPEN,
        RECLAIMING,
        LOST,
        FINISHED
    }

    /** Of this many latest beats it is known when they were sent. */
    private static final int BEATS = 32;

    /** Numbers of files in one message of claims, unless a single claim has more: some 8 KiB. */
    private static final int CLAIMS_SIZE = 1024;

    private final LeaseConfig config;
    private final LongSupplier sessionIds;
    private final Set<Flaw> flaws;
    private final long lifeNanos;
    private final long directNanos;
    private final long storeNanos;
    private final ClientLeases leases = new ClientLeases();
    private final LinkedHashMap<ObjectId, Mode> asked = new LinkedHashMap<>();
    private final long[] beatSentNanos = new long[BEATS];

    private Phase phase = Phase.CLOSED;
    private long session;
    private long prior;
    private long epoch;
    private long beat;
    private long liveUntil;
    /** Of the session's grants. */
    private long newestToken;

    private Channel<Request> channel;

    /** @param sessionIds gives random numbers, not 0, none twice among all clients */
    public LeaseClient(LeaseConfig config, LongSupplier sessionIds) {
        this(config, sessionIds, Set.of());
    }

    LeaseClient(LeaseConfig config, LongSupplier sessionIds, Set<Flaw> flaws) {
        this.config = config;
        this.sessionIds = sessionIds;
        this.flaws = Set.copyOf(flaws);
        LeaseConfig.Times times = config.times();
        boolean ignored = this.flaws.contains(Flaw.DRIFT_IGNORED);
        this.lifeNanos = ignored ? times.lifeNanos() : times.shortened(times.lifeNanos());
        this.directNanos = ignored ? times.directNanos() : times.shortened(times.directNanos());
        this.storeNanos = times.lengthened(times.storeNanos());
        this.channel = new Channel<>(times.retryNanos(), this.flaws);
    }

    /** Whether an operation on {@code object} that needs {@code mode} may be served from the cache now. */
    public boolean covers(long now, ObjectId object, Mode mode) {
        return isLive(now) && leases.covering(object, mode) != null;
    }

    /**
     * Since when {@code object} has been covered for reading without a gap, by this client's clock: what was asked of the store before may be wrong, what
     * was asked since then is right. {@link Long#MAX_VALUE} if it is not covered now.
     */
    public long coveredSince(long now, ObjectId object) {
        return isLive(now) ? leases.coveredSince(object) : Long.MAX_VALUE;
    }

    /** Whether the lease of {@code directory}, whole or being given up, leaves out {@code child}; true if there is no such lease. */
    public boolean isExcepted(ObjectId directory, long child) {
        Lease lease = leases.own(directory);
        return lease == null || lease.exceptions.contains(child);
    }

    /** Whether the session lives. */
    public boolean isLive(long now) {
        return (phase == Phase.OPEN || phase == Phase.RECLAIMING) && now - liveUntil < 0;
    }

    /** For how long the session lives if it is not renewed, in nanoseconds; 0 if it does not. The kernel may be told no longer times than this. */
    public long lifeLeft(long now) {
        return isLive(now) ? liveUntil - now : 0;
    }

    /** The token under which {@code object} is used in this mode, from a lease or a ticket; 0 if there is none. */
    public long token(long now, ObjectId object, Mode mode) {
        if (!isLive(now)) {
            return 0;
        }
        if (leases.covering(object, mode) != null) {
            return leases.token(object, mode);
        }
        Ticket ticket = leases.ticket(object);
        return ticket != null && lasts(now, ticket, Mode.READ) ? ticket.token() : 0;
    }

    /**
     * The token with which changes of {@code object} that were kept back are to be flushed: of the write lease that covers it, also while that is being
     * yielded; 0 if there is none.
     */
    public long flushToken(long now, ObjectId object) {
        return isLive(now) ? leases.writer(object) : 0;
    }

    /**
     * Whether a change of {@code object} may be sent to the store now under {@code token}: it will have taken effect, or never will, before the
     * master gives the object to somebody else. While a lease is being yielded it is still allowed, for flushing.
     */
    public boolean mayWrite(long now, ObjectId object, long token) {
        if (!isLive(now)) {
            return false;
        }
        if (now + storeNanos - liveUntil >= 0) {
            return false;
        }
        if (token != 0 && leases.writer(object) == token) {
            return true;
        }
        Ticket ticket = leases.ticket(object);
        return ticket != null && ticket.token() == token && lasts(now, ticket, Mode.WRITE);
    }

    /** Whether the ticket is good for operations of this mode that begin now: the store's time for a change ends with it at the latest. */
    private boolean lasts(long now, Ticket ticket, Mode mode) {
        return now + (mode == Mode.WRITE ? storeNanos : 0) - ticket.untilNanos() < 0;
    }

    /** The store refused a change under {@code token}: a ticket with it is worth nothing any more, and {@link #acquire} asks for another. */
    public void refused(ObjectId object, long token) {
        leases.dropTicket(object, token);
    }

    /** How an operation on {@code object} that needs {@code mode} may go on; asks the master for a lease if there is none. */
    public Standing acquire(long now, ObjectId object, Mode mode, ClientSink sink) {
        Check.argument(mode != Mode.NONE, "nothing needs a lease of mode none");
        settle(now, sink);
        if (covers(now, object, mode)) {
            return Standing.HELD;
        }
        if (isLive(now)) {
            Ticket ticket = leases.ticket(object);
            if (ticket != null && lasts(now, ticket, mode)) {
                return Standing.DIRECT;
            }
            if (asked.containsKey(object)) {
                return Standing.WAIT;
            }
            if (channel.unacked() >= config.limits().unackedMax()) {
                return Standing.BUSY;
            }
            asked.put(object, mode);
            say(now, new Request.Acquire(object, mode), sink);
        } else if (phase == Phase.CLOSED) {
            open(now, sink);
        }
        return Standing.WAIT;
    }

    /** What {@link ClientSink#giveUp} asked for is done. */
    public void yielded(long now, ObjectId object, long token, ClientSink sink) {
        settle(now, sink);
        Lease lease = leases.find(object, token);
        if (lease != null && lease.usable != lease.mode) {
            surrender(now, lease, sink);
            sink.event(LeaseEvent.YIELDED);
        }
    }

    /** What {@link ClientSink#giveUpChild} asked for is done. */
    public void yieldedChild(long now, ObjectId directory, long token, long child, ClientSink sink) {
        settle(now, sink);
        Lease lease = leases.find(directory, token);
        if (lease != null && lease.carving.remove(child)) {
            lease.exceptions.add(child);
            say(now, new Request.YieldChild(directory, token, child), sink);
            sink.event(LeaseEvent.YIELDED_CHILD);
        }
    }

    /**
     * Gives up what the lease of {@code object} allows beyond {@code keep} without being asked. The caller has ended its operations, flushed
     * and forgotten already. Does nothing if there is no lease or it is being yielded.
     */
    public void release(long now, ObjectId object, Mode keep, ClientSink sink) {
        settle(now, sink);
        Lease lease = leases.own(object);
        if (lease == null || lease.usable != lease.mode || keep.covers(lease.mode) || asked.containsKey(object)) {
            return;
        }
        lease.usable = keep;
        surrender(now, lease, sink);
        sink.event(LeaseEvent.RELEASED);
    }

    /** The token of the lease of exactly this object, whatever is left of it; 0 if there is none. */
    public long tokenOf(ObjectId object) {
        Lease lease = leases.own(object);
        return lease == null ? 0 : lease.token;
    }

    private void surrender(long now, Lease lease, ClientSink sink) {
        lease.mode = lease.usable;
        if (lease.mode == Mode.NONE) {
            leases.remove(lease.object);
        }
        say(now, new Request.Yield(lease.object, lease.token, lease.mode), sink);
    }

    /** What {@link ClientSink#sessionLost} asked for is done: a new session may begin. */
    public void cleared(long now, ClientSink sink) {
        Check.state(phase == Phase.LOST, "no session was lost");
        prior = session;
        phase = Phase.CLOSED;
        open(now, sink);
    }

    /** Ends the session for good; everything is flushed and forgotten, and no operation is under way. */
    public void close(long now, ClientSink sink) {
        settle(now, sink);
        if (phase == Phase.OPEN || phase == Phase.RECLAIMING || phase == Phase.OPENING) {
            sink.send(new ToMaster.Close(session));
        }
        leases.clear();
        asked.clear();
        phase = Phase.FINISHED;
    }

    /** Begins a session now rather than with the first {@link #acquire}. */
    public void open(long now, ClientSink sink) {
        if (phase != Phase.CLOSED) {
            return;
        }
        session = sessionIds.getAsLong();
        Check.argument(session != 0, "a session's number is not 0");
        phase = Phase.OPENING;
        epoch = 0;
        beat = 0;
        sink.send(new ToMaster.Open(session, prior, nextBeat(now)));
    }

    private long nextBeat(long now) {
        beat++;
        beatSentNanos[(int) (beat % BEATS)] = now;
        return beat;
    }

    /** A message arrived from a master. */
    public void onMessage(long now, ToClient message, ClientSink sink) {
        settle(now, sink);
        if (message.session() != session || phase == Phase.CLOSED || phase == Phase.LOST || phase == Phase.FINISHED) {
            return;
        }
        switch (message) {
            case ToClient.Opened(long s, long e, long answered) -> opened(now, e, answered, sink);
            case ToClient.Renewed(long s, long e, long answered) -> renewed(now, e, answered);
            case ToClient.Reclaim(long s, long e) -> reclaim(now, e, sink);
            case ToClient.Ended ended -> lose(sink);
            case ToClient.Frame frame -> frame(now, frame, sink);
        }
        settle(now, sink);
    }

    private void opened(long now, long newEpoch, long answered, ClientSink sink) {
        if (phase != Phase.OPENING || !isKnown(answered)) {
            return;
        }
        long until = beatSentNanos[(int) (answered % BEATS)] + lifeNanos;
        if (now - until >= 0) {
            return;
        }
        epoch = newEpoch;
        channel = new Channel<>(config.times().retryNanos(), flaws);
        phase = Phase.OPEN;
        prior = 0;
        newestToken = 0;
        liveUntil = until;
        sink.event(LeaseEvent.SESSION_OPENED);
        sink.sessionOpened(session);
    }

    private boolean isKnown(long answered) {
        return answered > 0 && answered <= beat && answered > beat - BEATS;
    }

    private void renewed(long now, long e, long answered) {
        if (!isKnown(answered) || phase == Phase.OPENING || (e != epoch && !flaws.contains(Flaw.EPOCH_UNCHECKED))) {
            return;
        }
        phase = Phase.OPEN;
        long from = flaws.contains(Flaw.LIFE_FROM_REPLY) ? now : beatSentNanos[(int) (answered % BEATS)];
        if (from + lifeNanos - liveUntil > 0) {
            liveUntil = from + lifeNanos;
        }
    }

    /** Tells the master of a new epoch everything, in a new pair of streams; what was asked for follows. */
    private void reclaim(long now, long e, ClientSink sink) {
        if (phase == Phase.OPENING) {
            abandon(now, sink);
            return;
        }
        if (e <= epoch) {
            return;
        }
        epoch = e;
        phase = Phase.RECLAIMING;
        channel = new Channel<>(config.times().retryNanos(), flaws);
        claims(now, sink);
        say(now, new Request.ClaimsDone(nextBeat(now)), sink);
        asked.forEach((object, mode) -> say(now, new Request.Acquire(object, mode), sink));
    }

    private void claims(long now, ClientSink sink) {
        leases.expireTickets(now);
        List<Request.Claim> claims = new ArrayList<>();
        leases.all().forEach(lease -> claims.add(claim(lease)));
        if (!flaws.contains(Flaw.TICKETS_NOT_CLAIMED)) {
            leases.tickets()
                    .forEach(t -> claims.add(
                            new Request.Claim(t.object(), Mode.NONE, Mode.NONE, t.token(), List.of(), List.of())));
        }
        int from = 0;
        int size = 0;
        for (int i = 0; i < claims.size(); i++) {
            size += claims.get(i).size();
            if (size > CLAIMS_SIZE) {
                say(now, new Request.Claims(claims.subList(from, i)), sink);
                from = i;
                size = claims.get(i).size();
            }
        }
        if (from < claims.size()) {
            say(now, new Request.Claims(claims.subList(from, claims.size())), sink);
        }
    }

    private Request.Claim claim(Lease lease) {
        List<Long> exceptions = flaws.contains(Flaw.EXCEPTIONS_NOT_CLAIMED) ? List.of() : List.copyOf(lease.exceptions);
        return new Request.Claim(
                lease.object, lease.mode, lease.usable, lease.token, exceptions, List.copyOf(lease.carving));
    }

    /** An earlier master made the session, but its answer was lost: nothing was leased, so another session takes its place. */
    private void abandon(long now, ClientSink sink) {
        prior = session;
        phase = Phase.CLOSED;
        open(now, sink);
    }

    private void frame(long now, ToClient.Frame frame, ClientSink sink) {
        if (phase == Phase.OPENING || (frame.epoch() != epoch && !flaws.contains(Flaw.EPOCH_UNCHECKED))) {
            sink.event(LeaseEvent.STALE_EPOCH_DROPPED);
            return;
        }
        Channel.Wire<Request> wire = wire(sink);
        Channel.Arrival arrival = channel.arrive(now, frame.seq(), frame.ack(), wire);
        Reply body = frame.body();
        if (arrival == Channel.Arrival.NEXT && body != null) {
            reply(now, body, sink);
        } else if (arrival == Channel.Arrival.DUPLICATE) {
            sink.event(LeaseEvent.DUPLICATE_DROPPED);
        } else if (arrival == Channel.Arrival.GAP) {
            sink.event(LeaseEvent.GAP_DROPPED);
        }
        channel.settle(wire);
    }

    private void reply(long now, Reply reply, ClientSink sink) {
        switch (reply) {
            case Reply.Granted granted -> granted(now, granted, sink);
            case Reply.Ticket ticket -> ticket(now, ticket, sink);
            case Reply.Busy(ObjectId object) -> {
                asked.remove(object);
                sink.busy(object);
            }
            case Reply.Denied(ObjectId object, Reply.Reason reason) -> {
                asked.remove(object);
                sink.denied(object, reason);
            }
            case Reply.Recall(ObjectId object, long token, Mode keep) -> recalled(now, object, token, keep, sink);
            case Reply.Carve(ObjectId directory, long token, long child) -> carved(now, directory, token, child, sink);
        }
    }

    private void granted(long now, Reply.Granted g, ClientSink sink) {
        asked.remove(g.asked());
        if (g.token() > newestToken) {
            newestToken = g.token();
            long since = leases.goesOnSince(g.object(), g.exceptions(), now);
            int subsumed = leases.put(new Lease(g.object(), g.mode(), g.token(), since, g.exceptions()));
            if (subsumed > 0) {
                sink.event(LeaseEvent.SUBSUMED);
            }
        }
        sink.settled(g.asked());
        if (!g.object().equals(g.asked())) {
            sink.settled(g.object());
        }
    }

    /** One that is too old already is asked for again after a pause, not at once: the master has not heard a newer beat yet. */
    private void ticket(long now, Reply.Ticket t, ClientSink sink) {
        Mode wanted = asked.remove(t.object());
        long sent = isKnown(t.beat()) ? beatSentNanos[(int) (t.beat() % BEATS)] : now - directNanos;
        Ticket ticket = new Ticket(t.object(), t.token(), sent + directNanos);
        leases.put(ticket);
        if (lasts(now, ticket, wanted == null ? Mode.READ : wanted)) {
            sink.settled(t.object());
        } else {
            sink.busy(t.object());
        }
    }

    /** A recall of what is not held any more is answered all the same: the master may not know yet, or not by this token. */
    private void recalled(long now, ObjectId object, long token, Mode keep, ClientSink sink) {
        Lease lease = leases.find(object, token);
        if (lease == null || keep.covers(lease.mode)) {
            say(now, new Request.Yield(object, token, lease == null ? Mode.NONE : lease.mode), sink);
            sink.event(LeaseEvent.YIELD_UNKNOWN);
        } else if (lease.usable.compareTo(keep) > 0) {
            lease.usable = keep;
            sink.giveUp(object, token, keep);
        }
    }

    private void carved(long now, ObjectId directory, long token, long child, ClientSink sink) {
        Lease lease = leases.find(directory, token);
        if (lease == null || lease.exceptions.contains(child)) {
            say(now, new Request.YieldChild(directory, token, child), sink);
            sink.event(LeaseEvent.YIELD_UNKNOWN);
        } else if (lease.carving.add(child)) {
            sink.giveUpChild(directory, token, child);
        }
    }

    /** Time has passed: renews, repeats, notices the session's end. */
    public void tick(long now, ClientSink sink) {
        settle(now, sink);
        LeaseConfig.Times times = config.times();
        long sinceBeat = now - beatSentNanos[(int) (beat % BEATS)];
        switch (phase) {
            case OPENING -> {
                if (sinceBeat >= times.retryNanos()) {
                    sink.send(new ToMaster.Open(session, prior, nextBeat(now)));
                }
            }
            case OPEN, RECLAIMING -> {
                if (sinceBeat >= times.beatNanos()) {
                    sink.send(new ToMaster.Beat(session, epoch, nextBeat(now)));
                }
                if (channel.tick(now, wire(sink))) {
                    sink.event(LeaseEvent.RETRANSMITTED);
                }
                leases.expireTickets(now);
            }
            default -> {}
        }
    }

    private void say(long now, Request request, ClientSink sink) {
        channel.send(now, request, wire(sink));
    }

    private Channel.Wire<Request> wire(ClientSink sink) {
        return (seq, ack, body) -> sink.send(new ToMaster.Frame(session, epoch, seq, ack, body));
    }

    /** Before anything else in every call: a session whose time is over is lost, whatever has just arrived. */
    private void settle(long now, ClientSink sink) {
        if ((phase == Phase.OPEN || phase == Phase.RECLAIMING) && now - liveUntil >= 0) {
            lose(sink);
        }
    }

    private void lose(ClientSink sink) {
        phase = Phase.LOST;
        leases.clear();
        asked.clear();
        sink.event(LeaseEvent.SESSION_LOST);
        sink.sessionLost(session);
    }

    /** Leases held, for people and metrics. */
    public int leases() {
        return leases.size();
    }

    /** The session's number; 0 before the first. */
    public long session() {
        return session;
    }

    /** The master's epoch that the session is in; 0 before the first. */
    public long epoch() {
        return epoch;
    }

    /** For {@code describe}: the mode in which {@code object} itself is held, null if not. */
    public @Nullable Mode modeOf(ObjectId object) {
        Lease lease = leases.own(object);
        return lease == null ? null : lease.usable;
    }
}
