package io.efc.testing.bench;

import io.efc.lease.LeaseCodec;
import io.efc.lease.ToClient;
import io.efc.rpc.Address;
import io.efc.rpc.MasterStub;
import io.efc.rpc.Secret;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Many {@link SimulatedClient}s over real connections to one master. A connection has a thread and 64 KiB of buffer here and a thread there, so several
 * clients share one and its name, each with a session of its own; a master tells sessions apart by their number and lets each be used under
 * the one name only.
 */
final class Crowd implements AutoCloseable {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);
    private static final long TICK_NANOS = 100_000_000;

    /** Sessions that are being opened at once: each waits for the master's disk. */
    private static final int OPENING_MAX = 128;

    /** Clients that take leases at once; the others hold theirs or have not begun. */
    private static final int ASKING_MAX = 256;

    private final List<MasterStub> connections = new ArrayList<>();
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final Map<Long, SimulatedClient> bySession = new ConcurrentHashMap<>();
    private final Thread ticker;
    private volatile boolean closed;

    Crowd(Address master, Secret secret, long dataset, int sessions, int connectionsMax, int filesInDirectory) {
        SecureRandom random = new SecureRandom();
        try {
            for (int i = 0; i < Math.min(sessions, connectionsMax); i++) {
                MasterStub stub =
                        MasterStub.connectForLeases(master, secret, dataset, "simulated-" + i, this::received);
                connections.add(stub);
                stub.awaitConnected(CONNECT_LIMIT);
            }
        } catch (RuntimeException e) {
            connections.forEach(MasterStub::close);
            throw e;
        }
        for (int i = 0; i < sessions; i++) {
            MasterStub stub = connections.get(i % connections.size());
            clients.add(new SimulatedClient(
                    dataset,
                    i,
                    filesInDirectory,
                    () -> random.nextLong() | 1,
                    message -> stub.pushLease(LeaseCodec.encode(message))));
        }
        ticker = Thread.ofPlatform().daemon().name("efc-bench-tick").start(this::tick);
    }

    private void received(byte[] bytes) {
        ToClient message = LeaseCodec.toClient(bytes);
        SimulatedClient client = bySession.get(message.session());
        if (client != null) {
            client.received(System.nanoTime(), message);
        }
    }

    private void tick() {
        while (!closed) {
            for (SimulatedClient client : bySession.values()) {
                client.tick(System.nanoTime());
            }
            LockSupport.parkNanos(TICK_NANOS);
        }
    }

    /** Opens all sessions. */
    void open(long deadlineNanos) {
        flow("open a session", OPENING_MAX, deadlineNanos, SimulatedClient::isOpen, client -> {
            synchronized (client) {
                client.open(System.nanoTime());
                bySession.put(client.session(), client);
            }
        });
    }

    /** Has every client take {@code each} leases. */
    void acquire(int each, long deadlineNanos) {
        flow(
                "take " + each + " leases",
                ASKING_MAX,
                deadlineNanos,
                SimulatedClient::isServed,
                client -> client.want(System.nanoTime(), each));
    }

    private interface Step {
        void begin(SimulatedClient client);
    }

    /** Has all clients do something, at most {@code most} at a time. */
    private void flow(String what, int most, long deadlineNanos, Predicate<SimulatedClient> done, Step step) {
        List<SimulatedClient> active = new ArrayList<>();
        int begun = 0;
        while (begun < clients.size() || !active.isEmpty()) {
            active.removeIf(done);
            while (begun < clients.size() && active.size() < most) {
                SimulatedClient client = clients.get(begun++);
                step.begin(client);
                active.add(client);
            }
            if (System.nanoTime() - deadlineNanos >= 0) {
                throw new BenchException("after the time given " + (clients.size() - begun + active.size()) + " of "
                        + clients.size() + " clients did not " + what + "; " + lost() + " sessions were lost");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** The one that asks for something new during the failover. */
    SimulatedClient first() {
        return clients.getFirst();
    }

    /** Leases that their holders may use now. */
    long held() {
        long now = System.nanoTime();
        return clients.stream().mapToLong(c -> c.held(now)).sum();
    }

    long lost() {
        return clients.stream().filter(SimulatedClient::isLost).count();
    }

    long refused() {
        return clients.stream().mapToLong(SimulatedClient::refused).sum();
    }

    int connections() {
        return connections.size();
    }

    @Override
    public void close() {
        closed = true;
        try {
            ticker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // One after the other each would wait for its thread.
        connections.parallelStream().forEach(MasterStub::close);
    }
}
