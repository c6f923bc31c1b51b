package io.efc.cli.internal;

import io.efc.rpc.Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

/** {@code host:port} on command lines and in records. */
final class HostPort {
    private HostPort() {}

    static Address.Tcp parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (colon > 0 && port >= 0 && port < 65536) {
                return new Address.Tcp(text.substring(0, colon), port);
            }
        } catch (NumberFormatException e) {
            // Refused below, like any other text that is no address.
        }
        throw new Failure("'" + text + "' is no address; accepted: host:port, such as 127.0.0.1:14000");
    }

    /** One, or several separated by commas. */
    static List<Address.Tcp> several(String text) {
        return Stream.of(text.split(",", -1)).map(HostPort::parse).toList();
    }

    /** As {@link #several}: who looks for the master tries them in turn. */
    static Address any(String text) {
        List<Address.Tcp> addresses = several(text);
        return addresses.size() == 1 ? addresses.getFirst() : new Address.AnyOf(addresses);
    }

    static InetSocketAddress socket(String text) {
        Address.Tcp address = parse(text);
        return new InetSocketAddress(address.host(), address.port());
    }

    static String text(Address address) {
        return address instanceof Address.Tcp tcp ? tcp.host() + ":" + tcp.port() : address.toString();
    }
}
