package io.efc.cli.internal;

import io.efc.base.Metrics;
import io.efc.master.Master;
import io.efc.master.MasterConfig;
import io.efc.rpc.MountSpec;
import io.efc.store.StoreConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code efc master}: the members, the ring and the sessions of one runtime. */
@Command(name = "master", hidden = true, description = "Run the master of a runtime.")
final class MasterProcess implements Callable<Integer> {
    @Mixin
    private ProcessOptions process = new ProcessOptions();

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = "--listen", description = "host:port; port 0 for a free one.", defaultValue = "127.0.0.1:0")
    private String listen = "127.0.0.1:0";

    @Option(names = "--state", required = true, description = "Directory of its log.")
    private Path state = Path.of("");

    @Option(names = "--secret-file", required = true, description = "File with the runtime's secret.")
    private Path secretFile = Path.of("");

    @Override
    public Integer call() {
        LogSetup.process();
        StoreConfig config = store.config();
        MountSpec mount = new MountSpec("efc", "/", config.mountPoint(), config.options(), config.readOnly());
        Metrics metrics = new Metrics();
        Master master = Master.start(
                MasterConfig.of(
                        store.runtime,
                        StoreOptions.number(store.runtime),
                        HostPort.parse(listen),
                        state.toAbsolutePath(),
                        Secrets.read(secretFile),
                        List.of(mount)),
                metrics);
        Survey survey = new Survey(config, metrics);
        survey.start();
        return process.serve(HostPort.text(master.address()), metrics, () -> "", new CountDownLatch(1), () -> {
            survey.close();
            master.close();
        });
    }
}
