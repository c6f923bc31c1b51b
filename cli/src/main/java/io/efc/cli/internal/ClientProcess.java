package io.efc.cli.internal;

import io.efc.base.Durations;
import io.efc.base.Metrics;
import io.efc.client.ClientConfig;
import io.efc.client.ClientConfig.Cluster;
import io.efc.client.ClientMount;
import io.efc.fuse.FuseConfig;
import io.efc.store.StoreConfig;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code efc client}: one mount. It ends when it is told to, and when its mount is taken away. */
@Command(name = "client", hidden = true, description = "Run one mount.")
final class ClientProcess implements Callable<Integer> {
    @Mixin
    private ProcessOptions process = new ProcessOptions();

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = "--target", required = true, description = "An empty directory.")
    private Path target = Path.of("");

    @Option(names = "--state", required = true, description = "Directory of its tables and of bytes not yet written.")
    private Path state = Path.of("");

    @Option(
            names = "--node",
            description = "Where it runs: workers of the same node are local.",
            defaultValue = "local")
    private String node = "local";

    @Option(
            names = "--master",
            description = "host:port of the master, or of all separated by commas; none: no distributed cache.")
    private @Nullable String master;

    @Option(names = "--secret-file", description = "File with the runtime's secret.")
    private @Nullable Path secretFile;

    @Option(
            names = "--consistency",
            paramLabel = "KIND",
            description =
                    "strong (needs --master), close-to-open or ttl=<duration>; default: strong with a master, else ttl=1s.")
    private @Nullable String consistency;

    @Option(
            names = "--ufs-check-interval",
            paramLabel = "DURATION",
            description = "A strong mount looks for changes made directly in the store so often.",
            defaultValue = "30s")
    private String ufsCheckInterval = "30s";

    @Override
    public Integer call() throws InterruptedException {
        LogSetup.process();
        Metrics metrics = new Metrics();
        ClientMount mount = ClientMount.start(config(), metrics);
        CountDownLatch finished = new CountDownLatch(1);
        Thread.ofPlatform().daemon().name("await-unmount").start(() -> {
            try {
                mount.awaitEnd();
                finished.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return process.serve(target.toString(), metrics, () -> "", finished, mount::close);
    }

    private ClientConfig config() {
        StoreConfig config = store.config();
        String name = store.runtime.substring(store.runtime.indexOf('/') + 1);
        FuseConfig fuse = FuseConfig.defaults("efc:" + name);
        return new ClientConfig(
                target,
                name,
                StoreOptions.number(store.runtime),
                List.of(new ClientConfig.Mount("/", config)),
                new FuseConfig(
                        fuse.fsName(),
                        fuse.subtype(),
                        config.readOnly(),
                        fuse.allowOther(),
                        fuse.defaultPermissions(),
                        fuse.readers(),
                        fuse.maxWriteBytes(),
                        fuse.maxReadaheadBytes(),
                        fuse.maxBackground(),
                        fuse.writebackCache(),
                        fuse.passthrough(),
                        fuse.explicitInvalidation()),
                consistency(),
                ClientConfig.Readahead.DEFAULT,
                ClientConfig.Writeback.DEFAULT,
                Optional.empty(),
                state,
                ClientConfig.INODES_MAX,
                cluster());
    }

    private ClientConfig.Consistency consistency() {
        String kind = consistency != null ? consistency : master != null ? "strong" : "ttl=1s";
        try {
            ClientConfig.Consistency parsed = ClientConfig.Consistency.parse(kind, Durations.parse(ufsCheckInterval));
            if (parsed instanceof ClientConfig.Strong && master == null) {
                throw new Failure("consistency 'strong' needs a master (--master); accepted without one: close-to-open,"
                        + " ttl=<duration>");
            }
            return parsed;
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    private Optional<Cluster> cluster() {
        if (master == null) {
            return Optional.empty();
        }
        if (secretFile == null) {
            throw new Failure("--master is given without --secret-file; accepted: both or neither");
        }
        List<InetSocketAddress> masters = HostPort.several(master).stream()
                .map(m -> new InetSocketAddress(m.host(), m.port()))
                .toList();
        return Optional.of(new Cluster(masters, Secrets.bytes(secretFile), node));
    }
}
