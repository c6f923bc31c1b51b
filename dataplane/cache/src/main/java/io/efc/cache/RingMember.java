package io.efc.cache;

import io.efc.base.Check;

/**
 * A worker in the ring.
 *
 * @param id unique and stable over restarts: placement depends on it alone
 * @param node the node it runs on, to find the local worker
 * @param address {@code host:port}
 * @param weight its share of the blocks relative to the others, its quota in bytes; positive
 */
public record RingMember(String id, String node, String address, long weight) {
    public RingMember {
        Check.argument(!id.isEmpty(), "a ring member has no id");
        Check.argument(weight > 0, "ring member " + id + " has weight " + weight + "; it must be positive");
    }
}
