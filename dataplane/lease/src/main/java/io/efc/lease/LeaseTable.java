package io.efc.lease;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who holds what, who waits for what, and who has to let go.
 *
 * <p>What can be leased falls into <b>cells</b>: the names of a directory, and each file. A lease of a file has its cell; a lease of a directory has
 * the names and every file's cell that it does not except. The one rule: a cell has one writer or any number of readers, or tickets. A lease
 * is in the table with what its holder may still use, so it shrinks only when the holder has said so.
 *
 * <p>Requests for one object wait in one queue, first come, first served, and only the head has others recalled: readers that come later stand
 * behind a writer. A file that somebody waits for is excepted from new leases of its directory, so the two levels do not starve each other.
 */
final class LeaseTable {
    /** What the table needs of the master during a call. */
    interface Desk {
        long now();

        void say(MasterSession to, Reply reply);

        void condemn(MasterSession session);

        /** The next token; 0 if none is reserved now. */
        long takeToken();

        /** Whether new leases may be given: not while others may not have claimed theirs. */
        boolean isGranting();

        void event(LeaseEvent event);
    }

    private final LeaseConfig config;
    private final Desk desk;
    private final Set<Flaw> flaws;
    private final HashMap<ObjectId, Node> nodes = new HashMap<>();
    private final LinkedHashSet<Node> waiting = new LinkedHashSet<>();
    private final Contention contention;
    private final Recalls recalls;
    private int leases;
    private int waiters;

    LeaseTable(LeaseConfig config, Desk desk, Set<Flaw> flaws) {
        this.config = config;
        this.desk = desk;
        this.flaws = flaws;
        this.contention = new Contention(config, desk, flaws);
        this.recalls = new Recalls(config, desk, contention, flaws);
    }

    int leases() {
        return leases;
    }

    int waiters() {
        return waiters;
    }

    Collection<Node> nodes() {
        return nodes.values();
    }

    // What sessions say.

    void acquire(MasterSession session, ObjectId object, Mode mode) {
        boolean readOnly = config.readOnlyDatasets().contains(object.dataset());
        if (mode == Mode.NONE || (object.isDataset() && !readOnly) || (mode == Mode.WRITE && readOnly)) {
            desk.event(LeaseEvent.DENIED);
            Reply.Reason reason = readOnly ? Reply.Reason.READ_ONLY : Reply.Reason.WRITABLE;
            desk.say(session, new Reply.Denied(object, reason));
            return;
        }
        Node known = nodes.get(object);
        Waiter before = known == null ? null : known.queue.get(session.id);
        if (before == null && waiters >= config.limits().waitersMax()) {
            desk.event(LeaseEvent.BUSY);
            desk.say(session, new Reply.Busy(object));
            return;
        }
        Node node = known == null ? node(object) : known;
        if (before != null) {
            before.mode = before.mode.max(mode);
        } else {
            node.queue.put(session.id, new Waiter(session, mode));
            waiters++;
            waiting.add(node);
            contention.asked(node, session);
        }
        pump(node);
        if (node.queue.containsKey(session.id)) {
            desk.event(LeaseEvent.QUEUED);
        }
    }

    void reduced(MasterSession session, ObjectId object, long token, Mode keep) {
        Held lease = session.held.get(object);
        if (lease == null || lease.token != token) {
            return;
        }
        lease.mode = lease.mode.min(keep);
        if (lease.demanded != null && lease.demanded.covers(keep)) {
            lease.demanded = null;
        }
        if (lease.mode == Mode.NONE) {
            drop(lease);
        }
        pumpAround(lease.node);
        discardIfIdle(lease.node);
    }

    void excepted(MasterSession session, ObjectId directory, long token, long child) {
        Held lease = session.held.get(directory);
        if (lease == null || lease.token != token || lease.carving == null || !lease.carving.remove(child)) {
            return;
        }
        if (lease.exceptions == null) {
            lease.exceptions = new LinkedHashSet<>(2);
        }
        lease.exceptions.add(child);
        pumpAround(lease.node);
    }

