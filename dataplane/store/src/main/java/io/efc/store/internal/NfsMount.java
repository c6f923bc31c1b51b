package io.efc.store.internal;

import io.efc.nfs.NfsConfig;
import io.efc.nfs.NfsVersion;
import io.efc.store.StoreConfig;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An NFS mount point and its options, in the words of nfs(5): {@code nfs://host:/path}, {@code nfs://host/path}, {@code nfs://host:port/path},
 * {@code nfs://host:port:/path}, {@code [v6 address]} for the host. {@code cpfs://} is the same with {@code vers=3} by default.
 *
 * @param locks byte-range locks are taken on the server; {@code nolock} says otherwise
 */
record NfsMount(NfsConfig config, boolean locks) {
    private static final Set<String> KEYS = Set.of(
            "port",
            "mountport",
            "nconnect",
            "vers",
            "nfsvers",
            "rsize",
            "wsize",
            "timeo",
            "retrans",
            "hard",
            "soft",
            "resvport",
            "noresvport",
            "lock",
            "nolock",
            "proto",
            "sec",
            "connecttimeo",
            "dirtybytes");

    private static final Pattern PLACE =
            Pattern.compile("(nfs|cpfs)://(\\[[0-9a-fA-F:.%]+]|[^/:\\[\\]]+)(?::(\\d+))?:?(/.*)");

    private static final int RETRANS = 2;

    /** @throws IllegalArgumentException naming what is wrong and what would be accepted */
    static NfsMount parse(StoreConfig store) {
        String mountPoint = store.mountPoint();
        Matcher place = PLACE.matcher(mountPoint);
        if (!place.matches()) {
            throw new IllegalArgumentException("mountPoint '" + mountPoint
                    + "'; accepted: nfs://host:/path, nfs://host/path, nfs://host:port/path");
        }
        Options options = new Options(mountPoint, store.options(), KEYS);
        String host = place.group(2);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = port(options, place.group(3));
        only(options, "proto", "tcp");
        only(options, "sec", "sys");
        if (options.flag("hard") && options.flag("soft")) {
            throw options.refused("soft", "hard or soft, not both");
        }
        NfsConfig defaults = NfsConfig.of(host, port, place.group(4));
        Duration request = options.tenths("timeo", defaults.requestTimeout());
        int retrans = options.number("retrans", RETRANS, 0, 1000);
        Duration soft = options.flag("soft") ? request.multipliedBy(retrans + 1L) : Duration.ZERO;
        try {
            NfsConfig config = defaults.withVersion(version(options, place.group(1)))
                    .withNconnect(options.number("nconnect", defaults.nconnect(), 1, NfsConfig.NCONNECT_MAX))
                    .withMountPort(options.number("mountport", 0, 0, 65535))
                    .withTransfer(
                            transfer(options, "rsize", defaults.readBytesMax()),
                            transfer(options, "wsize", defaults.writeBytesMax()))
                    .withTimeouts(options.tenths("connecttimeo", defaults.connectTimeout()), request, soft)
                    .withReservedPort(options.flag("resvport") && !options.flag("noresvport"))
                    .withUncommittedBytesMax(options.size("dirtybytes", defaults.uncommittedBytesMax()));
            return new NfsMount(config, !options.flag("nolock"));
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(mountPoint) ? e : new IllegalArgumentException(mountPoint + ": " + message, e);
        }
    }

    private static int port(Options options, @org.jspecify.annotations.Nullable String inPlace) {
        int option = options.number("port", 0, 1, 65535);
        if (inPlace == null) {
            return option == 0 ? NfsConfig.PORT : option;
        }
        int port = inPlace.length() > 5 ? 0 : Integer.parseInt(inPlace);
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + inPlace + " of the mountPoint; accepted: 1 to 65535");
        }
        if (option != 0 && option != port) {
            throw options.refused("port", port + ", which the mountPoint names, or none");
        }
        return port;
    }

    private static NfsVersion version(Options options, String scheme) {
        String key = options.has("nfsvers") ? "nfsvers" : "vers";
        String text = options.text(key);
        if (text == null) {
            return scheme.equals("cpfs") ? NfsVersion.V3 : NfsVersion.V4_1;
        }
        try {
            return NfsVersion.parse(text);
        } catch (IllegalArgumentException e) {
            throw options.refused(key, "3, 4, 4.1, 4.2");
        }
    }

    private static int transfer(Options options, String key, int fallback) {
        long bytes = options.size(key, fallback);
        if (bytes < NfsConfig.TRANSFER_BYTES_LEAST || bytes > NfsConfig.TRANSFER_BYTES_MAX || bytes % 4096 != 0) {
            throw options.refused(
                    key,
                    "multiples of 4096 from " + NfsConfig.TRANSFER_BYTES_LEAST + " to " + NfsConfig.TRANSFER_BYTES_MAX);
        }
        return (int) bytes;
    }

    private static void only(Options options, String key, String value) {
        String text = options.text(key);
        if (text != null && !text.equals(value)) {
            throw options.refused(key, value);
        }
    }
}
