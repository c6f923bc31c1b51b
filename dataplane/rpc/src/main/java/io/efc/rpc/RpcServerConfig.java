package io.efc.rpc;

import io.efc.base.Check;
import java.time.Duration;
import java.util.List;

/**
 * A server of the cluster's protocol.
 *
 * @param name what its threads and log lines are called
 * @param listen one or more addresses; TCP port 0 takes a free one
 * @param dataset peers of another dataset are refused
 * @param connectionsMax authenticated connections, each of which has one thread; more are closed at once
 * @param handshakesMax connections that have not proved themselves yet; one more closes the oldest of them
 * @param inFlightMax requests of one connection in hand; one more is answered BUSY
 * @param bodyBytesMax the longest body of a request
 * @param handshakeTimeout for all frames of the handshake together
 * @param frameTimeout from a frame's first byte to its last, and how long a send may make no progress
 * @param idleTimeout without a frame (a client pings every 10 s)
 */
public record RpcServerConfig(
        String name,
        List<Address> listen,
        Secret secret,
        long dataset,
        int connectionsMax,
        int handshakesMax,
        int inFlightMax,
        int bodyBytesMax,
        Duration handshakeTimeout,
        Duration frameTimeout,
        Duration idleTimeout) {
    public RpcServerConfig {
        listen = List.copyOf(listen);
        Check.argument(!listen.isEmpty(), "a server needs an address to listen on");
        Check.argument(connectionsMax >= 1, "connectionsMax is %d", connectionsMax);
        Check.argument(handshakesMax >= 1, "handshakesMax is %d", handshakesMax);
        Check.argument(inFlightMax >= 1 && inFlightMax <= 1024, "inFlightMax is %d, not 1 to 1024", inFlightMax);
        Check.argument(
                bodyBytesMax >= 2048 && bodyBytesMax <= 16 << 20,
                "bodyBytesMax is %d, not 2048 to 16 Mi",
                bodyBytesMax);
    }

    /** The defaults. */
    public static RpcServerConfig of(String name, List<Address> listen, Secret secret, long dataset) {
        return new RpcServerConfig(
                name,
                listen,
                secret,
                dataset,
                1024,
                64,
                64,
                1 << 20,
                Duration.ofSeconds(3),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60));
    }

    public RpcServerConfig withLimits(int connections, int handshakes, int inFlight) {
        return new RpcServerConfig(
                name,
                listen,
                secret,
                dataset,
                connections,
                handshakes,
                inFlight,
                bodyBytesMax,
                handshakeTimeout,
                frameTimeout,
                idleTimeout);
    }

    public RpcServerConfig withTimeouts(Duration handshake, Duration frame, Duration idle) {
        return new RpcServerConfig(
                name,
                listen,
                secret,
                dataset,
                connectionsMax,
                handshakesMax,
                inFlightMax,
                bodyBytesMax,
                handshake,
                frame,
                idle);
    }
}