    /** Takes over what an earlier master granted; false if it cannot have. */
    boolean claim(MasterSession session, Request.Claim claim) {
        if (claim.mode() == Mode.NONE) {
            contention.claimed(node(claim.object()), claim.token());
            return true;
        }
        if (session.held.size() > config.limits().leasesOfSessionMax()
                || claim.exceptions().size() + claim.carving().size()
                        > config.limits().exceptionsMax()) {
            return false;
        }
        Node node = node(claim.object());
        if (node.heldBy(session) != null || !isFree(node, session, claim.mode(), Set.copyOf(claim.exceptions()))) {
            discardIfIdle(node);
            return false;
        }
        Held lease = new Held(session, node);
        lease.mode = claim.mode();
        lease.token = claim.token();
        lease.exceptions = claim.exceptions().isEmpty() ? null : new LinkedHashSet<>(claim.exceptions());
        if (!claim.keep().covers(claim.mode())) {
            lease.demanded = claim.keep();
            recalls.note(lease, 0);
        }
        for (long child : claim.carving()) {
            if (lease.carving == null) {
                lease.carving = new LinkedHashSet<>(2);
            }
            lease.carving.add(child);
            recalls.note(lease, child);
        }
        add(lease);
        return true;
    }

    /** Whether nobody else has a conflicting cell. */
    private boolean isFree(Node node, MasterSession session, Mode mode, Set<Long> exceptions) {
        for (Held other : node.holders) {
            if (other.isInTheWayOf(session, mode)) {
                return false;
            }
        }
        if (node.parent != null) {
            for (Held other : node.parent.holders) {
                if (other.isInTheWayOf(session, mode) && other.coversChild(node.id.file())) {
                    return false;
                }
            }
        }
        for (Node child : node.children.values()) {
            for (Held other : child.holders) {
                if (other.isInTheWayOf(session, mode) && !exceptions.contains(child.id.file())) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The session holds and wants nothing any more. */
    void forget(MasterSession session) {
        withdraw(session);
        List<Held> held = new ArrayList<>(session.held.values());
        for (Held lease : held) {
            drop(lease);
        }
        for (Held lease : held) {
            pumpAround(lease.node);
            discardIfIdle(lease.node);
        }
    }

    /** The session's requests are over. */
    void withdraw(MasterSession session) {
        for (Node node : List.copyOf(waiting)) {
            if (node.queue.remove(session.id) != null) {
                waiters--;
                pump(node);
                discardIfIdle(node);
            }
        }
    }

    /** Time has passed, or there are tokens, or the grace period is over. */
    void tick() {
        recalls.condemnLate();
        contention.cool(this::discardIfIdle);
        pumpAll();
    }

    void pumpAll() {
        for (Node node : List.copyOf(waiting)) {
            pump(node);
        }
    }

    // The queue.

    /** A file's cell may have become free, or a directory's names and with them its files. */
    private void pumpAround(Node node) {
        pump(node);
        if (node.id.isDirectory()) {
            for (Node other : List.copyOf(waiting)) {
                if (other.parent == node) {
                    pump(other);
                }
            }
        }
    }

    private void pump(Node node) {
        if (!desk.isGranting()) {
            return;
        }
        while (!node.queue.isEmpty()) {
            Waiter head = node.queue.firstEntry().getValue();
            if (!serve(node, head)) {
                return;
            }
            node.queue.remove(head.session.id);
            waiters--;
        }
        waiting.remove(node);
        discardIfIdle(node);
    }

    /** Gives {@code head} a lease or a ticket if nobody is in its way; has whoever is recalled otherwise. */
    private boolean serve(Node node, Waiter head) {
        MasterSession session = head.session;
        if (node.id.isDataset()) {
            return grant(node, node, session, Mode.READ, List.of());
        }
        boolean full = !hasRoom(session, node);
        boolean contended = contention.isContended(node);
        Held directory = node.parent == null || contended ? null : node.parent.heldBy(session);
        if (directory != null && directory.coversChild(node.id.file()) && directory.mode.covers(head.mode)) {
            return pointTo(directory, node, head);
        }
        if (full || contended || contention.isSlotTaken(node)) {
            return serveTicket(node, session, full);
        }
        Held own = node.heldBy(session);
        Mode mode = own == null ? head.mode : own.mode.max(head.mode);
        boolean ticketed = contention.isTicketOut(node);
        boolean alone = ticketed && Contention.isTicketOf(node, session);
        mode = alone ? Mode.WRITE : mode;
        List<Long> exceptions = exceptions(node, session, mode);
        if (exceptions == null) {
            return serveTicket(node, session, false);
        }
        if (ticketed && !alone) {
            return false;
        }
        boolean free = own == null || !own.isYielding();
        free &= clearHolders(node, session, mode);
        if (!free) {
            return false;
        }
        if (own != null && !excepts(own, exceptions)) {
            return false;
        }
        return escalate(node, session, mode) || grant(node, node, session, mode, exceptions);
    }

    /**
     * What is asked for was granted with the directory meanwhile. A lease of the file on top would have a later token than the directory's, and when it is
     * given up before that, a store that checks tokens would refuse what is written to the file under the directory's.
     */
    private boolean pointTo(Held directory, Node node, Waiter head) {
        boolean isCarved = directory.carving != null && directory.carving.contains(node.id.file());
        if (isCarved || (directory.demanded != null && !directory.demanded.covers(head.mode))) {
            return false;
        }
        List<Long> exceptions = directory.exceptions == null ? List.of() : List.copyOf(directory.exceptions);
        desk.event(LeaseEvent.COVERED);
        desk.say(
                head.session,
                new Reply.Granted(node.id, directory.node.id, directory.mode, directory.token, exceptions));
        return true;
    }

    private boolean hasRoom(MasterSession session, Node node) {
        LeaseConfig.Limits limits = config.limits();
        return node.heldBy(session) != null
                || (leases < limits.leasesMax() && session.held.size() < limits.leasesOfSessionMax());
    }

    /** A ticket, once nobody caches the object, the one who asks included. */
    private boolean serveTicket(Node node, MasterSession session, boolean full) {
        boolean free = true;
        for (Held holder : node.holders) {
            free &= recalls.demand(holder, Mode.NONE);
        }
        if (node.parent != null) {
            for (Held holder : List.copyOf(node.parent.holders)) {
                if (holder.coversChild(node.id.file())) {
                    free &= recalls.carve(holder, node);
                }
            }
        }
        if (!free && !flaws.contains(Flaw.TICKET_OVER_LEASE)) {
            return false;
        }
        return contention.give(node, session, full);
    }

    /** Whether no other session has a conflicting lease of this object; recalls those that there are. */
    private boolean clearHolders(Node node, MasterSession session, Mode mode) {
        boolean free = true;
        boolean upgradeUnseen = flaws.contains(Flaw.UPGRADE_BESIDE_READERS) && node.heldBy(session) != null;
        for (Held other : node.holders) {
            if (other.isInTheWayOf(session, mode) && !upgradeUnseen) {
                free &= recalls.demand(other, mode == Mode.READ ? Mode.READ : Mode.NONE);
            }
        }
        if (node.parent != null && !flaws.contains(Flaw.CARVE_NOT_SENT)) {
            for (Held other : List.copyOf(node.parent.holders)) {
                if (other.isInTheWayOf(session, mode) && other.coversChild(node.id.file())) {
                    free &= recalls.carve(other, node);
                }
            }
        }
        return free;
    }

    /** Files of a directory that its lease must not cover, null if they are too many: what others hold, wait for, or have tickets for. */
    private @Nullable List<Long> exceptions(Node node, MasterSession session, Mode mode) {
        List<Long> excepted = new ArrayList<>(0);
        if (flaws.contains(Flaw.EXCEPTIONS_FORGOTTEN)) {
            return excepted;
        }
        for (Node child : node.children.values()) {
            if (isTaken(child, session, mode)) {
                excepted.add(child.id.file());
                if (excepted.size() > config.limits().exceptionsMax()) {
                    return null;
                }
            }
        }
        return excepted;
    }

    private boolean isTaken(Node child, MasterSession session, Mode mode) {
        if (contention.isContended(child) || contention.isTicketed(child)) {
            return true;
        }
        for (Held other : child.holders) {
            if (other.isInTheWayOf(session, mode)) {
                return true;
            }
        }
        for (Waiter other : child.queue.values()) {
            if (other.session != session && other.mode.conflictsWith(mode)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the lease that the session has already does not cover {@code excepted}; has it give them up otherwise. */
    private boolean excepts(Held own, List<Long> excepted) {
        boolean free = true;
        for (long child : excepted) {
            Node node = own.node.children.get(child);
            if (node != null && own.coversChild(child)) {
                free &= recalls.carve(own, node);
            }
        }
        return free;
    }

    /** A session with many leases of a directory's files is given the directory's, if nobody has to let go of anything for it. */
    private boolean escalate(Node node, MasterSession session, Mode mode) {
        Node directory = node.parent;
        if (directory == null) {
            return false;
        }
        Set<Held> files = session.filesOf(directory.id);
        if (files == null || files.size() < config.limits().escalateAt()) {
            return false;
        }
        Held own = directory.heldBy(session);
        boolean other = directory.holders.stream().anyMatch(h -> h.isInTheWayOf(session, mode));
        if (other
                || !directory.queue.isEmpty()
                || (own != null && (own.isYielding() || own.mode.covers(mode)))
                || contention.isContended(directory)
                || contention.isTicketOut(directory)
                || contention.isSlotTaken(directory)
                || !hasRoom(session, directory)) {
            return false;
        }
        List<Long> exceptions = exceptions(directory, session, mode);
        if (exceptions == null || exceptions.contains(node.id.file())) {
            return false;
        }
        if (own != null && exceptions.stream().anyMatch(own::coversChild)) {
            return false;
        }
        return grant(directory, node, session, mode, exceptions);
    }

    private boolean grant(Node node, Node asked, MasterSession session, Mode mode, List<Long> exceptions) {
        long token = desk.takeToken();
        if (token == 0) {
            return false;
        }
        Held lease = node.heldBy(session);
        if (lease == null) {
            lease = new Held(session, node);
            add(lease);
        } else if (lease.mode != mode) {
            desk.event(LeaseEvent.UPGRADED);
        }
        lease.mode = mode;
        lease.token = token;
        lease.demanded = null;
        lease.carving = null;
        contention.granted(node);
        lease.exceptions = exceptions.isEmpty() ? null : new LinkedHashSet<>(exceptions);
        subsume(lease);
        if (node != asked) {
            desk.event(LeaseEvent.ESCALATED);
        }
        if (!exceptions.isEmpty()) {
            desk.event(LeaseEvent.EXCEPTED);
        }
        desk.event(
                node.id.isDataset()
                        ? LeaseEvent.GRANTED_DATASET
                        : mode == Mode.READ ? LeaseEvent.GRANTED_READ : LeaseEvent.GRANTED_WRITE);
        desk.say(session, new Reply.Granted(asked.id, node.id, mode, token, exceptions));
        return true;
    }

    /** The holder does the same when the grant arrives. */
    private void subsume(Held directory) {
        Set<Held> files = directory.node.id.isDirectory() ? directory.session.filesOf(directory.node.id) : null;
        if (files == null) {
            return;
        }
        for (Held file : List.copyOf(files)) {
            if (directory.mode.covers(file.mode) && !file.isYielding() && directory.coversChild(file.node.id.file())) {
                drop(file);
                discardIfIdle(file.node);
            }
        }
    }

    private void add(Held lease) {
        lease.node.holders.add(lease);
        lease.session.add(lease);
        leases++;
    }

    private void drop(Held lease) {
        lease.node.holders.remove(lease);
        lease.session.remove(lease);
        leases--;
    }

    /** Whether {@code token} is of a ticket that is out for {@code object}. */
    boolean isTicket(ObjectId object, long token) {
        Node node = nodes.get(object);
        return node != null && contention.isTicket(node, token);
    }

    // Nodes.

    private Node node(ObjectId object) {
        Node node = nodes.get(object);
        if (node == null) {
            Node parent = object.hasParent() ? node(object.parent()) : null;
            node = new Node(object, parent);
            nodes.put(object, node);
            if (parent != null) {
                parent.children.put(object.file(), node);
            }
        }
        return node;
    }

    private void discardIfIdle(Node node) {
        if (node.isIdle() && nodes.remove(node.id, node) && node.parent != null) {
            node.parent.children.remove(node.id.file());
            discardIfIdle(node.parent);
        }
    }
}
