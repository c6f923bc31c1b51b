package io.efc.master.internal;

import io.efc.base.ByteSize;
import io.efc.master.MasterPeers;
import io.efc.rpc.Address;
import io.efc.rpc.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;

/**
 * This machine's part of the replicated log: a Ratis server with a {@link ReplicatedState}. Nobody without the runtime's secret talks to it
 * ({@link PeerTls}). Any thread.
 */
public final class Replica implements Consensus, AutoCloseable {
    /** After so many entries a snapshot is written: bounds the log, and the time of a start. */
    private static final long ENTRIES_MAX = 1000;

    /**
     * Below this a master ends, and does not start: Ratis empties the file with a master's vote when it finds no room for a new one, and such a
     * master could never start again. Room for a log segment, a snapshot and that file.
     */
    static final ByteSize FREE_MIN = ByteSize.ofMiB(2);

    private static final int ELECTION_MILLIS_MIN = 600;
    private static final int ELECTION_MILLIS_MAX = 1200;

    private final Path directory;
    private final ReplicatedState state;
    private final RaftServer server;
    private final RaftGroupId group;
    private final DivisionInfo info;
    private final ClientId client = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();

    private Replica(Path directory, ReplicatedState state, RaftServer server, RaftGroupId group) throws IOException {
        this.directory = directory;
        this.state = state;
        this.server = server;
        this.group = group;
        this.info = server.getDivision(group).getInfo();
    }

    /**
     * Recovers what is in {@code directory} and takes part.
     *
     * @throws LogException naming the file or the directory and what is wrong with it
     */
    public static Replica start(String runtime, Secret secret, MasterPeers peers, Path directory) {
        Address.Tcp own = Objects.requireNonNull(peers.replication().get(peers.self()));
        Parameters transport = new Parameters();
        GrpcConfigKeys.TLS.setConf(transport, PeerTls.of(secret, own.host()));
        return start(runtime, peers, directory, transport);
    }

    static Replica start(String runtime, MasterPeers peers, Path directory, Parameters transport) {
        List<RaftPeer> members = peers.replication().entrySet().stream()
                .map(e -> RaftPeer.newBuilder()
                        .setId(e.getKey())
                        .setAddress(e.getValue().toString())
                        .build())
                .toList();
        RaftGroupId group = group(runtime);
        Address.Tcp own = Objects.requireNonNull(peers.replication().get(peers.self()));
        RaftServer server = null;
        try {
            Files.createDirectories(directory);
            String full = full(directory);
            if (full != null) {
                throw new LogException(full);
            }
            ReplicatedState state = new ReplicatedState();
            server = RaftServer.newBuilder()
                    .setServerId(RaftPeerId.valueOf(peers.self()))
                    .setGroup(RaftGroup.valueOf(group, members))
                    .setStateMachine(state)
                    .setProperties(properties(own, directory))
                    .setParameters(transport)
                    .setOption(RaftStorage.StartupOption.RECOVER)
                    .build();
            server.start();
            return new Replica(directory, state, server, group);
        } catch (LogException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            close(server);
            Optional<String> damage = Damage.in(directory);
            throw damage.isPresent()
                    ? new LogException(damage.get() + "; the others have what it held: while they run, remove "
                            + directory + " and start this master again")
                    : new LogException(
                            "the master at " + own + " with its log in " + directory + " cannot start",
                            Damage.rootCause(e));
        }
    }

    static RaftGroupId group(String runtime) {
        return RaftGroupId.valueOf(UUID.nameUUIDFromBytes(("efc " + runtime).getBytes(StandardCharsets.UTF_8)));
    }

    private static RaftProperties properties(Address.Tcp own, Path directory) {
        RaftProperties p = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(p, List.of(directory.toFile()));
        GrpcConfigKeys.Server.setHost(p, own.host());
        GrpcConfigKeys.Server.setPort(p, own.port());
        RaftServerConfigKeys.Rpc.setTimeoutMin(p, millis(ELECTION_MILLIS_MIN));
        RaftServerConfigKeys.Rpc.setTimeoutMax(p, millis(ELECTION_MILLIS_MAX));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(p, millis(ELECTION_MILLIS_MIN));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(p, millis(ELECTION_MILLIS_MAX));
        // A read is answered after a majority has answered a heartbeat sent after it: that is what a confirmation is
        // made of.
        RaftServerConfigKeys.Read.setOption(p, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        RaftServerConfigKeys.Read.setLeaderLeaseEnabled(p, false);
        RaftServerConfigKeys.Log.setCorruptionPolicy(p, RaftServerConfigKeys.Log.CorruptionPolicy.EXCEPTION);
        RaftServerConfigKeys.Log.setSegmentSizeMax(p, SizeInBytes.valueOf("1MB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(p, SizeInBytes.valueOf("64KB"));
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(p, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(p, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(p, ENTRIES_MAX);
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(p, 2);
        return p;
    }

    /** Why there is too little room; null if there is enough. */
    private static @Nullable String full(Path directory) {
        try {
            long free = Files.getFileStore(directory).getUsableSpace();
            return free >= FREE_MIN.bytes()
                    ? null
                    : new ByteSize(free).toHuman() + " are free in " + directory + ", a master needs "
                            + FREE_MIN.toHuman() + " for its log; make room, then start it again";
        } catch (IOException e) {
            return "the log's directory " + directory + " cannot be looked at: " + e.getMessage();
        }
    }

    /** Why this machine's part can go on no more, for people; null while it can. */
    public @Nullable String failure() {
        String why = state.failure();
        return why != null ? why + " (in " + directory + ")" : full(directory);
    }

    private static TimeDuration millis(int millis) {
        return TimeDuration.valueOf(millis, java.util.concurrent.TimeUnit.MILLISECONDS);
    }

    @Override
    public long leadingTerm() {
        long term = info.getCurrentTerm();
        boolean leads = info.isAlive() && info.isLeader() && info.isLeaderReady() && state.failure() == null;
        return leads && info.getCurrentTerm() == term ? term : -1;
    }

    @Override
    public ClusterState copy() {
        return state.copy();
    }

    @Override
    public CompletableFuture<Void> write(Command command) {
        Message message = Message.valueOf(ByteString.copyFrom(command.encode()));
        return send(message, RaftClientRequest.writeRequestType());
    }

    @Override
    public CompletableFuture<Void> confirm() {
        return send(Message.EMPTY, RaftClientRequest.readRequestType());
    }

    private CompletableFuture<Void> send(Message message, RaftClientRequest.Type type) {
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(client)
                .setServerId(server.getId())
                .setGroupId(group)
                .setCallId(calls.incrementAndGet())
                .setMessage(message)
                .setType(type)
                .build();
        try {
            return server.submitClientRequestAsync(request).thenAccept(Replica::checkSuccess);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static void checkSuccess(RaftClientReply reply) {
        if (!reply.isSuccess()) {
            throw new LogException("the replicated log refused: " + reply.getException());
        }
    }

    private static void close(@Nullable RaftServer server) {
        if (server != null) {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        close(server);
    }
}
