package io.efc.cli.internal;

import io.efc.store.StoreConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where an NFS server is and what it exports.
 *
 * @param host name or address
 * @param port NFS's
 * @param path the export
 */
record NfsPlace(String host, int port, String path) {
    private static final int PORT = 2049;

    private static final Pattern MOUNT_POINT =
            Pattern.compile("nfs://(?<host>\\[[0-9a-fA-F:]+\\]|[^:/]+)(:(?<port>[0-9]+))?:?(?<path>/.*)?");

    /** The place of an {@code nfs://} store; null for another kind. */
    static @Nullable NfsPlace of(StoreConfig store) {
        Matcher m = MOUNT_POINT.matcher(store.mountPoint());
        if (!m.matches()) {
            return null;
        }
        String port = store.options().getOrDefault("port", m.group("port") == null ? "" + PORT : m.group("port"));
        String host = m.group("host").replaceAll("[\\[\\]]", "");
        try {
            return new NfsPlace(host, Integer.parseInt(port), m.group("path") == null ? "/" : m.group("path"));
        } catch (NumberFormatException e) {
            throw new Failure("option port: '" + port + "' is no port; accepted: 1 to 65535", e);
        }
    }

    /** Whether it is this machine. */
    boolean isLoopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Why no connection can be made, or null if one can. */
    @Nullable
    String unreachable(Duration limit) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByName(host), port), (int) limit.toMillis());
            return null;
        } catch (UnknownHostException e) {
            return "there is no host '" + host + "'";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
