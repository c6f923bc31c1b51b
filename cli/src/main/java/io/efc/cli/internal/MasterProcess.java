package io.efc.cli.internal;

import io.efc.base.Metrics;
import io.efc.master.Master;
import io.efc.master.MasterConfig;
import io.efc.master.MasterPeers;
import io.efc.master.ReplicatedMaster;
import io.efc.rpc.Address;
import io.efc.rpc.MountSpec;
import io.efc.store.StoreConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--peers",
            description = "Of three masters, this one too: name=host:port,... where they listen for each other, on a"
                    + " network that only they reach; none: this one is alone.")
    private @Nullable String peers;

    @Option(names = "--name", description = "Which of --peers this one is.")
    private @Nullable String name;

    @Override
    public Integer call() {
        LogSetup.process();
        StoreConfig config = store.config();
        MountSpec mount = new MountSpec("efc", "/", config.mountPoint(), config.options(), config.readOnly());
        Metrics metrics = new Metrics();
        MasterConfig master = MasterConfig.of(
                store.runtime,
                StoreOptions.number(store.runtime),
                HostPort.parse(listen),
                state.toAbsolutePath(),
                Secrets.read(secretFile),
                List.of(mount));
        Survey survey = new Survey(config, metrics);
        if (peers == null) {
            Master alone = started(() -> Master.start(master, metrics));
            survey.start(alone::ufsTotal);
            return serve(alone.address(), alone, survey, metrics, new CountDownLatch(1));
        }
        MasterPeers all = peers(name, peers);
        ReplicatedMaster one = started(() -> ReplicatedMaster.start(master, all, metrics));
        // Each of three counts, so that whoever leads next knows too.
        survey.start(one::ufsTotal);
        int code = serve(one.address(), one, survey, metrics, ended(one));
        String failure = one.failure();
        if (failure != null) {
            throw new Failure(failure);
        }
        return code;
    }

    /** What keeps a master from starting has a message for people. */
    private static <T> T started(Supplier<T> start) {
        try {
            return start.get();
        } catch (RuntimeException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    private static CountDownLatch ended(ReplicatedMaster master) {
        CountDownLatch ended = new CountDownLatch(1);
        Thread.ofPlatform().daemon().name("await-end").start(() -> {
            try {
                master.awaitEnd();
                ended.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return ended;
    }

    /** Of three masters only the leader listens at {@code address}; one is ready when it takes part. */
    private int serve(Address address, AutoCloseable master, Survey survey, Metrics metrics, CountDownLatch finished) {
        return process.serve(HostPort.text(address), metrics, () -> "", finished, () -> {
            survey.close();
            master.close();
        });
    }

    static MasterPeers peers(@Nullable String self, String text) {
        if (self == null) {
            throw new Failure("--peers is given without --name; accepted: both or neither");
        }
        Map<String, Address.Tcp> all = new HashMap<>();
        for (String peer : text.split(",", -1)) {
            int at = peer.indexOf('=');
            if (at < 1) {
                throw new Failure("'" + peer + "' in --peers is no master; accepted: name=host:port");
            }
            if (all.put(peer.substring(0, at), HostPort.parse(peer.substring(at + 1))) != null) {
                throw new Failure("--peers names '" + peer.substring(0, at) + "' twice");
            }
        }
        try {
            return new MasterPeers(self, all);
        } catch (IllegalArgumentException e) {
            throw new Failure("--peers: " + e.getMessage(), e);
        }
    }
}
