package io.efc.cli.internal;

import io.efc.base.Credentials;
import io.efc.client.ClientConfig;
import io.efc.store.StoreException;
import io.efc.store.Stores;
import io.efc.store.UnderStore;
import io.efc.testing.support.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The steps of {@code efc up}: NFS server, store check, secret, masters, workers, mounts; each waits until what it started can be used.
 * What was started before a failure is the caller's to tear down.
 */
final class Startup {
    private static final Duration PROCESS_LIMIT = Duration.ofSeconds(60);

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

    /** The mounts that `up` makes, on the first nodes. */
    private static final int MOUNTS = 2;

    private final RunDirectory run;
    private final Blueprint blueprint;
    private final Spawner spawner;
    private final StepDisplay display;

    Startup(RunDirectory run, Blueprint blueprint, Spawner spawner, StepDisplay display) {
        this.run = run;
        this.blueprint = blueprint;
        this.spawner = spawner;
        this.display = display;
    }

    void run() {
        checkMachine();
        NfsPlace nfs = blueprint.nfs();
        if (nfs != null) {
            reachServer(nfs);
        }
        display.step("looking at " + blueprint.store().mountPoint());
        checkStore();
        Secrets.generate(run.secret());
        display.step(blueprint.masters() == 1 ? "starting the master" : "starting 3 masters");
        String masters = startMasters();
        display.step("starting " + blueprint.workers() + " workers");
        startWorkers(masters);
        display.step("mounting");
        startMounts(masters);
        display.done();
    }

    /** What would make a mount fail later is told before anything is started. */
    private void checkMachine() {
        if (RunDirectory.uid() != 0) {
            throw new Failure("mounting needs root and this is uid " + RunDirectory.uid() + "; run sudo efc up");
        }
        Path fuse = Path.of("/dev/fuse");
        if (!Files.isWritable(fuse)) {
            throw new Failure("there is no usable " + fuse
                    + "; load the module (modprobe fuse), or give the container the device");
        }
        for (int i = 1; i <= MOUNTS; i++) {
            MountPoint.check(mountPoint(i), true);
        }
    }

    private Path mountPoint(int node) {
        return run.mounts().resolve(blueprint.name()).resolve("node-" + node);
    }

    /** Uses the server that the manifest names; starts one if it is this machine's and nobody is there. */
    private void reachServer(NfsPlace nfs) {
        String why = nfs.unreachable(CONNECT_LIMIT);
        if (why == null) {
            return;
        }
        if (!nfs.isLoopback()) {
            throw blueprint
                    .dataset()
                    .refuse(
                            "spec.mounts[0].mountPoint",
                            "no NFS server can be reached at " + nfs.host() + " port " + nfs.port() + ": " + why
                                    + "; accepted: the address of a running one (option port if it is not 2049)");
        }
        boolean v3 = blueprint.store().options().getOrDefault("vers", "4").startsWith("3");
        requireNfsServer();
        if (v3) {
            Packages.require("rpcbind", "NFSv3", "rpcbind");
        }
        display.step("starting an NFS server on port " + nfs.port());
        List<String> arguments = new ArrayList<>(List.of(
                "--directory",
                ExampleExport.create(run).toString(),
                "--state",
                run.nfs().toString(),
                "--export",
                nfs.path(),
                "--port",
                Integer.toString(nfs.port())));
        if (v3) {
            arguments.add("--v3");
        }
        ProcessRecord record =
                spawner.spawn("nfs-server", "nfs-server", "-", run.export().toString(), arguments);
        spawner.awaitReady(record, PROCESS_LIMIT);
    }

    /** Makes sure that the NFS server of a machine that has none is installed. */
    static void requireNfsServer() {
        Packages.require("ganesha.nfsd", "the NFS server", "nfs-ganesha", "nfs-ganesha-vfs");
    }

