package io.efc.cli.internal;

import io.efc.client.ClientConfig;
import io.efc.store.StoreConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code efc mount}: one mount of a store, without a cluster. */
@Command(
        name = "mount",
        description = "Mount a store at a directory, without a cluster.",
        footer = {
            "",
            "efc mount nfs://nas.example.com:/export /mnt/data -o nconnect=4",
            "efc mount local:///srv/data /mnt/data -o ro"
        })
final class MountCommand implements Callable<Integer> {
    private static final Duration READY_LIMIT = Duration.ofSeconds(60);

    @Parameters(index = "0", paramLabel = "STORE", description = "nfs://host[:port]:/path or local:///path.")
    private String source = "";

    @Parameters(index = "1", paramLabel = "DIRECTORY", description = "An empty directory.")
    private Path target = Path.of("");

    @Option(
            names = "-o",
            paramLabel = "OPTION",
            split = ",",
            description =
                    "ro, consistency=close-to-open or ttl=<duration>, and the store's options as name=value: port, nconnect, vers ...")
    private List<String> options = new ArrayList<>();

    @Override
    public Integer call() {
        Path at = MountPoint.canonical(target);
        List<String> storeOptions = new ArrayList<>(options);
        String consistency = "ttl=1s";
        for (String option : options) {
            if (option.startsWith("consistency=")) {
                consistency = consistency(option.substring("consistency=".length()));
                storeOptions.remove(option);
            }
        }
        StoreConfig store = store(source, storeOptions);
        MountPoint.check(at, false);
        RunDirectory run = RunDirectory.standard().create();
        Spawner spawner = new Spawner(run);
        String name = "mount-" + Integer.toHexString(at.toString().hashCode());
        List<String> arguments = StoreOptions.arguments("default/" + name, store);
        arguments.addAll(List.of(
                "--target", at.toString(), "--state", run.state(name).toString(), "--consistency", consistency));
        ProcessRecord record = spawner.spawn(name, "client", "local", at.toString(), arguments);
        try {
            spawner.awaitReady(record, READY_LIMIT);
        } catch (RuntimeException e) {
            new Teardown(run).one(record);
            throw e;
        }
        System.out.println(source + " is mounted at " + at + "; efc umount " + at + " ends it");
        return 0;
    }

    private static String consistency(String value) {
        try {
            ClientConfig.Consistency parsed = ClientConfig.Consistency.parse(value, Duration.ofSeconds(1));
            if (parsed instanceof ClientConfig.Strong) {
                throw new Failure(
                        "consistency 'strong' needs a master, which efc mount has not; accepted: close-to-open,"
                                + " ttl=<duration>");
            }
            return value;
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    /** The store that a command line names. */
    static StoreConfig store(String source, List<String> options) {
        if (!source.startsWith("nfs://") && !source.startsWith("local://")) {
            throw new Failure("the store '" + source + "' is not supported; accepted: nfs://host:/path, local:///path");
        }
        Map<String, String> values = new HashMap<>();
        boolean readOnly = false;
        for (String option : options) {
            int equals = option.indexOf('=');
            if (option.equals("ro") || option.equals("rw")) {
                readOnly = option.equals("ro");
            } else if (equals <= 0) {
                throw new Failure(
                        "option '" + option + "' has no value; accepted: ro, rw, or name=value such as nconnect=4");
            } else {
                values.put(option.substring(0, equals), option.substring(equals + 1));
            }
        }
        return new StoreConfig(source, values, readOnly);
    }
}
