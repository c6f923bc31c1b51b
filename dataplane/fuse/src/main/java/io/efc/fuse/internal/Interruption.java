package io.efc.fuse.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Which request a thread serves, and the way to interrupt exactly that one.
 *
 * <pre>
 *   IDLE --begin--> RUNNING --end--> IDLE
 *                   RUNNING --interrupt--> INTERRUPTING --> INTERRUPTED --end--> IDLE
 *                                               ^------interruptAny------'
 * </pre>
 *
 * In INTERRUPTING it is looked up whether the request is still the one that is meant, if not it goes back to RUNNING. {@link #end}
 * waits for the few instructions that this lasts, so that the thread's interrupt flag is set
 * either during the request or not at all, and {@code end} clears it: it never reaches the next request.
 */
final class Interruption {
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int INTERRUPTING = 2;
    private static final int INTERRUPTED = 3;

    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(Interruption.class, "phase", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long unique;
    private @Nullable Thread thread;
    private volatile int phase = IDLE;

    /** The calling thread serves request {@code number} from now on. */
    void begin(long number) {
        unique = number;
        thread = Thread.currentThread();
        phase = RUNNING;
    }

    /** The calling thread is done with its request; its interrupt flag is clear. */
    void end() {
        while (!PHASE.compareAndSet(this, RUNNING, IDLE)) {
            if (phase == INTERRUPTED) {
                phase = IDLE;
                break;
            }
            Thread.onSpinWait();
        }
        Thread.interrupted();
    }

    /** Interrupts the thread if it serves request {@code number} now and was not interrupted yet. */
    boolean interrupt(long number) {
        return phase == RUNNING && unique == number && interruptFrom(RUNNING, number);
    }

    /** Interrupts the thread if it serves any request now, once more if it was interrupted before. */
    boolean interruptAny() {
        int p = phase;
        return (p == RUNNING || p == INTERRUPTED) && interruptFrom(p, unique);
    }

    private boolean interruptFrom(int expected, long number) {
        if (!PHASE.compareAndSet(this, expected, INTERRUPTING)) {
            return false;
        }
        Thread t = thread;
        if (t == null || unique != number) {
            phase = expected;
            return false;
        }
        t.interrupt();
        phase = INTERRUPTED;
        return true;
    }

    boolean running() {
        return phase != IDLE;
    }

    /** True if the request that the calling thread serves was interrupted. */
    boolean interrupted() {
        int p = phase;
        while (p == INTERRUPTING) {
            Thread.onSpinWait();
            p = phase;
        }
        return p == INTERRUPTED;
    }
}
