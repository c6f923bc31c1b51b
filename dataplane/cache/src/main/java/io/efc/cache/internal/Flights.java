package io.efc.cache.internal;

import io.efc.base.Ticker;
import io.efc.cache.CacheKey;
import io.efc.cache.Fill;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Single flight: which sub-ranges are being fetched, and by whom. A stripe's lock guards its flights; absence is looked
 * up under it, so that a sub-range that has just been put and given back is seen as present, and is not claimed again.
 *
 * <p>Lock order: a stripe of this class before everything of a tier.
 */
final class Flights {
    private static final int STRIPES = 64;

    private final Ticker ticker;
    private final Stripe[] stripes = new Stripe[STRIPES];

    Flights(Ticker ticker) {
        this.ticker = ticker;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    private record Name(CacheKey key, long index) {}

    private static final class Stripe {
        final ReentrantLock lock = new ReentrantLock();
        final Condition landed = lock.newCondition();
        final Map<Name, List<Flight>> flights = new HashMap<>();
    }

    /** Claims what is wanted, absent and not being fetched; {@code present} tells what of the block is present. */
    Fill claim(CacheKey key, long index, long wanted, LongSupplier present) {
        Name name = new Name(key, index);
        int hash = (int) Hash.block(key, index);
        Stripe stripe = stripes[hash & (STRIPES - 1)];
        stripe.lock.lock();
        try {
            List<Flight> all = stripe.flights.getOrDefault(name, List.of());
            List<Flight> awaited = new ArrayList<>();
            long flying = 0;
            for (Flight flight : all) {
                if ((flight.mask & wanted) != 0) {
                    flying |= flight.mask;
                    awaited.add(flight);
                }
            }
            long absent = wanted & ~present.getAsLong();
            Flight flight = new Flight(stripe, name, absent & ~flying, absent & flying, awaited);
            if (flight.mask != 0) {
                stripe.flights.computeIfAbsent(name, _ -> new ArrayList<>()).add(flight);
            }
            return flight;
        } finally {
            stripe.lock.unlock();
        }
    }

    private final class Flight implements Fill {
        private final Stripe stripe;
        private final Name name;
        private final long mask;
        private final long others;
        private final List<Flight> awaited;
        private boolean landed;

        Flight(Stripe stripe, Name name, long mask, long others, List<Flight> awaited) {
            this.stripe = stripe;
            this.name = name;
            this.mask = mask;
            this.others = others;
            this.awaited = awaited;
        }

        @Override
        public long mask() {
            return mask;
        }

        @Override
        public long others() {
            return others;
        }

        @Override
        public boolean await(long deadlineNanos) throws InterruptedException {
            stripe.lock.lockInterruptibly();
            try {
                while (isFlying()) {
                    long left = deadlineNanos - ticker.nanos();
                    if (left <= 0) {
                        return false;
                    }
                    long _ = stripe.landed.awaitNanos(left);
                }
                return true;
            } finally {
                stripe.lock.unlock();
            }
        }

        private boolean isFlying() {
            for (Flight flight : awaited) {
                if ((flight.mask & others) != 0 && !flight.landed) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void close() {
            stripe.lock.lock();
            try {
                if (landed || mask == 0) {
                    return;
                }
                landed = true;
                List<Flight> all = stripe.flights.get(name);
                if (all != null && all.remove(this) && all.isEmpty()) {
                    stripe.flights.remove(name);
                }
                stripe.landed.signalAll();
            } finally {
                stripe.lock.unlock();
            }
        }
    }
}
