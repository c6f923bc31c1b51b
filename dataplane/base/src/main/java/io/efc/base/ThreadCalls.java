package io.efc.base;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.efc.base.internal.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * What belongs to one thread: its credentials and the signals sent to it. Results are as {@link Libc} gives them.
 *
 * <p>libc's setresuid changes every thread of the process (POSIX demands it); the kernel's own call, used here, changes the
 * calling thread alone. Call it on a platform thread that ends afterwards: an id given up cannot be taken back.
 */
public final class ThreadCalls {
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final long SETRESUID = ARM ? 147 : 117;
    private static final long SETRESGID = ARM ? 149 : 119;
    private static final long SETGROUPS = ARM ? 159 : 116;

    private static final MethodHandle SYSCALL_3 = Native.libc("syscall", "ll.lll");
    private static final MethodHandle TGKILL = Native.libc("tgkill", "iiii");
    private static final MethodHandle SIGNAL = Native.libc("signal", "lil");
    private static final MethodHandle SIGINTERRUPT = Native.libc("siginterrupt", "iii");
    private static final long ABS = Native.address("abs");

    private ThreadCalls() {}

    /**
     * Gives the calling thread another user's ids for good: groups first, the user last, so that the right to do it is lost
     * last.
     *
     * @return 0, or minus the errno of the first call that failed
     */
    public static int become(Credentials who) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment groups = arena.allocateFrom(JAVA_INT, who.groups());
            long result = syscall(SETGROUPS, who.groups().length, groups.address(), 0);
            if (result >= 0) {
                result = syscall(SETRESGID, who.gid(), who.gid(), who.gid());
            }
            if (result >= 0) {
                result = syscall(SETRESUID, who.uid(), who.uid(), who.uid());
            }
            return (int) result;
        }
    }

    /** tgkill(2): sends a signal to one thread of a process. */
    public static int tgkill(int processId, int threadId, int signal) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return (int) Native.outcome((int) TGKILL.invokeExact(errno, processId, threadId, signal), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    /**
     * Makes {@code signal} do nothing but end a waiting system call with EINTR, in the whole process. Choose one that the JVM
     * does not use, SIGRTMIN + n say.
     */
    public static int interruptOn(int signal) {
        MemorySegment errno = Native.errnoSegment();
        try {
            long old = Native.outcome((long) SIGNAL.invokeExact(errno, signal, ABS), errno);
            return old < 0 ? (int) old : (int) Native.outcome((int) SIGINTERRUPT.invokeExact(errno, signal, 1), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }

    private static long syscall(long number, long a, long b, long c) {
        MemorySegment errno = Native.errnoSegment();
        try {
            return Native.outcome((long) SYSCALL_3.invokeExact(errno, number, a, b, c), errno);
        } catch (Throwable t) {
            throw Native.impossible(t);
        }
    }
}
