package io.efc.cli.internal;

import io.efc.base.ByteSize;
import io.efc.base.Metrics;
import io.efc.cache.Medium;
import io.efc.cache.TierConfig;
import io.efc.store.StoreConfig;
import io.efc.store.Stores;
import io.efc.worker.Worker;
import io.efc.worker.WorkerConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code efc worker}: a cache node of one runtime. */
@Command(name = "worker", hidden = true, description = "Run a cache node of a runtime.")
final class WorkerProcess implements Callable<Integer> {
    @Mixin
    private ProcessOptions process = new ProcessOptions();

    @Option(names = "--runtime", description = "namespace/name.", required = true)
    private String runtime = "";

    @Option(names = "--id", required = true, description = "Its name in the ring, the same after a restart.")
    private String id = "";

    @Option(names = "--node", required = true, description = "Where it runs.")
    private String node = "";

    @Option(
            names = "--master",
            required = true,
            description = "host:port of the master, or of all separated by commas.")
    private String master = "";

    @Option(names = "--secret-file", required = true, description = "File with the runtime's secret.")
    private Path secretFile = Path.of("");

    @Option(names = "--listen", description = "host:port; port 0 for a free one.", defaultValue = "127.0.0.1:0")
    private String listen = "127.0.0.1:0";

    @Option(names = "--socket", description = "Unix socket for clients of this node.")
    private @Nullable Path socket;

    @Option(
            names = "--tier",
            required = true,
            paramLabel = "MEDIUM:DIRECTORY:BYTES:HIGH:LOW",
            converter = TierOption.Converter.class,
            description = "A tier; may be given often, fastest first.")
    private List<TierOption> tiers = List.of();

    @Override
    public Integer call() {
        LogSetup.process();
        Metrics metrics = new Metrics();
        List<TierConfig> configs = tiers.stream()
                .map(t -> new TierConfig(
                        Medium.valueOf(t.medium()), t.directory(), new ByteSize(t.quota()), t.high(), t.low()))
                .toList();
        WorkerConfig config = WorkerConfig.of(
                id,
                node,
                HostPort.any(master),
                Secrets.read(secretFile),
                StoreOptions.number(runtime),
                HostPort.parse(listen),
                socket,
                configs);
        Worker worker = start(config, metrics);
        return process.serve(worker.member().address(), metrics, () -> "", new CountDownLatch(1), worker::close);
    }

    /** Starts a worker that opens the stores which its master names. */
    static Worker start(WorkerConfig config, Metrics metrics) {
        return Worker.start(
                config, m -> Stores.open(new StoreConfig(m.mountPoint(), m.options(), m.readOnly()), metrics), metrics);
    }
}
