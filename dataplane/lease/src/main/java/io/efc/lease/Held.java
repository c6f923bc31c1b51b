package io.efc.lease;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A lease as the master sees it. */
final class Held {
    final MasterSession session;
    final Node node;
    Mode mode;
    long token;
    /** What a recall that is not answered yet leaves. */
    @Nullable
    Mode demanded;
    /** When it has to be answered. */
    long demandedUntil;

    /** Files of the directory that are not covered; null for none. */
    @Nullable
    Set<Long> exceptions;
    /** Files of the directory that the holder was told to except. */
    @Nullable
    Set<Long> carving;

    Held(MasterSession session, Node node) {
        this.session = session;
        this.node = node;
        this.mode = Mode.NONE;
    }

    boolean coversChild(long child) {
        return exceptions == null || !exceptions.contains(child);
    }

    /** Whether {@code asking}, another session, cannot have {@code wanted} of the same beside this. */
    boolean isInTheWayOf(MasterSession asking, Mode wanted) {
        return session != asking && mode.conflictsWith(wanted);
    }

    boolean isYielding() {
        return demanded != null || (carving != null && !carving.isEmpty());
    }
}