    /** Opens the store once here: a wrong export or a refusal is then told with the field that names it. */
    private void checkStore() {
        try (UnderStore store = Stores.open(blueprint.store())) {
            store.getattr(Credentials.ROOT, store.root().handle());
        } catch (StoreException e) {
            throw blueprint
                    .dataset()
                    .refuse(
                            "spec.mounts[0].mountPoint",
                            "'" + blueprint.store().mountPoint() + "' cannot be used: " + e.getMessage()
                                    + "; accepted: an export that this machine may mount");
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            String field = message.startsWith("mountPoint") ? "mountPoint" : "options";
            throw blueprint.dataset().refuse("spec.mounts[0]." + field, message);
        }
    }

    /** The addresses of the master, or of three of which one leads, as {@code --master} takes them. */
    private String startMasters() {
        if (blueprint.masters() == 1) {
            return spawner.awaitReady(startMaster("master", 1, List.of()), PROCESS_LIMIT)
                    .address();
        }
        List<String> names = IntStream.rangeClosed(1, blueprint.masters())
                .mapToObj(i -> "master-" + i)
                .toList();
        String peers = names.stream().map(n -> n + "=127.0.0.1:" + Ports.free()).collect(Collectors.joining(","));
        List<ProcessRecord> starting = new ArrayList<>();
        for (String name : names) {
            List<String> place = List.of("--listen", "127.0.0.1:" + Ports.free(), "--peers", peers, "--name", name);
            starting.add(startMaster(name, starting.size() + 1, place));
        }
        List<ProcessRecord> ready =
                starting.stream().map(r -> spawner.awaitReady(r, PROCESS_LIMIT)).toList();
        Masters.awaitLeader(run, PROCESS_LIMIT);
        return ready.stream().map(ProcessRecord::address).collect(Collectors.joining(","));
    }

    private ProcessRecord startMaster(String name, int node, List<String> place) {
        List<String> arguments = StoreOptions.arguments(runtime(), blueprint.store());
        arguments.addAll(List.of(
                "--state",
                run.state(name).toString(),
                "--secret-file",
                run.secret().toString()));
        arguments.addAll(place);
        return spawner.spawn(name, "master", "node-" + node, null, arguments);
    }

    private void startWorkers(String masters) {
        List<ProcessRecord> starting = new ArrayList<>();
        for (int i = 1; i <= blueprint.workers(); i++) {
            String name = "worker-" + i;
            List<String> arguments = new ArrayList<>(List.of(
                    "--runtime",
                    runtime(),
                    "--id",
                    name,
                    "--node",
                    "node-" + i,
                    "--master",
                    masters,
                    "--secret-file",
                    run.secret().toString(),
                    "--socket",
                    run.records().resolve(name + ".sock").toString()));
            List<String> directories = new ArrayList<>();
            for (Blueprint.Tier tier : blueprint.tiers()) {
                Path directory = tier.parent().resolve(run.volatileName()).resolve(name);
                directories.add(directory.toString());
                arguments.add("--tier");
                arguments.add(new TierOption(tier.medium().name(), directory, tier.quota(), tier.high(), tier.low())
                        .toString());
            }
            starting.add(spawner.spawn(name, "worker", "node-" + i, String.join(",", directories), arguments));
        }
        starting.forEach(r -> spawner.awaitReady(r, PROCESS_LIMIT));
    }

    private void startMounts(String masters) {
        List<ProcessRecord> starting = new ArrayList<>();
        for (int i = 1; i <= MOUNTS; i++) {
            Path target = mountPoint(i);
            List<String> arguments = StoreOptions.arguments(runtime(), blueprint.store());
            arguments.addAll(List.of(
                    "--target",
                    target.toString(),
                    "--state",
                    run.state("client-" + i).toString(),
                    "--node",
                    "node-" + i,
                    "--master",
                    masters,
                    "--secret-file",
                    run.secret().toString(),
                    "--consistency",
                    blueprint.consistency().toString()));
            if (blueprint.consistency() instanceof ClientConfig.Strong strong) {
                arguments.addAll(List.of(
                        "--ufs-check-interval", strong.ufsCheckInterval().toMillis() + "ms"));
            }
            starting.add(spawner.spawn("client-" + i, "client", "node-" + i, target.toString(), arguments));
        }
        starting.forEach(r -> spawner.awaitReady(r, PROCESS_LIMIT));
    }

    private String runtime() {
        return blueprint.namespace() + "/" + blueprint.name();
    }
}
