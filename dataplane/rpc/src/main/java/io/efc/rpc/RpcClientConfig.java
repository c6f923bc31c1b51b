package io.efc.rpc;

import io.efc.base.Check;
import java.time.Duration;

/**
 * A lasting connection to one server.
 *
 * @param name the own name, told to the server
 * @param inFlightMax calls at once; one more waits for a place until its deadline
 * @param bodyBytesMax the longest body of a reply or push that is accepted
 * @param connectTimeout for connecting, and again for the handshake
 * @param frameTimeout from a frame's first byte to its last, and how long a send may make no progress
 * @param deadAfter without any byte although a reply or a ping's answer is due: the peer is taken for dead
 * @param idlePing a connection on which nothing was sent or received for so long is pinged, so that servers may cut off silent ones
 * @param backoffMin pause after the first failure to connect, doubled with every further one
 * @param backoffMax the longest pause
 */
public record RpcClientConfig(
        Address address,
        Secret secret,
        Role role,
        long dataset,
        String name,
        int inFlightMax,
        int bodyBytesMax,
        Duration connectTimeout,
        Duration frameTimeout,
        Duration deadAfter,
        Duration idlePing,
        Duration backoffMin,
        Duration backoffMax) {
    public RpcClientConfig {
        Check.argument(inFlightMax >= 1 && inFlightMax <= 256, "inFlightMax is %d, not 1 to 256", inFlightMax);
        Check.argument(bodyBytesMax >= 1024, "bodyBytesMax is %d, less than 1024", bodyBytesMax);
    }

    /** The defaults. */
    public static RpcClientConfig of(Address address, Secret secret, Role role, long dataset, String name) {
        return new RpcClientConfig(
                address,
                secret,
                role,
                dataset,
                name,
                32,
                4 << 20,
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofSeconds(3),
                Duration.ofSeconds(10),
                Duration.ofMillis(50),
                Duration.ofSeconds(2));
    }

    public RpcClientConfig withDeadAfter(Duration d) {
        return with(d, idlePing);
    }

    public RpcClientConfig withIdlePing(Duration d) {
        return with(deadAfter, d);
    }

    private RpcClientConfig with(Duration newDeadAfter, Duration newIdlePing) {
        return new RpcClientConfig(
                address,
                secret,
                role,
                dataset,
                name,
                inFlightMax,
                bodyBytesMax,
                connectTimeout,
                frameTimeout,
                newDeadAfter,
                newIdlePing,
                backoffMin,
                backoffMax);
    }
}
