package io.efc.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.lease.ClientLeases.Lease;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Since when a client may believe what it learned: from the moment on from which one lease or another has covered it without a gap. */
class CoveredSinceTest {
    private static final ObjectId DIRECTORY = ObjectId.directory(1, 2);
    private static final ObjectId FILE = ObjectId.file(1, 2, 3);
    private static final ObjectId OTHER = ObjectId.file(1, 2, 4);

    private final ClientLeases leases = new ClientLeases();

    private Lease own(ObjectId object) {
        return Objects.requireNonNull(leases.own(object));
    }

    private void grant(ObjectId object, Mode mode, long token, long now, Long... exceptions) {
        List<Long> excepted = List.of(exceptions);
        leases.put(new Lease(object, mode, token, leases.goesOnSince(object, excepted, now), excepted));
    }

    @Test
    void whatNoLeaseCoversIsNeverNewEnough() {
        assertThat(leases.coveredSince(FILE)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aDirectorysLeaseDoesNotMakeItsFilesYounger() {
        grant(FILE, Mode.READ, 1, 10);
        grant(DIRECTORY, Mode.READ, 2, 20);
        assertThat(leases.coveredSince(FILE)).isEqualTo(10);
        assertThat(leases.coveredSince(OTHER)).isEqualTo(20);
        grant(DIRECTORY, Mode.WRITE, 3, 30);
        assertThat(leases.coveredSince(FILE)).isEqualTo(10);
        assertThat(leases.coveredSince(OTHER)).isEqualTo(20);
    }

    @Test
    void anUpgradeGoesOn() {
        grant(DIRECTORY, Mode.READ, 1, 10);
        grant(FILE, Mode.WRITE, 2, 20);
        assertThat(leases.coveredSince(FILE)).isEqualTo(10);
        grant(OTHER, Mode.READ, 3, 25);
        grant(OTHER, Mode.WRITE, 4, 30);
        assertThat(leases.coveredSince(OTHER)).isEqualTo(10);
    }

    @Test
    void whatWasGivenUpBeginsAnew() {
        grant(FILE, Mode.READ, 1, 10);
        grant(DIRECTORY, Mode.READ, 2, 20);
        own(DIRECTORY).exceptions.add(FILE.file());
        assertThat(leases.coveredSince(FILE)).isEqualTo(Long.MAX_VALUE);
        grant(FILE, Mode.READ, 3, 30);
        assertThat(leases.coveredSince(FILE)).isEqualTo(30);
        grant(DIRECTORY, Mode.READ, 4, 40);
        assertThat(leases.coveredSince(FILE)).isEqualTo(30);
        leases.remove(DIRECTORY);
        grant(DIRECTORY, Mode.READ, 5, 50);
        assertThat(leases.coveredSince(FILE)).isEqualTo(50);
    }

    /** What is being given up to a reader is no coverage for what follows. */
    @Test
    void aLeaseThatIsBeingGivenUpEnds() {
        grant(FILE, Mode.READ, 1, 10);
        own(FILE).usable = Mode.NONE;
        grant(FILE, Mode.READ, 2, 20);
        assertThat(leases.coveredSince(FILE)).isEqualTo(20);
        grant(DIRECTORY, Mode.READ, 3, 30);
        own(DIRECTORY).carving.add(OTHER.file());
        grant(DIRECTORY, Mode.READ, 4, 40);
        assertThat(leases.coveredSince(OTHER)).isEqualTo(40);
    }
}
