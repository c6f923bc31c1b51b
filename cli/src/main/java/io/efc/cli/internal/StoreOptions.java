package io.efc.cli.internal;

import io.efc.store.StoreConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A process's dataset on its command line. */
final class StoreOptions {
    @Option(names = "--runtime", description = "namespace/name.", defaultValue = "default/local")
    String runtime = "default/local";

    @Option(names = "--store", required = true, description = "nfs://host:/path or local:///path.")
    private String store = "";

    @Option(names = "--option", description = "An option of the store as name=value; may be given often.")
    private @Nullable Map<String, String> options;

    @Option(names = "--read-only", description = "Refuse changes.")
    private boolean readOnly;

    StoreConfig config() {
        return new StoreConfig(store, options == null ? Map.of() : new HashMap<>(options), readOnly);
    }

    /** The dataset's number in block names and handshakes: the same on all nodes, whoever computes it. */
    static long number(String runtime) {
        // FNV-1a, 64 bit.
        long h = 0xcbf29ce484222325L;
        for (int i = 0; i < runtime.length(); i++) {
            h = (h ^ runtime.charAt(i)) * 0x100000001b3L;
        }
        return h;
    }

    /** The arguments that say the same to another process. */
    static List<String> arguments(String runtime, StoreConfig store) {
        List<String> arguments = new ArrayList<>(List.of("--runtime", runtime, "--store", store.mountPoint()));
        store.options().forEach((name, value) -> arguments.addAll(List.of("--option", name + "=" + value)));
        if (store.readOnly()) {
            arguments.add("--read-only");
        }
        return arguments;
    }
}
