package io.efc.lease;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The leases and tickets of a client's session, and which of them covers what. */
final class ClientLeases {
    /** A lease as its holder sees it. */
    static final class Lease {
        final ObjectId object;
        final long token;
        /** Since when this client has held the object without a gap: facts learned before it may be wrong. */
        final long since;
        /** What the master believes that this holder has. */
        Mode mode;
        /** What new operations may use; less than {@link #mode} while the difference is being given up. */
        Mode usable;
        /** Files of the directory that are given up. */
        final Set<Long> exceptions;
        /** Files that were covered before the directory was, and since when. */
        final Map<Long, Long> earlier = new HashMap<>(0);
        /** Files of the directory that are being given up: not usable any more, not yielded yet. */
        final Set<Long> carving = new LinkedHashSet<>(0);

        Lease(ObjectId object, Mode mode, long token, long since, Collection<Long> exceptions) {
            this.object = object;
            this.since = since;
            this.mode = mode;
            this.usable = mode;
            this.token = token;
            this.exceptions = new LinkedHashSet<>(exceptions);
        }

        /** Whether all that a grant with these exceptions covers is covered by this already. */
        boolean goesOnIn(Collection<Long> newExceptions) {
            return usable != Mode.NONE && carving.isEmpty() && newExceptions.containsAll(exceptions);
        }

        private boolean lets(long child) {
            return !exceptions.contains(child) && !carving.contains(child);
        }
    }

    /** Leave to go straight to the store until {@code untilNanos}. */
    record Ticket(ObjectId object, long token, long untilNanos) {}

    private final LinkedHashMap<ObjectId, Lease> leases = new LinkedHashMap<>();
    private final HashMap<ObjectId, LinkedHashSet<Lease>> filesOf = new HashMap<>();
    private final LinkedHashMap<ObjectId, Ticket> tickets = new LinkedHashMap<>();
    private int datasets;

    int size() {
        return leases.size();
    }

    Collection<Lease> all() {
        return leases.values();
    }

    Collection<Ticket> tickets() {
        return tickets.values();
    }

    void clear() {
        leases.clear();
        filesOf.clear();
        tickets.clear();
        datasets = 0;
    }

    /** The lease with this token, if it is still held. */
    @Nullable
    Lease find(ObjectId object, long token) {
        Lease lease = leases.get(object);
        return lease != null && lease.token == token ? lease : null;
    }

    /** The lease of exactly this object. */
    @Nullable
    Lease own(ObjectId object) {
        return leases.get(object);
    }

    /** A lease that lets a new operation in. */
    @Nullable
    Lease covering(ObjectId object, Mode mode) {
        Lease own = leases.get(object);
        if (own != null && own.usable.covers(mode)) {
            return own;
        }
        if (object.hasParent()) {
            Lease directory = leases.get(object.parent());
            if (directory != null && directory.usable.covers(mode) && directory.lets(object.file())) {
                return directory;
            }
        }
        return datasets > 0 && mode == Mode.READ ? leases.get(ObjectId.dataset(object.dataset())) : null;
    }

    /**
     * The token under which {@code object}, which is covered, is used: of its own lease until that is yielded, of whatever covers it after. So the
     * store never sees the later token of a file's directory while changes under the earlier one of the file are still to come.
     */
    long token(ObjectId object, Mode mode) {
        Lease own = leases.get(object);
        if (mode == Mode.WRITE) {
            return writer(object);
        }
        Lease covering = own == null ? covering(object, mode) : own;
        return covering == null ? 0 : covering.token;
    }

    /** Since when {@code object} has been covered for reading without a gap; {@link Long#MAX_VALUE} if it is not. */
    long coveredSince(ObjectId object) {
        Lease lease = covering(object, Mode.READ);
        if (lease == null) {
            return Long.MAX_VALUE;
        }
        Long earlier = lease.object.isDirectory() ? lease.earlier.get(object.file()) : null;
        return earlier == null ? lease.since : earlier;
    }

    /** Of a new lease of {@code object}: since when what it covers has been covered without a gap, its files apart. */
    long goesOnSince(ObjectId object, Collection<Long> exceptions, long now) {
        if (!object.isDirectory()) {
            return Math.min(now, coveredSince(object));
        }
        Lease before = leases.get(object);
        return before != null && before.goesOnIn(exceptions) ? before.since : now;
    }

    /** The token of the write lease that covers {@code object} and is not yielded yet; 0 if there is none. */
    long writer(ObjectId object) {
        Lease own = leases.get(object);
        if (own != null && own.mode == Mode.WRITE) {
            return own.token;
        }
        Lease directory = object.hasParent() ? leases.get(object.parent()) : null;
        return directory != null && directory.mode == Mode.WRITE && !directory.exceptions.contains(object.file())
                ? directory.token
                : 0;
    }

    @Nullable
    Ticket ticket(ObjectId object) {
        return tickets.get(object);
    }

    void put(Ticket ticket) {
        tickets.put(ticket.object, ticket);
    }

    void dropTicket(ObjectId object, long token) {
        Ticket ticket = tickets.get(object);
        if (ticket != null && ticket.token == token) {
            tickets.remove(object);
        }
    }

    void expireTickets(long now) {
        if (!tickets.isEmpty()) {
            tickets.values().removeIf(t -> now - t.untilNanos >= 0);
        }
    }

    /** A grant takes the place of what was there: a lease, a ticket, and for a directory the leases of files that it covers as well. */
    int put(Lease lease) {
        Lease before = leases.get(lease.object);
        if (before != null && before.goesOnIn(lease.exceptions)) {
            lease.earlier.putAll(before.earlier);
            lease.earlier.keySet().removeAll(lease.exceptions);
        }
        remove(lease.object);
        tickets.remove(lease.object);
        leases.put(lease.object, lease);
        if (lease.object.isDataset()) {
            datasets++;
        }
        if (lease.object.hasParent()) {
            filesOf.computeIfAbsent(lease.object.parent(), p -> new LinkedHashSet<>())
                    .add(lease);
        }
        return lease.object.isDirectory() ? subsume(lease) : 0;
    }

    /** The master does the same at the same place of its stream. */
    private int subsume(Lease directory) {
        LinkedHashSet<Lease> files = filesOf.get(directory.object);
        if (files == null) {
            return 0;
        }
        List<Lease> covered = new ArrayList<>();
        for (Lease file : files) {
            if (directory.mode.covers(file.mode) && file.usable == file.mode && directory.lets(file.object.file())) {
                covered.add(file);
                directory.earlier.merge(file.object.file(), file.since, Math::min);
            }
        }
        covered.forEach(file -> remove(file.object));
        return covered.size();
    }

    void remove(ObjectId object) {
        Lease old = leases.remove(object);
        if (old == null) {
            return;
        }
        if (object.isDataset()) {
            datasets--;
        }
        if (object.hasParent()) {
            LinkedHashSet<Lease> files = filesOf.get(object.parent());
            if (files != null && files.remove(old) && files.isEmpty()) {
                filesOf.remove(object.parent());
            }
        }
    }
}
