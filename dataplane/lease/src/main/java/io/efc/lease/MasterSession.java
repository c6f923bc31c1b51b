package io.efc.lease;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A client's session as the master sees it. */
final class MasterSession {
    final long id;
    final Channel<Reply> channel;
    /** When the last renewal, or the request for the session, arrived. */
    long heardNanos;
    /** The newest beat that arrived. */
    long beat;
    /** It is in the replicated log. */
    boolean committed;
    /** Its leases are known: it was opened here, or has claimed them. */
    boolean claimed;
    /** It is not renewed any more. */
    boolean condemned;

    final SessionLocks locks = new SessionLocks();
    final LinkedHashMap<ObjectId, Held> held = new LinkedHashMap<>();
    private final Map<ObjectId, LinkedHashSet<Held>> filesOf = new HashMap<>();

    MasterSession(long id, long heardNanos, Channel<Reply> channel) {
        this.id = id;
        this.heardNanos = heardNanos;
        this.channel = channel;
    }

    /** A beat, or the request for the session, arrived. */
    void heard(long now, long newBeat) {
        heardNanos = now;
        beat = Math.max(beat, newBeat);
    }

    void add(Held lease) {
        ObjectId object = lease.node.id;
        held.put(object, lease);
        if (object.hasParent()) {
            filesOf.computeIfAbsent(object.parent(), p -> new LinkedHashSet<>()).add(lease);
        }
    }

    void remove(Held lease) {
        ObjectId object = lease.node.id;
        held.remove(object);
        if (object.hasParent()) {
            LinkedHashSet<Held> files = filesOf.get(object.parent());
            if (files != null && files.remove(lease) && files.isEmpty()) {
                filesOf.remove(object.parent());
            }
        }
    }

    /** The session's leases of files in a directory. */
    @Nullable
    Set<Held> filesOf(ObjectId directory) {
        return filesOf.get(directory);
    }
}
