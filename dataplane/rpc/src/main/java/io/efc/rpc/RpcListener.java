package io.efc.rpc;

/** What a client's owner hears. All methods run on the client's own thread and must neither block nor call the same client. */
public interface RpcListener {
    /** Hears nothing. */
    RpcListener NONE = new RpcListener() {};

    /** The connection stands, for the first time or again. */
    default void connected() {}

    /** It is gone, or could not be made; it will be tried again. */
    default void disconnected(String reason) {}

    /** The server sent something without being asked. */
    default void pushed(int type, byte[] body) {}
}
