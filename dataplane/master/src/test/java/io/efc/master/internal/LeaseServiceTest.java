package io.efc.master.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Metrics;
import io.efc.lease.LeaseCodec;
import io.efc.lease.LeaseConfig;
import io.efc.lease.LeaseRecord;
import io.efc.lease.LogEntry;
import io.efc.lease.ToClient;
import io.efc.lease.ToMaster;
import io.efc.rpc.Peer;
import io.efc.rpc.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class LeaseServiceTest {
    private long now = 1;

    private static final class Client implements Peer {
        final String name;
        final List<ToClient> received = new ArrayList<>();

        Client(String name) {
            this.name = name;
        }

        @Override
        public Role role() {
            return Role.CLIENT;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean isLocal() {
            return false;
        }

        @Override
        public boolean push(int type, byte[] body) {
            received.add(LeaseCodec.toClient(body));
            return true;
        }

        @Override
        public @Nullable Object attachment() {
            return null;
        }

        @Override
        public void attach(@Nullable Object attachment) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void disconnect() {
            throw new UnsupportedOperationException();
        }
    }

    private LeaseService service(LeaseRecord record) {
        LeaseService service = new LeaseService(
                LeaseConfig.defaults(), 5, record, () -> now, entry -> {}, n -> n + 1_000_000_000, new Metrics());
        service.tick();
        return service;
    }

    @Test
    void rememberNobodyForSessionsThatThereAreNot() {
        LeaseService service = service(new LeaseRecord());
        Client client = new Client("a");
        for (long session = 1; session <= 1000; session++) {
            service.received(client, LeaseCodec.encode(new ToMaster.Beat(session, 5, 1)));
            service.received(client, LeaseCodec.encode(new ToMaster.Close(session)));
        }
        assertThat(service.owners()).isZero();
        assertThat(client.received).hasSize(1000).allMatch(m -> m instanceof ToClient.Ended);
    }

    @Test
    void remembersWhoseASessionIsUntilItIsOver() {
        LeaseService service = service(new LeaseRecord());
        service.received(new Client("a"), LeaseCodec.encode(new ToMaster.Open(9, 0, 1)));
        assertThat(service.owners()).isEqualTo(1);
        service.received(new Client("a"), LeaseCodec.encode(new ToMaster.Open(10, 9, 1)));
        assertThat(service.owners())
                .as("the second session takes the first one's place")
                .isEqualTo(1);
        service.received(new Client("b"), LeaseCodec.encode(new ToMaster.Close(10)));
        assertThat(service.owners()).as("another's message").isEqualTo(1);
        service.received(new Client("a"), LeaseCodec.encode(new ToMaster.Close(10)));
        assertThat(service.owners()).isZero();
    }

    @Test
    void learnsAgainWhoseASessionOfTheMasterBeforeIs() {
        LeaseRecord record = new LeaseRecord();
        record.apply(new LogEntry.SessionOpened(9));
        LeaseService service = service(record);
        Client client = new Client("a");
        service.received(client, LeaseCodec.encode(new ToMaster.Beat(9, 4, 1)));
        assertThat(service.owners()).isEqualTo(1);
        assertThat(client.received).containsExactly(new ToClient.Reclaim(9, 5));
    }
}
