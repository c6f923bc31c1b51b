package io.efc.rpc;

/** What a server does with requests. All methods run on the connection's own thread. */
public interface RpcHandler {
    /** A peer has proved that it has the secret. */
    default void opened(Peer peer) {}

    /**
     * Answers a request, now or later on another thread, with exactly one of {@link Exchange}'s replies. While this method runs, the
     * connection's next requests wait: hand over what may take long. A runtime exception is logged and answered INTERNAL.
     */
    void handle(Exchange exchange);

    /** The peer sent something that wants no answer. A runtime exception is logged and ends the connection. */
    default void pushed(Peer peer, int type, byte[] body) {}

    /** The peer is gone; exchanges in hand may still be answered, to nobody. */
    default void closed(Peer peer) {}
}
