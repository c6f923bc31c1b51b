package io.efc.rpc;

import io.efc.base.Check;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where a process listens: {@code host:port}, {@code [v6]:port}, several of these, or {@code unix:/path}. */
public sealed interface Address {
    /**
     * A TCP port.
     *
     * @param port 0 asks a server for any free one
     */
    record Tcp(String host, int port) implements Address {
        public Tcp {
            Check.argument(!host.isEmpty(), "a host is empty");
            Check.argument(port >= 0 && port <= 65535, "port %d is not within 0 to 65535", port);
        }

        @Override
        public String toString() {
            return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
        }
    }

    /** A unix socket; at most 107 bytes of path. */
    record Unix(Path path) implements Address {
        public Unix {
            int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
            Check.argument(bytes <= 107, "a unix socket's path has %d bytes, more than 107", bytes);
        }

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /** Several, of which one serves at a time; a client tries them in turn. {@code toString} separates them by commas. */
    record AnyOf(List<Tcp> addresses) implements Address {
        public AnyOf {
            addresses = List.copyOf(addresses);
            Check.argument(
                    addresses.size() >= 2 && addresses.size() <= 9, "%d addresses, not 2 to 9", addresses.size());
        }

        @Override
        public String toString() {
            return addresses.stream().map(Tcp::toString).collect(Collectors.joining(","));
        }
    }

    /**
     * Reads what {@code toString} writes.
     *
     * @throws IllegalArgumentException naming the text and what is accepted
     */
    static Address parse(String text) {
        if (text.startsWith("unix:/")) {
            return new Unix(Path.of(text.substring(5)));
        }
        if (text.indexOf(',') >= 0) {
            return new AnyOf(
                    Stream.of(text.split(",", -1)).map(Address::parseTcp).toList());
        }
        return parseTcp(text);
    }

    private static Tcp parseTcp(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (!host.isEmpty() && port >= 0 && port <= 65535) {
                return new Tcp(host, port);
            }
        } catch (NumberFormatException e) {
            // Falls through to the one message.
        }
        throw new IllegalArgumentException("'" + text + "' is no address; accepted: host:port, [v6]:port, several of"
                + " these separated by commas, unix:/path");
    }
}
