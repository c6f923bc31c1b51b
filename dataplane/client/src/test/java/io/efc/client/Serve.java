package io.efc.client;

import io.efc.base.ByteSize;
import io.efc.base.Metrics;
import io.efc.client.internal.Client;
import io.efc.client.internal.InProcessMaster;
import io.efc.client.internal.NoWorkers;
import io.efc.fuse.FuseConfig;
import io.efc.lease.LeaseConfig;
import io.efc.store.StoreConfig;
import io.efc.store.Stores;
import io.efc.store.UnderStore;
import io.efc.store.internal.local.LocalStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The process that serves a mount in tests: {@code Serve <mount point> <state directory> <key=value>...}. Says {@code ready} when it is
 * mounted, ends when its input does; {@code metrics} on its input writes the metrics to {@code <state directory>.metrics}.
 *
 * <p>Keys: {@code store} (a directory, {@code path:directory,...}, or an nfs:// place), {@code nfs.*} (its options), {@code silly} (open files die with their names), {@code writeback},
 * {@code passthrough}, {@code strong} (percent of lost messages; a second mount at {@code <mount point>-2} has leases of the same master, which
 * {@code stop master} and {@code begin master} on the input stop and begin, and {@code cut} and {@code join} part the first mount from it and
 * bring it back; its options may begin with {@code second.}), {@code ttl} (milliseconds), {@code cache} (directory of a node cache), {@code readonly}.
 */
public final class Serve {
    private Serve() {}

    /** See the class. */
    public static void main(String[] args) throws IOException {
        Map<String, String> options = new HashMap<>();
        for (int i = 2; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            options.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        Metrics metrics = new Metrics();
        boolean silly = Boolean.parseBoolean(options.getOrDefault("silly", "false"));
        int loss = Integer.parseInt(options.getOrDefault("strong", "0"));
        boolean readOnly = Boolean.parseBoolean(options.getOrDefault("readonly", "false"));
        InProcessMaster master = new InProcessMaster(LeaseConfig.of(readOnly ? Set.of(1L) : Set.of()), loss);
        Client.Sources sources = new Client.Sources(s -> open(s, silly), c -> new NoWorkers(), master);
        Path at = Path.of(args[0]);
        Path state = Path.of(args[1]);
        ClientMount mount = ClientMount.start(config(at, state, options), metrics, sources);
        Map<String, String> others = new HashMap<>(options);
        options.forEach((k, v) -> {
            if (k.startsWith("second.")) {
                others.put(k.substring("second.".length()), v);
            }
        });
        ClientMount second = options.containsKey("strong")
                ? ClientMount.start(
                        config(Path.of(args[0] + "-2"), Path.of(args[1] + "-2"), others), new Metrics(), sources)
                : null;
        try {
            System.out.println("ready");
            System.out.flush();
            StringBuilder line = new StringBuilder();
            for (int c = System.in.read(); c >= 0; c = System.in.read()) {
                if (c != '\n') {
                    line.append((char) c);
                    continue;
                }
                if (line.toString().equals("stop master")) {
                    master.stop();
                } else if (line.toString().equals("begin master")) {
                    master.begin();
                } else if (line.toString().equals("cut") || line.toString().equals("join")) {
                    master.cut(1, line.toString().equals("cut"));
                } else if (line.toString().equals("metrics")) {
                    StringBuilder text = new StringBuilder();
                    metrics.writePrometheus(text);
                    Files.writeString(Path.of(state + ".metrics"), text);
                    System.out.println("written");
                    System.out.flush();
                }
                line.setLength(0);
            }
        } finally {
            mount.close();
            if (second != null) {
                second.close();
            }
            master.close();
        }
        System.out.println("ended");
    }

    private static UnderStore open(StoreConfig config, boolean silly) {
        if (!config.mountPoint().startsWith("local:")) {
            return Stores.open(config);
        }
        LocalStore store = new LocalStore(Path.of(config.mountPoint().substring("local://".length())));
        return silly ? new ForgetfulStore(store) : store;
    }

    private static ClientConfig config(Path mountPoint, Path state, Map<String, String> options) {
        boolean writeback = Boolean.parseBoolean(options.getOrDefault("writeback", "false"));
        boolean passthrough = Boolean.parseBoolean(options.getOrDefault("passthrough", "false"));
        boolean readOnly = Boolean.parseBoolean(options.getOrDefault("readonly", "false"));
        Duration ttl = Duration.ofMillis(Long.parseLong(options.getOrDefault("ttl", "1000")));
        FuseConfig d = FuseConfig.defaults("efc:test");
        FuseConfig fuse = new FuseConfig(
                d.fsName(),
                d.subtype(),
                readOnly,
                d.allowOther(),
                d.defaultPermissions(),
                8,
                d.maxWriteBytes(),
                d.maxReadaheadBytes(),
                d.maxBackground(),
                writeback,
                passthrough && !writeback,
                false);
        List<ClientConfig.Mount> mounts = new ArrayList<>();
        String[] stores = options.getOrDefault("store", "").split(",", -1);
        for (String store : stores) {
            int colon = store.startsWith("/") ? store.indexOf(':') : -1;
            String path = colon < 0 ? "/" : store.substring(0, colon);
            String place = store.substring(colon + 1);
            Map<String, String> storeOptions = new HashMap<>();
            options.forEach((k, v) -> {
                if (k.startsWith("nfs.")) {
                    storeOptions.put(k.substring(4), v);
                }
            });
            mounts.add(new ClientConfig.Mount(
                    path, new StoreConfig(place.startsWith("/") ? "local://" + place : place, storeOptions, readOnly)));
        }
        Optional<ClientConfig.NodeCache> cache = Optional.ofNullable(options.get("cache"))
                .map(c -> new ClientConfig.NodeCache(Path.of(c), ByteSize.ofMiB(512)));
        return new ClientConfig(
                mountPoint,
                "test",
                1,
                mounts,
                fuse,
                options.containsKey("strong") ? ClientConfig.Strong.DEFAULT : new ClientConfig.Validity(ttl, ttl, ttl),
                ClientConfig.Readahead.DEFAULT,
                ClientConfig.Writeback.DEFAULT,
                cache,
                state,
                1 << 20,
                options.containsKey("strong")
                        ? Optional.of(new ClientConfig.Cluster(
                                InetSocketAddress.createUnresolved("nowhere", 1), new byte[32], "node"))
                        : Optional.empty());
    }
}
