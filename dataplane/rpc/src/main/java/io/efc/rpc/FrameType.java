package io.efc.rpc;

/** What a frame carries: the header's type byte. A reply has the type of its request. */
public final class FrameType {
    /** Opens a connection: who I am and which versions I speak. */
    public static final int HELLO = 1;

    /** The server's nonce. */
    public static final int CHALLENGE = 2;

    /** The client's proof that it has the secret. */
    public static final int PROOF = 3;

    /** The server's proof and its limits. */
    public static final int WELCOME = 4;

    /** Are you there? Answered by the connection itself. */
    public static final int PING = 5;

    /** A range of one block. Worker. */
    public static final int READ = 16;

    /** The descriptor of a tier file with a whole content; unix sockets only. Worker. */
    public static final int WHOLE = 17;

    /** How much of a content is cached. Worker. */
    public static final int STAT = 18;

    /** A worker enters the ring. Master. */
    public static final int JOIN = 32;

    /** A worker is alive, and its figures. Master. */
    public static final int WORKER_BEAT = 33;

    /** A worker leaves the ring. Master. */
    public static final int LEAVE = 34;

    /** A client's session begins or goes on. Master. */
    public static final int OPEN_SESSION = 40;

    /** A session is alive, and its figures. Master. */
    public static final int SESSION_BEAT = 41;

    /** A session ends. Master. */
    public static final int CLOSE_SESSION = 42;

    /** The ring as it is. Master; also pushed, without being asked, whenever the ring changes. */
    public static final int RING = 48;

    /** Everything that {@code efc get dataset} shows. Master. */
    public static final int STATUS = 49;

    /** What the dataset is, without becoming part of it. Master. */
    public static final int DATASET = 50;

    /** A message of the lease protocol ({@code docs/protocol/lease.md}), pushed in both directions. Master. */
    public static final int LEASE = 56;

    /** Who holds which leases, and who waits. Master. */
    public static final int LEASES = 57;

    private FrameType() {}
}
