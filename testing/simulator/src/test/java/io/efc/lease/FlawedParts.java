package io.efc.lease;

import io.efc.testing.simulator.Defect;
import io.efc.testing.simulator.Parts;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/** The protocol, or the model of a client around it, with one mistake in it. */
public final class FlawedParts implements Parts {
    private final Set<Flaw> flaws;
    private final Set<Defect> defects;

    private FlawedParts(Set<Flaw> flaws, Set<Defect> defects) {
        this.flaws = flaws;
        this.defects = defects;
    }

    /** Every mistake that there is, one at a time. */
    public static List<FlawedParts> all() {
        List<FlawedParts> all = new ArrayList<>();
        for (Flaw flaw : Flaw.values()) {
            all.add(new FlawedParts(EnumSet.of(flaw), Set.of()));
        }
        for (Defect defect : Defect.values()) {
            all.add(new FlawedParts(Set.of(), EnumSet.of(defect)));
        }
        return all;
    }

    @Override
    public LeaseClient client(LeaseConfig config, LongSupplier sessionIds) {
        return new LeaseClient(config, sessionIds, flaws);
    }

    @Override
    public LeaseMaster master(LeaseConfig config, long epoch, LeaseRecord record, long now) {
        return new LeaseMaster(config, epoch, record, now, flaws);
    }

    @Override
    public StoreFence fence() {
        return new StoreFence(1000, flaws);
    }

    @Override
    public boolean has(Defect defect) {
        return defects.contains(defect);
    }

    @Override
    public String toString() {
        return flaws.isEmpty() ? defects.toString() : flaws.toString();
    }
}
