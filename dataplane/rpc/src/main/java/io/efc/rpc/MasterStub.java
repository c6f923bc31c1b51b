package io.efc.rpc;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * The master's calls, for workers, clients and the command line. The connection is made again when lost; whoever joined or opened a session
 * does so again when told UNKNOWN_PEER, or when {@link #connections} has grown. Control calls allocate, block, and throw {@link RpcException}.
 */
public final class MasterStub implements AutoCloseable {
    /** Long enough for a master that syncs its log to a slow disk. */
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

    /** What a newcomer gets. */
    public record Welcome(DatasetView dataset, RingView ring) {}

    private final RpcClient client;
    private volatile long connections;

    private MasterStub(RpcClientConfig config, Consumer<RingView> ringListener, Consumer<byte[]> leaseListener) {
        this.client = RpcClient.start(config, new RpcListener() {
            @Override
            public void connected() {
                count();
            }

            @Override
            public void pushed(int type, byte[] body) {
                if (type == FrameType.RING) {
                    ringListener.accept(RingView.decode(new Wire.Reader(body)));
                } else if (type == FrameType.LEASE) {
                    leaseListener.accept(body);
                }
            }
        });
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer: the client's thread
    private void count() {
        connections++;
    }

    /**
     * Begins to connect.
     *
     * @param ringListener hears every pushed ring, on the connection's thread; epochs may arrive out of order with those of replies
     */
    public static MasterStub connect(
            Address master, Secret secret, Role role, long dataset, String name, Consumer<RingView> ringListener) {
        return new MasterStub(RpcClientConfig.of(master, secret, role, dataset, name), ringListener, l -> {});
    }

    /**
     * Begins to connect, for messages of the lease protocol.
     *
     * @param leaseListener hears every message, on the connection's thread
     */
    public static MasterStub connectForLeases(
            Address master, Secret secret, long dataset, String name, Consumer<byte[]> leaseListener) {
        return new MasterStub(RpcClientConfig.of(master, secret, Role.CLIENT, dataset, name), r -> {}, leaseListener);
    }

    /** Sends a message of the lease protocol without waiting; false if it is lost. */
    public boolean pushLease(byte[] message) {
        return client.push(FrameType.LEASE, message);
    }

    /** The leases of the dataset; see {@link LeasesView}. */
    public LeasesView leases(LeasesView.Filter filter) {
        return LeasesView.decode(client.call(FrameType.LEASES, filter.encode(), CALL_TIMEOUT));
    }

    /**
     * One question, one answer, on a connection of its own.
     *
     * @throws RpcException if the master cannot be asked within the time-out
     */
    public static ClusterStatus status(Address master, Secret secret, long dataset, Duration timeout) {
        try (MasterStub stub = connect(master, secret, Role.ADMIN, dataset, "status", r -> {})) {
            stub.awaitConnected(timeout);
            return stub.status();
        }
    }

    public boolean isConnected() {
        return client.isConnected();
    }

    /** How often a connection has been made. */
    public long connections() {
        return connections;
    }

    /**
     * Waits for a connection.
     *
     * @throws RpcException LOST after the time-out, DENIED or VERSION at once
     */
    public void awaitConnected(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!client.awaitConnected(Duration.ofMillis(50), false)) {
            if (client.refusal() != Status.OK) {
                throw new RpcException(client.refusal(), client.config().address() + ": " + client.failure());
            }
            if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
                throw new RpcException(
                        Status.LOST, "no master at " + client.config().address() + ": " + client.failure());
            }
        }
    }

    public DatasetView dataset() {
        return DatasetView.decode(new Wire.Reader(client.call(FrameType.DATASET, new byte[0], CALL_TIMEOUT)));
    }

    public Welcome join(Member member) {
        Wire.Writer out = new Wire.Writer();
        member.encode(out);
        return welcome(client.call(FrameType.JOIN, out.bytes(), CALL_TIMEOUT));
    }

    /** The master's epoch. */
    public long workerBeat(String id, WorkerFigures figures) {
        Wire.Writer out = new Wire.Writer().string(id);
        figures.encode(out);
        return new Wire.Reader(client.call(FrameType.WORKER_BEAT, out.bytes(), CALL_TIMEOUT)).i64();
    }

    public void leave(String id) {
        client.call(FrameType.LEAVE, new Wire.Writer().string(id).bytes(), CALL_TIMEOUT);
    }

    public Welcome openSession(String id, String node, String mountPoint) {
        byte[] body =
                new Wire.Writer().string(id).string(node).string(mountPoint).bytes();
        return welcome(client.call(FrameType.OPEN_SESSION, body, CALL_TIMEOUT));
    }

    /** The master's epoch. */
    public long sessionBeat(String id, SessionFigures figures) {
        Wire.Writer out = new Wire.Writer().string(id);
        figures.encode(out);
        return new Wire.Reader(client.call(FrameType.SESSION_BEAT, out.bytes(), CALL_TIMEOUT)).i64();
    }

    public void closeSession(String id, SessionFigures figures) {
        Wire.Writer out = new Wire.Writer().string(id);
        figures.encode(out);
        client.call(FrameType.CLOSE_SESSION, out.bytes(), CALL_TIMEOUT);
    }

    public RingView ring() {
        return RingView.decode(new Wire.Reader(client.call(FrameType.RING, new byte[0], CALL_TIMEOUT)));
    }

    public ClusterStatus status() {
        return ClusterStatus.decode(client.call(FrameType.STATUS, new byte[0], CALL_TIMEOUT));
    }

    private static Welcome welcome(byte[] body) {
        Wire.Reader in = new Wire.Reader(body);
        Welcome welcome = new Welcome(DatasetView.decode(in), RingView.decode(in));
        in.end();
        return welcome;
    }

    @Override
    public void close() {
        client.close();
    }
}
