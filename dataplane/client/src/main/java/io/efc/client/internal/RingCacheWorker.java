package io.efc.client.internal;

import io.efc.rpc.Address;
import io.efc.rpc.Call;
import io.efc.rpc.Member;
import io.efc.rpc.Role;
import io.efc.rpc.RpcClient;
import io.efc.rpc.RpcClientConfig;
import io.efc.rpc.RpcListener;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One worker and the connections to it. They connect, and connect again with growing pauses, in the background: a worker that is away costs a
 * read no time. A worker of this node is reached over its unix socket, or by TCP where that socket cannot be reached, say from another container.
 */
final class RingCacheWorker implements AutoCloseable {
    private final Member member;
    private final boolean local;
    private final RingCacheConfig config;
    private final RpcClient[] preferred;

    /** TCP connections that stand in for unix ones; made when first needed. Guarded by this object's monitor for writing. */
    private volatile RpcClient @Nullable [] fallback;

    private boolean closed;

    RingCacheWorker(Member member, RingCacheConfig config) {
        this.member = member;
        this.config = config;
        this.local = member.node().equals(config.node());
        this.preferred = connect(
                local && !member.unixPath().isEmpty()
                        ? new Address.Unix(Path.of(member.unixPath()))
                        : Address.parse(member.address()));
    }

    private RpcClient[] connect(Address address) {
        RpcClient[] clients = new RpcClient[config.connectionsPerWorker()];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = RpcClient.start(
                    RpcClientConfig.of(address, config.secret(), Role.CLIENT, config.dataset(), config.session()),
                    RpcListener.NONE);
        }
        return clients;
    }

    Member member() {
        return member;
    }

    /** It runs on this node. */
    boolean isLocal() {
        return local;
    }

    /** Descriptors can be had from it. */
    boolean isReachedByUnixSocket() {
        return preferred[0].config().address() instanceof Address.Unix && preferred[0].isConnected();
    }

    /** Waits for the first attempt to connect. */
    void awaitFirstAttempt(Duration timeout) {
        preferred[0].awaitConnected(timeout, true);
    }

    /** A place for a call, or null if the worker cannot be reached now. */
    @Nullable
    Call begin(long deadlineNanos) {
        Call call = begin(preferred, deadlineNanos);
        if (call == null && preferred[0].config().address() instanceof Address.Unix && !preferred[0].isConnected()) {
            RpcClient @Nullable [] tcp = fallback;
            call = begin(tcp == null ? startFallback() : tcp, deadlineNanos);
        }
        return call;
    }

    /** Threads keep to one connection as long as it stands. */
    private static @Nullable Call begin(RpcClient[] clients, long deadlineNanos) {
        int start = clients.length == 0 ? 0 : (int) (Thread.currentThread().threadId() % clients.length);
        for (int i = 0; i < clients.length; i++) {
            RpcClient client = clients[(start + i) % clients.length];
            if (client.isConnected()) {
                return client.begin(deadlineNanos);
            }
        }
        return null;
    }

    private synchronized RpcClient[] startFallback() {
        RpcClient[] tcp = fallback;
        if (tcp == null) {
            tcp = closed ? new RpcClient[0] : connect(Address.parse(member.address()));
            fallback = tcp;
        }
        return tcp;
    }

    @Override
    public void close() {
        RpcClient @Nullable [] tcp;
        synchronized (this) {
            closed = true;
            tcp = fallback;
        }
        for (RpcClient c : preferred) {
            c.close();
        }
        if (tcp != null) {
            for (RpcClient c : tcp) {
                c.close();
            }
        }
    }
}
