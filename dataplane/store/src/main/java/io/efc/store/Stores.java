package io.efc.store;

import io.efc.base.Metrics;
import io.efc.store.internal.NfsUnderStore;
import io.efc.store.internal.Options;
import io.efc.store.internal.ReadOnlyStore;
import io.efc.store.internal.local.LocalStore;
import java.nio.file.Path;
import java.util.Set;

/** Opens stores by their mount point's scheme. */
public final class Stores {
    private static final String ACCEPTED = "; accepted: nfs://host:/path, cpfs://host:/path, local:///path";

    private Stores() {}

    /**
     * Opens a store; an NFS server must answer now.
     *
     * <p>Schemes: {@code local:///path} has no options. {@code nfs://} and {@code cpfs://} have those of nfs(5) that make sense without a
     * kernel mount: {@code port}, {@code mountport}, {@code nconnect}, {@code vers} (3, 4.1, 4.2), {@code rsize}, {@code wsize}, {@code
     * timeo}, {@code retrans}, {@code hard}, {@code soft}, {@code resvport}, {@code nolock}, {@code proto}, {@code sec}; and {@code
     * connecttimeo} (tenths of a second for the first connection) and {@code dirtybytes} (memory for writes that are not committed).
     *
     * @throws IllegalArgumentException if the mount point or an option is malformed, unknown or out of range: the message names it and what is
     *     accepted
     * @throws StoreException if the place cannot be reached, is not exported, or refuses access
     */
    public static UnderStore open(StoreConfig config) {
        return open(config, new Metrics());
    }

    /** As {@link #open(StoreConfig)}; what the store counts goes to {@code metrics}. */
    public static UnderStore open(StoreConfig config, Metrics metrics) {
        String mountPoint = config.mountPoint();
        int colon = mountPoint.indexOf("://");
        String scheme = colon < 0 ? "" : mountPoint.substring(0, colon);
        UnderStore store = switch (scheme) {
            case "local" -> local(config);
            case "nfs", "cpfs" -> NfsUnderStore.connect(config, metrics);
            default -> throw new IllegalArgumentException("mountPoint '" + mountPoint + "'" + ACCEPTED);
        };
        return config.readOnly() ? new ReadOnlyStore(store) : store;
    }

    private static UnderStore local(StoreConfig config) {
        String path = config.mountPoint().substring("local://".length());
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("mountPoint '" + config.mountPoint() + "'; accepted: local:///path");
        }
        new Options(config.mountPoint(), config.options(), Set.of());
        return new LocalStore(Path.of(path));
    }
}
