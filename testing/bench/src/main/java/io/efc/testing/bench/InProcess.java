package io.efc.testing.bench;

import io.efc.lease.LeaseEvent;
import io.efc.lease.LeaseMaster;
import io.efc.lease.LeaseRecord;
import io.efc.lease.LogEntry;
import io.efc.lease.MasterSink;
import io.efc.lease.ToClient;
import io.efc.lease.ToMaster;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** The reference of {@link MasterBench}: the same clients and the same master in one thread, without messages as bytes, network and log. */
final class InProcess implements MasterSink {
    private static final long LIFE_NANOS = SimulatedClient.RULES.times().lifeNanos();

    private final LeaseMaster master;
    private final Map<Long, SimulatedClient> clients = new HashMap<>();
    private final ArrayDeque<ToMaster> toMaster = new ArrayDeque<>();
    private final ArrayDeque<ToClient> toClient = new ArrayDeque<>();
    private final ArrayDeque<LogEntry> entries = new ArrayDeque<>();
    private long sessions;

    private InProcess() {
        master = new LeaseMaster(SimulatedClient.RULES, 1, new LeaseRecord(), System.nanoTime());
    }

    /** Grants a second while each of {@code sessions} clients takes {@code each} leases. */
    static double grantsPerSecond(int sessions, int each, int filesInDirectory) {
        return new InProcess().run(sessions, each, filesInDirectory);
    }

    private double run(int count, int each, int filesInDirectory) {
        for (int i = 0; i < count; i++) {
            SimulatedClient client = new SimulatedClient(1, i, filesInDirectory, () -> ++sessions, toMaster::add);
            client.open(System.nanoTime());
            clients.put(client.session(), client);
        }
        deliver();
        long began = System.nanoTime();
        for (SimulatedClient client : clients.values()) {
            client.want(System.nanoTime(), each);
            deliver();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        if (master.leases() != count * each) {
            throw new BenchException(
                    "in one process " + master.leases() + " leases of " + count * each + " were given");
        }
        return master.leases() / seconds;
    }

    private void deliver() {
        while (!toMaster.isEmpty() || !toClient.isEmpty() || !entries.isEmpty()) {
            long now = System.nanoTime();
            master.confirmLeadership(now + LIFE_NANOS);
            ToMaster up = toMaster.poll();
            if (up != null) {
                master.onMessage(now, up, this);
            }
            LogEntry entry = entries.poll();
            if (entry != null) {
                master.onCommitted(now, entry, this);
            }
            ToClient down = toClient.poll();
            SimulatedClient client = down == null ? null : clients.get(down.session());
            if (down != null && client != null) {
                client.received(now, down);
            }
        }
    }

    @Override
    public void send(ToClient message) {
        toClient.add(message);
    }

    @Override
    public void replicate(LogEntry entry) {
        entries.add(entry);
    }

    @Override
    public void event(LeaseEvent event) {
        // Only the time counts.
    }
}
