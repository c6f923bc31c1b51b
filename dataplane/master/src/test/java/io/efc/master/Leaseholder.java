package io.efc.master;

import io.efc.lease.ClientSink;
import io.efc.lease.LeaseClient;
import io.efc.lease.LeaseCodec;
import io.efc.lease.LeaseConfig;
import io.efc.lease.LeaseEvent;
import io.efc.lease.LockOutcome;
import io.efc.lease.LockRange;
import io.efc.lease.Mode;
import io.efc.lease.ObjectId;
import io.efc.lease.Reply;
import io.efc.lease.ToMaster;
import io.efc.rpc.Address;
import io.efc.rpc.MasterStub;
import io.efc.rpc.Secret;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A client's side of the leases over a real connection; gives up at once what the master wants back. */
public final class Leaseholder implements AutoCloseable {
    private final LeaseClient client = new LeaseClient(
            LeaseConfig.of(Set.of()), () -> ThreadLocalRandom.current().nextLong() | 1);
    private final MasterStub stub;
    private final Thread ticker;
    private volatile boolean closed;
    private int lost;

    public Leaseholder(Address master, Secret secret, long dataset, String name) {
        this.stub = MasterStub.connectForLeases(master, secret, dataset, name, this::received);
        synchronized (this) {
            client.open(System.nanoTime(), sink);
        }
        this.ticker = Thread.ofPlatform().daemon().start(() -> {
            while (!closed) {
                synchronized (this) {
                    client.tick(System.nanoTime(), sink);
                }
                LockSupport.parkNanos(20_000_000);
            }
        });
    }

    private synchronized void received(byte[] bytes) {
        client.onMessage(System.nanoTime(), LeaseCodec.toClient(bytes), sink);
    }

    /** Waits until {@code object} may be used in {@code mode}; how long it took, or an error after the time-out. */
    public Duration acquire(ObjectId object, Mode mode, Duration timeout) {
        long began = System.nanoTime();
        while (System.nanoTime() - began < timeout.toNanos()) {
            synchronized (this) {
                if (client.acquire(System.nanoTime(), object, mode, sink) == LeaseClient.Standing.HELD) {
                    return Duration.ofNanos(System.nanoTime() - began);
                }
            }
            LockSupport.parkNanos(this, 2_000_000);
        }
        throw new AssertionError(object + " was not granted within " + timeout + "; connected: " + stub.isConnected());
    }

    public synchronized boolean covers(ObjectId object, Mode mode) {
        return client.covers(System.nanoTime(), object, mode);
    }

    public synchronized long token(ObjectId object) {
        return client.tokenOf(object);
    }

    public synchronized long epoch() {
        return client.epoch();
    }

    public synchronized int sessionsLost() {
        return lost;
    }

    private final ClientSink sink = new ClientSink() {
        @Override
        public void send(ToMaster message) {
            stub.pushLease(LeaseCodec.encode(message));
        }

        @Override
        public void settled(ObjectId object) {}

        @Override
        public void busy(ObjectId object) {}

        @Override
        public void denied(ObjectId object, Reply.Reason reason) {
            throw new AssertionError(object + " is denied: " + reason);
        }

        @Override
        public void giveUp(ObjectId object, long token, Mode keep) {
            later(() -> client.yielded(System.nanoTime(), object, token, this));
        }

        @Override
        public void giveUpChild(ObjectId directory, long token, long child) {
            later(() -> client.yieldedChild(System.nanoTime(), directory, token, child, this));
        }

        @Override
        public void lockAnswered(long id, LockOutcome outcome, @Nullable LockRange conflict) {
            // It locks nothing.
        }

        @Override
        public void locksLost(ObjectId object, long owner, boolean flock) {
            // It locks nothing.
        }

        @Override
        public void sessionOpened(long session) {}

        @Override
        public void sessionLost(long session) {
            lost++;
            later(() -> client.cleared(System.nanoTime(), this));
        }

        @Override
        public void event(LeaseEvent event) {}
    };

    private void later(Runnable what) {
        Thread _ = Thread.ofVirtual().start(() -> {
            synchronized (this) {
                what.run();
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        try {
            ticker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stub.close();
    }
}
