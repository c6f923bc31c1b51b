package io.efc.lease;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The master's side of the lease protocol in one epoch: from the moment a master became the leader until it is not any more.
 *
 * <p><b>What survives it</b> is in {@link LeaseRecord}: which sessions may hold something, and the highest token. Nothing that depends on an entry of
 * the record leaves before the entry is committed. All else is soft: the next master asks for it ({@link Request.Claim}) and grants
 * nothing until every recorded session has claimed, or can be alive no more.
 *
 * <p><b>Leadership.</b> It acts only until the moment that {@link #confirmLeadership} named, and does not even answer afterwards: the caller vouches that no
 * other master acts before it. So all renewals of an epoch were received before the next epoch began, whose grace period outlasts them.
 *
 * <p><b>Ends.</b> A session ends when nothing was heard of it for its life, lengthened by the drift bound. One that does not yield in time is condemned:
 * it is not renewed any more, and its leases are given away when its life is over, or when its client says that it has given up everything.
 *
 * <p>Not thread-safe: one lock guards the object, its calls and what its caller does in the sink. Time is the caller's monotonic clock. {@link #tick} is
 * to be called at least every sixteenth of a session's life. Messages of a session come from an authenticated client; that the session is
 * this client's own is for the caller to check.
 */
public final class LeaseMaster {
    /** Sees leases and requests, for people. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * @param token 0: a request that waits
         * @param yielding the holder was told to give up something and has not answered yet
         */
        void lease(long session, ObjectId object, Mode mode, long token, boolean yielding);
    }

    private final LeaseConfig config;
    private final long epoch;
    private final Set<Flaw> flaws;
    private final long lifeNanos;
    private final LinkedHashMap<Long, MasterSession> sessions = new LinkedHashMap<>();
    private final LeaseTable table;

    private long now;

    @Nullable
    private MasterSink sink;

    private long leadUntil;
    private boolean inGrace;
    private final long graceUntil;
    private int unclaimed;
    private long nextToken;
    private long tokenMark;
    private boolean isReserving;

    /**
     * A master that leads from now on.
     *
     * @param epoch above that of every master before
     * @param record everything that was committed before this epoch
     */
    public LeaseMaster(LeaseConfig config, long epoch, LeaseRecord record, long now) {
        this(config, epoch, record, now, Set.of());
    }

    LeaseMaster(LeaseConfig config, long epoch, LeaseRecord record, long now, Set<Flaw> flaws) {
        this.config = config;
        this.epoch = epoch;
        this.now = now;
        this.flaws = Set.copyOf(flaws);
        LeaseConfig.Times times = config.times();
        long life = this.flaws.contains(Flaw.DRIFT_IGNORED) ? times.lifeNanos() : times.lengthened(times.lifeNanos());
        this.lifeNanos = this.flaws.contains(Flaw.EXPIRED_EARLY) ? life / 2 : life;
        this.table = new LeaseTable(config, new Counter(), this.flaws);
        this.leadUntil = now;
        this.graceUntil = now + life;
        this.tokenMark = this.flaws.contains(Flaw.TOKENS_FORGOTTEN) ? 0 : record.tokenMark();
        this.nextToken = tokenMark + 1;
        for (long id : record.sessions()) {
            MasterSession session = newSession(id);
            session.committed = true;
            sessions.put(id, session);
            unclaimed++;
        }
        this.inGrace = unclaimed > 0 && !this.flaws.contains(Flaw.GRACE_SKIPPED);
    }

    private MasterSession newSession(long id) {
        return new MasterSession(id, now, new Channel<>(config.times().retryNanos(), flaws));
    }

    /** No other master acts before the clock of this one shows {@code untilNanos}. A single master says so again and again. */
    public void confirmLeadership(long untilNanos) {
        if (untilNanos - leadUntil > 0) {
            leadUntil = untilNanos;
        }
    }

    /** Whether this master may act. */
    public boolean leads(long now) {
        return now - leadUntil < 0 || flaws.contains(Flaw.LEADERSHIP_UNCHECKED);
    }

    /** Whether new leases wait for the claims of old ones. */
    public boolean isInGrace() {
        return inGrace;
    }

    private boolean enter(long now, MasterSink sink) {
        if (!leads(now)) {
            sink.event(LeaseEvent.NOT_LEADING);
            return false;
        }
        this.now = now;
        this.sink = sink;
        return true;
    }

    private MasterSink out() {
        MasterSink s = sink;
        if (s == null) {
            throw new IllegalStateException("no call is under way");
        }
        return s;
    }

    /** A message arrived from a client. */
    public void onMessage(long now, ToMaster message, MasterSink sink) {
        if (!enter(now, sink)) {
            return;
        }
        MasterSession session = sessions.get(message.session());
        switch (message) {
            case ToMaster.Open open -> opened(session, open);
            case ToMaster.Close close -> {
                if (session != null) {
                    sink.event(LeaseEvent.SESSION_CLOSED);
                    end(session);
                }
            }
            case ToMaster.Beat beat -> beat(session, beat);
            case ToMaster.Frame frame -> frame(session, frame);
        }
        this.sink = null;
    }

    private void opened(@Nullable MasterSession known, ToMaster.Open open) {
        MasterSession prior = open.prior() == 0 ? null : sessions.get(open.prior());
        if (prior != null && open.prior() != open.session()) {
            out().event(LeaseEvent.SESSION_SUCCEEDED);
            end(prior);
        }
        MasterSession session = known;
        if (session == null) {
            if (sessions.size() >= config.limits().sessionsMax()) {
                out().event(LeaseEvent.SESSION_REFUSED);
                return;
            }
            session = newSession(open.session());
            session.claimed = true;
            sessions.put(session.id, session);
            out().replicate(new LogEntry.SessionOpened(session.id));
        }
        if (session.condemned) {
            out().send(new ToClient.Ended(session.id));
        } else if (!session.claimed) {
            out().send(new ToClient.Reclaim(session.id, epoch));
        } else {
            session.heard(now, open.beat());
            if (session.committed) {
                out().send(new ToClient.Opened(session.id, epoch, session.beat));
            }
        }
    }

    private void beat(@Nullable MasterSession session, ToMaster.Beat beat) {
        if (session == null || session.condemned) {
            out().send(new ToClient.Ended(beat.session()));
        } else if ((session.claimed && beat.epoch() == epoch) || flaws.contains(Flaw.RENEWED_BEFORE_CLAIMS)) {
            session.heard(now, beat.beat());
            out().event(LeaseEvent.SESSION_RENEWED);
            out().send(new ToClient.Renewed(session.id, beat.epoch(), beat.beat()));
        } else if (beat.epoch() < epoch && !session.claimed) {
            out().send(new ToClient.Reclaim(session.id, epoch));
        }
    }

    private void frame(@Nullable MasterSession session, ToMaster.Frame frame) {
        if (session == null) {
            out().send(new ToClient.Ended(frame.session()));
            return;
        }
        if (frame.epoch() != epoch) {
            out().event(LeaseEvent.STALE_EPOCH_DROPPED);
            if (!session.claimed && frame.epoch() < epoch) {
                out().send(new ToClient.Reclaim(session.id, epoch));
            }
            return;
        }
        Channel.Wire<Reply> wire = wire(session);
        Channel.Arrival arrival = session.channel.arrive(now, frame.seq(), frame.ack(), wire);
        Request body = frame.body();
        if (arrival == Channel.Arrival.NEXT && body != null) {
            request(session, body);
        } else if (arrival == Channel.Arrival.DUPLICATE) {
            out().event(LeaseEvent.DUPLICATE_DROPPED);
        } else if (arrival == Channel.Arrival.GAP) {
            out().event(LeaseEvent.GAP_DROPPED);
        }
        session.channel.settle(wire);
    }

    private void request(MasterSession session, Request request) {
        switch (request) {
            case Request.Acquire(ObjectId object, Mode mode) -> {
                if (!session.condemned) {
                    table.acquire(session, object, mode);
                }
            }
            case Request.Yield(ObjectId object, long token, Mode keep) -> table.reduced(session, object, token, keep);
            case Request.YieldChild(ObjectId directory, long token, long child) ->
                table.excepted(session, directory, token, child);
            case Request.Claims(List<Request.Claim> claims) -> claims.forEach(c -> claim(session, c));
            case Request.ClaimsDone(long beat) -> claimsDone(session, beat);
        }
    }

    /** A claim that contradicts another, or shows a token that nobody was given, is not believed, and neither is its session. */
    private void claim(MasterSession session, Request.Claim claim) {
        if (session.claimed || claim.token() > tokenMark || !table.claim(session, claim)) {
            out().event(LeaseEvent.CLAIM_REFUSED);
            condemn(session);
        } else {
            out().event(LeaseEvent.CLAIMED);
        }
    }

    private void claimsDone(MasterSession session, long beat) {
        if (session.claimed) {
            return;
        }
        session.claimed = true;
        unclaimed--;
        if (!session.condemned) {
            session.heard(now, beat);
            out().send(new ToClient.Renewed(session.id, epoch, beat));
        }
        endGraceIfClaimed();
    }

    private void endGraceIfClaimed() {
        if (inGrace && unclaimed == 0) {
            inGrace = false;
            out().event(LeaseEvent.GRACE_ENDED_BY_CLAIMS);
            table.pumpAll();
        }
    }

    private void condemn(MasterSession session) {
        if (session.condemned) {
            return;
        }
        session.condemned = true;
        out().event(LeaseEvent.SESSION_CONDEMNED);
        out().send(new ToClient.Ended(session.id));
        if (flaws.contains(Flaw.CONDEMNED_AT_ONCE)) {
            end(session);
        } else {
            table.withdraw(session);
        }
    }

    /** The session holds nothing any more: its client said so, or is surely over. */
    private void end(MasterSession session) {
        sessions.remove(session.id);
        out().replicate(new LogEntry.SessionClosed(session.id));
        table.forget(session);
        if (!session.claimed) {
            unclaimed--;
            endGraceIfClaimed();
        }
    }

    /**
     * An entry of {@link MasterSink#replicate} is committed; the caller has applied it to its record. It is noted even while leadership is not
     * confirmed: it will not be told again.
     */
    public void onCommitted(long now, LogEntry entry, MasterSink sink) {
        MasterSession opened = null;
        switch (entry) {
            case LogEntry.SessionOpened(long id) -> {
                opened = sessions.get(id);
                if (opened != null) {
                    opened.committed = true;
                }
            }
            case LogEntry.SessionClosed closed -> {}
            case LogEntry.TokensReserved(long mark) -> {
                tokenMark = Math.max(tokenMark, mark);
                isReserving = false;
                sink.event(LeaseEvent.TOKENS_RESERVED);
            }
        }
        if (!enter(now, sink)) {
            return;
        }
        if (opened != null) {
            sink.send(new ToClient.Opened(opened.id, epoch, opened.beat));
        }
        table.pumpAll();
        this.sink = null;
    }

    /** Time has passed: ends sessions and the grace period, gives up waiting for recalls, repeats messages. */
    public void tick(long now, MasterSink sink) {
        if (!enter(now, sink)) {
            return;
        }
        if (inGrace && now - graceUntil >= 0) {
            inGrace = false;
            sink.event(LeaseEvent.GRACE_ENDED_BY_TIME);
            for (MasterSession session : List.copyOf(sessions.values())) {
                if (!session.claimed) {
                    expire(session);
                }
            }
        }
        for (MasterSession session : List.copyOf(sessions.values())) {
            if (session.claimed && isOver(session, now)) {
                expire(session);
            } else if (session.channel.unacked() > config.limits().unackedMax()) {
                condemn(session);
            } else if (session.channel.tick(now, wire(session))) {
                sink.event(LeaseEvent.RETRANSMITTED);
            }
        }
        table.tick();
        this.sink = null;
    }

    private boolean isOver(MasterSession session, long at) {
        return at - session.heardNanos - lifeNanos >= 0;
    }

    private void expire(MasterSession session) {
        out().event(LeaseEvent.SESSION_EXPIRED);
        end(session);
    }

    /**
     * Whether {@code session} may change {@code object} under {@code token}: it lives and holds a write lease with this very token, or a ticket. For whoever
     * writes for clients.
     */
    public boolean mayWrite(long now, long session, ObjectId object, long token) {
        MasterSession s = sessions.get(session);
        if (s == null || !leads(now) || isOver(s, now)) {
            return false;
        }
        Held own = s.held.get(object);
        if (own != null && own.token == token) {
            return own.mode == Mode.WRITE;
        }
        Held directory = object.hasParent() ? s.held.get(object.parent()) : null;
        if (directory != null && directory.token == token) {
            return directory.mode == Mode.WRITE && directory.coversChild(object.file());
        }
        return table.isTicket(object, token);
    }

    private Channel.Wire<Reply> wire(MasterSession session) {
        return (seq, ack, body) -> out().send(new ToClient.Frame(session.id, epoch, seq, ack, body));
    }

    /** The epoch it leads. */
    public long epoch() {
        return epoch;
    }

    /** Sessions that hold, or may hold, something. */
    public int sessions() {
        return sessions.size();
    }

    /** Whether the session is there: opened, by this master or one before it, and not over. */
    public boolean hasSession(long session) {
        return sessions.containsKey(session);
    }

    /** Leases given. */
    public int leases() {
        return table.leases();
    }

    /** Requests that wait. */
    public int waiters() {
        return table.waiters();
    }

    /** Shows all leases and requests, in no order. */
    public void visit(Visitor visitor) {
        for (Node node : table.nodes()) {
            node.holders.forEach(h -> visitor.lease(h.session.id, node.id, h.mode, h.token, h.isYielding()));
            node.queue.values().forEach(w -> visitor.lease(w.session.id, node.id, w.mode, 0, false));
        }
    }

    /** What the table sees of its master. */
    private final class Counter implements LeaseTable.Desk {
        @Override
        public long now() {
            return now;
        }

        @Override
        public void say(MasterSession to, Reply reply) {
            to.channel.send(now, reply, wire(to));
        }

        @Override
        public void condemn(MasterSession session) {
            LeaseMaster.this.condemn(session);
        }

        @Override
        public long takeToken() {
            long left = tokenMark - nextToken + 1;
            if (left <= config.limits().tokenBatch() / 2 && !isReserving) {
                isReserving = true;
                out().replicate(new LogEntry.TokensReserved(
                        tokenMark + config.limits().tokenBatch()));
            }
            return left > 0 ? nextToken++ : 0;
        }

        @Override
        public boolean isGranting() {
            return !inGrace;
        }

        @Override
        public void event(LeaseEvent event) {
            out().event(event);
        }
    }
}
