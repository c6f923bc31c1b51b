package io.efc.cache.internal;

import io.efc.base.Ticker;
import io.efc.cache.CacheKey;
import io.efc.cache.Fill;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * Single flight is linearizable: whatever threads fetch at the same time, and whether they fail, the outcome is that of fetches one after
 * the other, in which a sub-range is fetched by whoever finds it absent and by nobody after it is present.
 */
@Param(name = "subRange", gen = IntGen.class, conf = "0:1")
public class FlightsLincheckTest {
    private static final CacheKey KEY = new CacheKey(1, 2, 3, 4, 1 << 20);
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final Flights flights = new Flights(Ticker.system());
    private final AtomicLong present = new AtomicLong();

    /** Fetches a sub-range unless it is present; whether it was fetched here. */
    @Operation
    public boolean fetch(@Param(name = "subRange") int subRange) throws InterruptedException {
        return attempt(1L << subRange, true);
    }

    /** As {@link #fetch}, with a store that fails. */
    @Operation
    public boolean fail(@Param(name = "subRange") int subRange) throws InterruptedException {
        return attempt(1L << subRange, false);
    }

    private boolean attempt(long mask, boolean succeeds) throws InterruptedException {
        while (true) {
            try (Fill fill = flights.claim(KEY, 0, mask, present::get)) {
                if (fill.mask() != 0) {
                    if (succeeds) {
                        present.accumulateAndGet(mask, (a, b) -> a | b);
                    }
                    return true;
                }
                if (fill.others() == 0) {
                    return false;
                }
                if (!fill.await(System.nanoTime() + PATIENCE_NANOS)) {
                    throw new IllegalStateException("a flight does not land");
                }
            }
        }
    }

    @Test
    void fetchesOneAfterTheOtherWouldEndTheSame() {
        new StressOptions()
                .iterations(10)
                .invocationsPerIteration(300)
                .threads(3)
                .actorsPerThread(3)
                .check(FlightsLincheckTest.class);
    }
}
