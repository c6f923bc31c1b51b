package io.efc.cli.internal;

import io.efc.rpc.Address;
import java.net.InetSocketAddress;

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

    static InetSocketAddress socket(String text) {
        Address.Tcp address = parse(text);
        return new InetSocketAddress(address.host(), address.port());
    }

    static String text(Address address) {
        return address instanceof Address.Tcp tcp ? tcp.host() + ":" + tcp.port() : address.toString();
    }
}
