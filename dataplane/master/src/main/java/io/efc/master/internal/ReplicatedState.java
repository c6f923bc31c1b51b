package io.efc.master.internal;

import io.efc.rpc.RpcException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * A replica's {@link ClusterState}, changed by committed commands on Ratis' thread. Nobody but Ratis touches it: a master that begins to lead
 * takes a {@link #copy}, since its service reads the state under a lock that it holds while it waits for commands.
 *
 * <p>A snapshot is a file beside Ratis' log, with an MD5 file that is checked before it is believed.
 */
final class ReplicatedState extends BaseStateMachine {
    private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
    private final ClusterState state = new ClusterState();
    private volatile @Nullable String failure;

    /** What all commands applied so far lead to; the caller's own. */
    ClusterState copy() {
        byte[] bytes;
        synchronized (state) {
            bytes = state.snapshot();
        }
        ClusterState copy = new ClusterState();
        copy.restore(bytes);
        return copy;
    }

    /** Why the log on this machine cannot be written, or a command in it could not be applied; null while all is well. */
    @Nullable
    String failure() {
        return failure;
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId group, RaftStorage raft) throws IOException {
        super.initialize(server, group, raft);
        storage.init(raft);
        load(storage.getLatestSnapshot());
    }

    @Override
    public void reinitialize() throws IOException {
        load(storage.loadLatestSnapshot());
    }

    private void load(@Nullable SingleFileSnapshotInfo snapshot) throws IOException {
        if (snapshot == null) {
            return;
        }
        Path file = snapshot.getFile().getPath();
        MD5FileUtil.verifySavedMD5(file.toFile(), MD5FileUtil.computeMd5ForFile(file.toFile()));
        try {
            synchronized (state) {
                state.restore(Files.readAllBytes(file));
                setLastAppliedTermIndex(snapshot.getTermIndex());
            }
        } catch (RpcException e) {
            throw new IOException(file + " is no snapshot of a master: " + e.getMessage(), e);
        }
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        byte[] bytes = entry.getStateMachineLogEntry().getLogData().toByteArray();
        try {
            Command command = Command.decode(bytes);
            synchronized (state) {
                state.apply(command);
                updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
            }
            return CompletableFuture.completedFuture(Message.EMPTY);
        } catch (RpcException e) {
            failure = "entry " + entry.getIndex() + " of the log is no command: " + e.getMessage();
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletableFuture<Message> query(Message request) {
        return CompletableFuture.completedFuture(Message.EMPTY);
    }

    @Override
    public long takeSnapshot() throws IOException {
        TermIndex last;
        byte[] bytes;
        synchronized (state) {
            last = getLastAppliedTermIndex();
            bytes = state.snapshot();
        }
        File file = storage.getSnapshotFile(last.getTerm(), last.getIndex());
        Path fresh = file.toPath().resolveSibling("fresh.tmp");
        try (FileChannel out = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            while (in.hasRemaining()) {
                out.write(in);
            }
            out.force(true);
        }
        Files.move(fresh, file.toPath(), StandardCopyOption.ATOMIC_MOVE);
        MD5Hash md5 = MD5FileUtil.computeAndSaveMd5ForFile(file);
        storage.updateLatestSnapshot(new SingleFileSnapshotInfo(new FileInfo(file.toPath(), md5), last));
        return last.getIndex();
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return storage;
    }

    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
        failure = "the log cannot be written: " + cause.getMessage();
    }
}
