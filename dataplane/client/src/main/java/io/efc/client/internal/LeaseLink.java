package io.efc.client.internal;

import io.efc.client.ClientConfig;
import io.efc.lease.LeaseConfig;
import io.efc.lease.ToClient;
import io.efc.lease.ToMaster;
import java.util.function.Consumer;

/** The way of lease messages to the master and back: it may lose, repeat and overtake them, which the protocol bears. */
public interface LeaseLink extends AutoCloseable {
    /** Sends without waiting; what cannot be sent is lost. */
    void send(ToMaster message);

    @Override
    void close();

    /** Where links come from. */
    interface Source {
        /** What the dataset's masters and clients have agreed on. */
        LeaseConfig rules(long dataset, boolean readOnly);

        /**
         * Begins to connect.
         *
         * @param received hears each message of the master, on the link's thread
         */
        LeaseLink connect(ClientConfig.Cluster cluster, Consumer<ToClient> received);
    }
}
