package io.efc.client.internal;

import io.efc.client.ClientConfig;
import io.efc.lease.LeaseConfig;
import io.efc.lease.LeaseEvent;
import io.efc.lease.LeaseMaster;
import io.efc.lease.LeaseRecord;
import io.efc.lease.LogEntry;
import io.efc.lease.MasterSink;
import io.efc.lease.ToClient;
import io.efc.lease.ToMaster;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A master of leases in this process, whose messages can be lost; it can be stopped and begun anew with what its log has. */
public final class InProcessMaster implements LeaseLink.Source, AutoCloseable {
    private final LeaseConfig config;
    private final int lossPercent;
    private final Random chance = new Random(7);
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("in-process-master").factory());
    private final Map<Long, Consumer<ToClient>> clients = new ConcurrentHashMap<>();
    private final LeaseRecord record = new LeaseRecord();
    private LeaseMaster master;
    private long epoch = 1;
    private boolean stopped;
    private int links;
    private final Set<Integer> cut = ConcurrentHashMap.newKeySet();

    /** @param lossPercent how many of the messages in each direction are lost */
    public InProcessMaster(LeaseConfig config, int lossPercent) {
        this.config = config;
        this.lossPercent = lossPercent;
        master = new LeaseMaster(config, epoch, record, System.nanoTime());
        ScheduledFuture<?> _ = thread.scheduleAtFixedRate(this::tick, 10, 10, TimeUnit.MILLISECONDS);
    }

    /** Stops answering, as one that was killed. */
    public void stop() {
        thread.execute(() -> stopped = true);
    }

    /** Another master takes over. */
    public void begin() {
        thread.execute(() -> {
            stopped = false;
            master = new LeaseMaster(config, ++epoch, record, System.nanoTime());
        });
    }

    /** Nothing goes between the master and the mount that connected as the {@code link}th, from 1, until called with false. */
    public void cut(int link, boolean on) {
        if (on) {
            cut.add(link);
        } else {
            cut.remove(link);
        }
    }

    private void tick() {
        if (!stopped) {
            long now = System.nanoTime();
            master.confirmLeadership(now + config.times().lifeNanos());
            master.tick(now, sink);
        }
    }

    @Override
    public LeaseConfig rules(long dataset, boolean readOnly) {
        return config;
    }

    @Override
    public LeaseLink connect(ClientConfig.Cluster cluster, Consumer<ToClient> received) {
        int link = ++links;
        Consumer<ToClient> reached = message -> {
            if (!cut.contains(link)) {
                received.accept(message);
            }
        };
        return new LeaseLink() {
            @Override
            public void send(ToMaster message) {
                clients.put(message.session(), reached);
                thread.execute(() -> {
                    if (!stopped && !isLost() && !cut.contains(link)) {
                        master.onMessage(System.nanoTime(), message, sink);
                    }
                });
            }

            @Override
            public void close() {
                clients.values().remove(reached);
            }
        };
    }

    private boolean isLost() {
        return chance.nextInt(100) < lossPercent;
    }

    private final MasterSink sink = new MasterSink() {
        @Override
        public void send(ToClient message) {
            Consumer<ToClient> client = clients.get(message.session());
            if (client != null && !isLost()) {
                client.accept(message);
            }
        }

        @Override
        public void replicate(LogEntry entry) {
            thread.execute(() -> {
                record.apply(entry);
                master.onCommitted(System.nanoTime(), entry, this);
            });
        }

        @Override
        public void event(LeaseEvent event) {
            // Counted by the clients.
        }
    };

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
