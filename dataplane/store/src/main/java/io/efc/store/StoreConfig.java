package io.efc.store;

import java.util.Map;

/**
 * Where a store is and how to reach it: one of a Dataset's mounts.
 *
 * @param mountPoint scheme and place: {@code nfs://host[:port]:/path}, {@code nfs://host/path}, {@code local:///path}
 * @param options {@code port}, {@code nconnect}, {@code vers} … as the scheme defines them; unknown ones are refused
 * @param readOnly the store refuses changes with EROFS before they reach the server
 */
public record StoreConfig(String mountPoint, Map<String, String> options, boolean readOnly) {
    public StoreConfig {
        options = Map.copyOf(options);
    }
}
