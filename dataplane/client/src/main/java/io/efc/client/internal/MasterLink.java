package io.efc.client.internal;

import io.efc.client.ClientConfig;
import io.efc.lease.LeaseCodec;
import io.efc.lease.LeaseConfig;
import io.efc.lease.ToClient;
import io.efc.lease.ToMaster;
import io.efc.rpc.Address;
import io.efc.rpc.MasterStub;
import io.efc.rpc.Secret;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Lease messages over a connection of their own to the runtime's master. */
public final class MasterLink implements LeaseLink {
    private static final int NAME_BYTES_MAX = 128;

    private final MasterStub stub;

    private MasterLink(MasterStub stub) {
        this.stub = stub;
    }

    /**
     * Links for one mount.
     *
     * @param name of the client, the same at every connection of a mount and of no other
     */
    public static Source source(String name, long dataset) {
        return new Source() {
            @Override
            public LeaseConfig rules(long number, boolean readOnly) {
                return LeaseConfig.of(readOnly ? Set.of(number) : Set.of());
            }

            @Override
            public LeaseLink connect(ClientConfig.Cluster cluster, Consumer<ToClient> received) {
                return new MasterLink(MasterStub.connectForLeases(
                        address(cluster),
                        new Secret(cluster.secret()),
                        dataset,
                        fitting(name),
                        bytes -> received.accept(LeaseCodec.toClient(bytes))));
            }
        };
    }

    /** Where {@code cluster}'s master is looked for. */
    public static Address address(ClientConfig.Cluster cluster) {
        List<Address.Tcp> masters = cluster.masters().stream()
                .map(m -> new Address.Tcp(m.getHostString(), m.getPort()))
                .toList();
        return masters.size() == 1 ? masters.getFirst() : new Address.AnyOf(masters);
    }

    /** A handshake's name is at most 128 bytes long. */
    private static String fitting(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= NAME_BYTES_MAX) {
            return name;
        }
        return "mount-" + Long.toHexString(Hash.of(bytes, 1)) + Long.toHexString(Hash.of(bytes, 2));
    }

    @Override
    public void send(ToMaster message) {
        stub.pushLease(LeaseCodec.encode(message));
    }

    @Override
    public void close() {
        stub.close();
    }
}
