package io.efc.base;

import io.efc.base.internal.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Ends another thread's blocking system call with EINTR, which {@link Thread#interrupt} does not: a real-time signal whose handler does
 * nothing and which does not restart the call. A call that begins just after the signal is not ended, so the caller repeats {@link
 * #wake} until the thread has noticed what it is to do.
 *
 * <p>The handler is libc's {@code abs}: harmless in any state of a thread, which code of the JVM would not be.
 */
public final class Wakeup {
    /** A real-time signal that neither glibc (32, 33) nor the JDK (SIGUSR2, 62) uses. */
    private static final int SIGNAL = 54;

    /** struct sigaction of glibc on x86-64 and AArch64: handler, 128 bytes of mask, flags, restorer. */
    private static final int SIGACTION_BYTES = 152;

    private static final MethodHandle SIGACTION = Native.libc("sigaction", "iill");
    private static final MethodHandle TGKILL = Native.libc("tgkill", "iiii");
    private static final int PID = (int) ProcessHandle.current().pid();

    static {
        install();
    }

    private Wakeup() {}

    private static void install() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment action = arena.allocate(SIGACTION_BYTES, 8);
            MemorySegment old = arena.allocate(SIGACTION_BYTES, 8);
            action.set(
                    ValueLayout.ADDRESS,
                    0,
                    Linker.nativeLinker().defaultLookup().findOrThrow("abs"));
            long result = sigaction(action, old);
            Check.state(result == 0, "sigaction failed with %d", result);
            long before = old.get(ValueLayout.JAVA_LONG, 0);
            Check.state(before == 0, "signal %d already has a handler", SIGNAL);
        }
    }

    private static long sigaction(MemorySegment action, MemorySegment old) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((int) SIGACTION.invokeExact(errno, SIGNAL, action.address(), old.address()), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /** Ends the system call that thread {@code tid} of this process ({@link Libc#gettid}) is in: 0, or minus ESRCH if it has ended. */
    public static int wake(int tid) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) TGKILL.invokeExact(errno, PID, tid, SIGNAL), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }
}
