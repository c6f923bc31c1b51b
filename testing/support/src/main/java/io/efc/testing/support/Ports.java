package io.efc.testing.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free TCP ports of the loopback address. They lie below Linux's range for outgoing connections (32768 and up): a client that calls a
 * server which is down cannot be given the server's own port then, and so cannot end up connected to itself.
 */
public final class Ports {
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Ports() {}

    /** A port that nobody listens on and that this process has not been given before. */
    public static int free() {
        for (int i = 0; i < 10_000; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            synchronized (GIVEN) {
                if (isFree(port) && GIVEN.add(port)) {
                    return port;
                }
            }
        }
        throw new IllegalStateException("no free TCP port between " + FIRST + " and " + LAST);
    }

    /** Whether a server could listen on {@code port} of 127.0.0.1 now. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
