package io.efc.rpc;

import org.jspecify.annotations.Nullable;

/** An authenticated connection as a server sees it. */
public interface Peer {
    Role role();

    /** The name that the peer gave. */
    String name();

    /** It came over a unix socket: descriptors can be passed. */
    boolean isLocal();

    /**
     * Sends a frame without being asked, and without waiting: a peer that takes nothing now does not get it. Any thread.
     *
     * @return whether it is on its way
     */
    boolean push(int type, byte[] body);

    /** The handler's own word about this peer. */
    @Nullable
    Object attachment();

    void attach(@Nullable Object attachment);

    /** Ends the connection. Any thread. */
    void disconnect();
}
