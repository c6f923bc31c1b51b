package io.efc.client.internal;

/** Where bytes came from. */
enum Origin {
    NODE_CACHE,
    LOCAL_WORKER,
    REMOTE_WORKER,
    /** The store, whether asked by a worker or by this client. */
    STORE
}
