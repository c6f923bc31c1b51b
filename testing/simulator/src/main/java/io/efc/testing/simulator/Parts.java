package io.efc.testing.simulator;

import io.efc.lease.LeaseClient;
import io.efc.lease.LeaseConfig;
import io.efc.lease.LeaseMaster;
import io.efc.lease.LeaseRecord;
import io.efc.lease.StoreFence;
import java.util.function.LongSupplier;

/** Makes what is under test; tests make it with a defect in it. */
public interface Parts {
    LeaseClient client(LeaseConfig config, LongSupplier sessionIds);

    LeaseMaster master(LeaseConfig config, long epoch, LeaseRecord record, long now);

    StoreFence fence();

    /** Whether the model of a client makes this mistake. */
    boolean has(Defect defect);

    /** The production classes as they are. */
    Parts SOUND = new Parts() {
        @Override
        public LeaseClient client(LeaseConfig config, LongSupplier sessionIds) {
            return new LeaseClient(config, sessionIds);
        }

        @Override
        public LeaseMaster master(LeaseConfig config, long epoch, LeaseRecord record, long now) {
            return new LeaseMaster(config, epoch, record, now);
        }

        @Override
        public StoreFence fence() {
            return new StoreFence(1000);
        }

        @Override
        public boolean has(Defect defect) {
            return false;
        }
    };
}
