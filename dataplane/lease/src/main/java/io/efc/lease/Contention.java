package io.efc.lease;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Which objects are contended, and which tickets are out: given instead of leases where objects are contended, or the table has no room. */
final class Contention {
    /** Recalls within the quiet time that make an object contended. */
    private static final int RECALLS_OF_THRASHING = 4;

    private final LeaseConfig config;
    private final LeaseTable.Desk desk;
    private final Set<Flaw> flaws;
    private final long directNanos;
    private final LinkedHashSet<Node> warm = new LinkedHashSet<>();
    private final TicketSlots slots;

    Contention(LeaseConfig config, LeaseTable.Desk desk, Set<Flaw> flaws) {
        this.config = config;
        this.desk = desk;
        this.flaws = flaws;
        LeaseConfig.Times times = config.times();
        this.directNanos =
                flaws.contains(Flaw.DRIFT_IGNORED) ? times.directNanos() : times.lengthened(times.directNanos());
        this.slots = new TicketSlots(config.limits().slotsLog2());
    }

    boolean isContended(Node node) {
        Heat heat = node.heat;
        return heat != null && heat.isContended && desk.now() - heat.contendedUntil < 0;
    }

    private Heat heat(Node node) {
        Heat heat = node.heat;
        if (heat == null) {
            heat = new Heat();
            heat.windowNanos = desk.now();
            node.heat = heat;
            warm.add(node);
        }
        return heat;
    }

    void recalled(Node node) {
        Heat heat = heat(node);
        if (++heat.recalls >= RECALLS_OF_THRASHING && !heat.isContended) {
            heat.isContended = true;
            heat.contendedUntil = desk.now() + config.times().quietNanos();
            heat.lastAsker = 0;
            desk.event(LeaseEvent.CONTENDED);
        }
    }

    /** As long as sessions take turns in asking, the object stays contended. */
    void asked(Node node, MasterSession session) {
        Heat heat = node.heat;
        if (heat != null && heat.isContended) {
            if (heat.lastAsker != session.id) {
                heat.contendedUntil = desk.now() + config.times().quietNanos();
            }
            heat.lastAsker = session.id;
        }
    }

    /** Time has passed; {@code idle} hears of nodes that have nothing to be remembered for any more. */
    void cool(Consumer<Node> idle) {
        for (Node node : List.copyOf(warm)) {
            cool(node, desk.now(), idle);
        }
    }

    private void cool(Node node, long now, Consumer<Node> idle) {
        Heat heat = node.heat;
        if (heat == null) {
            return;
        }
        if (heat.isTicketed && now - heat.ticketUntil >= 0) {
            heat.isTicketed = false;
        }
        if (heat.isContended && now - heat.contendedUntil >= 0) {
            heat.isContended = false;
            heat.recalls = 0;
            heat.windowNanos = now;
            desk.event(LeaseEvent.CALMED);
        }
        if (!heat.isTicketed
                && !heat.isContended
                && now - heat.windowNanos >= config.times().quietNanos()) {
            node.heat = null;
            warm.remove(node);
            idle.accept(node);
        }
    }

    /** Gives a ticket for what nobody caches; false if there is no token for it. */
    boolean give(Node node, MasterSession session, boolean full) {
        Heat heat = full ? node.heat : heat(node);
        boolean isOut = isOut(heat);
        long shared = heat != null && isOut && !heat.isTicketClaimed ? heat.ticketToken : 0;
        long token = shared != 0 ? shared : desk.takeToken();
        if (token == 0) {
            return false;
        }
        if (heat != null) {
            long holder = isOut && heat.ticketHolder != session.id ? 0 : session.id;
            setTicket(heat, holder, token);
        }
        if (full) {
            slots.mark(node.id, desk.now() + directNanos);
        }
        desk.event(full ? LeaseEvent.TICKET_FULL : LeaseEvent.TICKET_CONTENDED);
        desk.say(session, new Reply.Ticket(node.id, token, session.beat));
        return true;
    }

    private void setTicket(Heat heat, long holder, long token) {
        heat.isTicketed = true;
        heat.ticketUntil = desk.now() + directNanos;
        heat.ticketHolder = holder;
        heat.ticketToken = token;
        heat.isTicketClaimed = false;
    }

    /** An earlier master gave a ticket, to whom else besides is not known. */
    void claimed(Node node, long token) {
        Heat heat = heat(node);
        setTicket(heat, 0, Math.max(token, heat.isTicketed ? heat.ticketToken : 0));
        heat.isTicketClaimed = true;
    }

    /** The node is leased: no ticket is out. */
    void granted(Node node) {
        if (node.heat != null) {
            node.heat.isTicketed = false;
        }
    }

    /** Whether a ticket was out a moment ago. */
    boolean isTicketed(Node node) {
        return node.heat != null && node.heat.isTicketed;
    }

    /** Whether {@code token} is of a ticket that is out. */
    boolean isTicket(Node node, long token) {
        Heat heat = node.heat;
        return heat != null && isOut(heat) && heat.ticketToken == token;
    }

    private boolean isOut(@Nullable Heat heat) {
        return heat != null && heat.isTicketed && desk.now() - heat.ticketUntil < 0;
    }

    /** Whether somebody may go straight to the store for a while and change what others would cache. */
    boolean isTicketOut(Node node) {
        Heat heat = node.heat;
        return isOut(heat)
                && !config.readOnlyDatasets().contains(node.id.dataset())
                && !flaws.contains(Flaw.TICKETS_IGNORED);
    }

    /**
     * Whether the ticket that is out is of {@code session} alone. It ends when the session has a write lease instead: only the answer to a recall of that says
     * that no change is on its way any more. Others could be given a read lease beside its read lease without such an answer.
     */
    static boolean isTicketOf(Node node, MasterSession session) {
        Heat heat = node.heat;
        return heat != null && heat.ticketHolder == session.id;
    }

    /**
     * Whether a ticket that was given without room in the table may be out for this node, or a file of it. Others may renew such a slot for ever, so
     * nobody waits for it. Not if somebody holds the file: then the slot is another's.
     */
    boolean isSlotTaken(Node node) {
        return (node.id.isDirectory() || node.holders.isEmpty())
                && slots.isOut(desk.now(), node.id)
                && !flaws.contains(Flaw.TICKETS_IGNORED);
    }
}
