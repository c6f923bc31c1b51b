package io.efc.base;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long a thread may go on changing a store. Whoever changes something under a right that can end sets its condition for the length of the
 * change; whoever sends requests to a store asks before each one, sends none again once the condition does not hold, and breaks off what is under
 * way. So a request that hangs in a network does not arrive when somebody else has the right.
 *
 * <p>The condition may take locks, but waits for no store, and once false for a change stays false.
 */
public final class Fence {
    private static final ThreadLocal<@Nullable BooleanSupplier> CURRENT = new ThreadLocal<>();

    private Fence() {}

    /** Sets the condition for what this thread sends from now on; null: none. */
    public static void set(@Nullable BooleanSupplier holds) {
        CURRENT.set(holds);
    }

    /** The condition of the calling thread, null if there is none. */
    public static @Nullable BooleanSupplier current() {
        return CURRENT.get();
    }
}
