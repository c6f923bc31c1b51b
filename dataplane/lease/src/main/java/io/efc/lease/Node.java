package io.efc.lease;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An object that somebody holds or waits for, or that was contended a moment ago. */
final class Node {
    final ObjectId id;
    final @Nullable Node parent;
    final ArrayList<Held> holders = new ArrayList<>(1);
    final LinkedHashMap<Long, Waiter> queue = new LinkedHashMap<>(0);
    /** Nodes of the directory's files, by file. */
    final Map<Long, Node> children;

    @Nullable
    Heat heat;

    Node(ObjectId id, @Nullable Node parent) {
        this.id = id;
        this.parent = parent;
        // A file has none, and files are what there may be a million of.
        this.children = id.isDirectory() ? new LinkedHashMap<>(0) : Map.of();
    }

    boolean isIdle() {
        return holders.isEmpty() && queue.isEmpty() && children.isEmpty() && heat == null;
    }

    @Nullable
    Held heldBy(MasterSession session) {
        return session.held.get(id);
    }
}
