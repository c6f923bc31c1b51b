package io.efc.client.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.efc.base.ByteSize;
import io.efc.base.Metrics;
import io.efc.cache.Medium;
import io.efc.cache.TierConfig;
import io.efc.master.Master;
import io.efc.master.MasterConfig;
import io.efc.rpc.Address;
import io.efc.rpc.MountSpec;
import io.efc.rpc.Secret;
import io.efc.worker.StoreOpener;
import io.efc.worker.Worker;
import io.efc.worker.WorkerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A master and workers in this process, on real sockets and real memory tiers; everything ends with it. */
final class RingCacheFixture implements AutoCloseable {
    static final long DATASET = 42;
    static final Secret SECRET = new Secret("a secret of the tests".getBytes(UTF_8));

    final RingCacheStore store = new RingCacheStore();
    final Metrics metrics = new Metrics();
    final Path dir;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final int blockBytes;
    private final int replicas;
    private Address masterAddress = new Address.Tcp("127.0.0.1", 0);
    private Master master;

    RingCacheFixture(int blockBytes, int replicas) {
        this.blockBytes = blockBytes;
        this.replicas = replicas;
        try {
            this.dir = Files.createTempDirectory(Path.of("/dev/shm"), "efc-cluster-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.master = startMaster();
    }

    Master startMaster() {
        master = Master.start(
                new MasterConfig(
                        "default/test",
                        DATASET,
                        masterAddress,
                        dir.resolve("master"),
                        SECRET,
                        Duration.ofMillis(100),
                        Duration.ofMillis(1500),
                        List.of(new MountSpec("m", "/", "local:///nowhere", Map.of(), false)),
                        blockBytes,
                        replicas),
                metrics);
        masterAddress = master.address();
        open.push(master);
        return master;
    }

    Master master() {
        return master;
    }

    Address masterAddress() {
        return masterAddress;
    }

    WorkerConfig workerConfig(String id, String node, long quota) {
        return WorkerConfig.of(
                id,
                node,
                masterAddress,
                SECRET,
                DATASET,
                new Address.Tcp("127.0.0.1", 0),
                dir.resolve(id + ".sock"),
                List.of(new TierConfig(Medium.MEM, dir.resolve(id), new ByteSize(quota))));
    }

    Worker worker(String id, String node, long quota) {
        return worker(workerConfig(id, node, quota), store::open);
    }

    Worker worker(WorkerConfig config, StoreOpener opener) {
        Worker w = Worker.start(config, opener, new Metrics());
        open.push(w);
        return w;
    }

    RingCacheConfig clientConfig(String node, String session) {
        return RingCacheConfig.of(masterAddress, SECRET, DATASET, node, session, "/mnt/" + session);
    }

    RingCache client(String node, String session) {
        return client(clientConfig(node, session));
    }

    RingCache client(RingCacheConfig config) {
        RingCache c = RingCache.connect(config, new Metrics());
        open.push(c);
        return c;
    }

    <T extends AutoCloseable> T closeLater(T c) {
        open.push(c);
        return c;
    }

    @Override
    public void close() {
        try {
            for (AutoCloseable c : open) {
                c.close();
            }
            delete(dir);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static void delete(Path dir) throws IOException {
        try (Stream<Path> all = Files.walk(dir)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(p);
            }
        }
    }
}
