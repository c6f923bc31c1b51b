package io.efc.client.internal;

import io.efc.cache.CacheKey;
import io.efc.cache.Placement;
import io.efc.cache.Ring;
import io.efc.cache.RingMember;
import io.efc.rpc.Member;
import io.efc.rpc.RingView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The workers of one epoch and who owns which block. Immutable; a reader takes it once a read. */
final class RingCacheTopology {
    private final RingView view;
    private final Placement placement;
    private final RingCacheWorker[] workers;
    private final int replicas;

    /** {@code workers} in the order of the view's members. */
    RingCacheTopology(RingView view, List<RingCacheWorker> workers, int replicas) {
        this.view = view;
        this.workers = workers.toArray(RingCacheWorker[]::new);
        this.replicas = Math.max(1, Math.min(replicas, this.workers.length));
        List<RingMember> members = new ArrayList<>();
        for (Member m : view.members()) {
            members.add(new RingMember(m.id(), m.node(), m.address(), m.quota()));
        }
        this.placement = new Placement(new Ring(view.epoch(), members));
    }

    RingView view() {
        return view;
    }

    int replicas() {
        return replicas;
    }

    /** The connection to a member if this topology has it, for the next one to take over. */
    @Nullable
    RingCacheWorker of(Member member) {
        for (RingCacheWorker w : workers) {
            if (w.member().equals(member)) {
                return w;
            }
        }
        return null;
    }

    List<RingCacheWorker> workers() {
        return List.of(workers);
    }

    /** The only owner, or null if the ring is empty. */
    @Nullable
    RingCacheWorker owner(CacheKey key, long block) {
        int i = placement.owner(key, block);
        return i < 0 ? null : workers[i];
    }

    /**
     * The owners, those of this node first, else in the placement's order.
     *
     * @param indices scratch with {@link #replicas} places
     * @param to filled
     * @return how many
     */
    int owners(CacheKey key, long block, int[] indices, RingCacheWorker[] to) {
        int n = placement.owners(key, block, indices);
        int filled = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < n; i++) {
                RingCacheWorker w = workers[indices[i]];
                if (w.isLocal() == (pass == 0)) {
                    to[filled++] = w;
                }
            }
        }
        return n;
    }

    /** A worker of this node that owns every block of a content, or null. */
    @Nullable
    RingCacheWorker localOwnerOfAll(CacheKey key, int blockBytes) {
        int[] indices = new int[replicas];
        RingCacheWorker found = null;
        for (RingCacheWorker w : workers) {
            if (found == null && w.isReachedByUnixSocket() && ownsAll(w, key, blockBytes, indices)) {
                found = w;
            }
        }
        return found;
    }

    private boolean ownsAll(RingCacheWorker worker, CacheKey key, int blockBytes, int[] indices) {
        if (workers.length <= replicas) {
            return true;
        }
        long blocks = Math.ceilDiv(key.size(), (long) blockBytes);
        for (long block = 0; block < blocks; block++) {
            int n = placement.owners(key, block, indices);
            boolean owns = false;
            for (int i = 0; i < n; i++) {
                owns |= workers[indices[i]] == worker;
            }
            if (!owns) {
                return false;
            }
        }
        return true;
    }
}
