package io.efc.base;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.efc.base.internal.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

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
    private static final long GETGROUPS = ARM ? 158 : 115;
    private static final long SETFSUID = ARM ? 151 : 122;
    private static final long SETFSGID = ARM ? 152 : 123;
    private static final long UNSHARE = ARM ? 97 : 272;
    private static final long CLONE_FS = 0x200;
    private static final long NO_ID = -1;

    private static final MethodHandle SYSCALL_3 = Native.libc("syscall", "ll.lll");
    private static final MethodHandle TGKILL = Native.libc("tgkill", "iiii");
    private static final MethodHandle SIGNAL = Native.libc("signal", "lil");
    private static final MethodHandle SIGINTERRUPT = Native.libc("siginterrupt", "iii");
    private static final long ABS = Native.address("abs");

    /** What the process started with, and what {@link #resume} puts back. */
    private static final int OWN_FSUID = (int) syscall(SETFSUID, NO_ID, 0, 0);

    private static final int OWN_FSGID = (int) syscall(SETFSGID, NO_ID, 0, 0);
    private static final int[] OWN_GROUPS = ownGroups();

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

    /**
     * Lets the calling thread touch files as {@code who} (setfsuid(2), setfsgid(2), setgroups(2), of this thread alone) until {@link
     * #resume}. Another user than root is without the capabilities for files meanwhile. No Java code that might block or move to another
     * thread may run between the two. The superuser's own ids with the process's own groups cost no system call.
     *
     * @return 0, or minus the errno of setgroups; EPERM if the process may not become {@code who}. Nothing has changed then
     */
    public static int assume(Credentials who) {
        if (isOwn(who)) {
            return 0;
        }
        long result = setGroups(who.groups());
        if (result < 0) {
            return (int) result;
        }
        syscall(SETFSGID, who.gid(), 0, 0);
        syscall(SETFSUID, who.uid(), 0, 0);
        if ((int) syscall(SETFSUID, NO_ID, 0, 0) != who.uid()) {
            resume(who);
            return -Errno.EPERM.code();
        }
        return 0;
    }

    /** Ends what {@link #assume} of the same credentials began. */
    public static void resume(Credentials who) {
        if (isOwn(who)) {
            return;
        }
        syscall(SETFSUID, OWN_FSUID, 0, 0);
        syscall(SETFSGID, OWN_FSGID, 0, 0);
        long result = setGroups(OWN_GROUPS);
        Check.state(result >= 0, "cannot take back the process's groups: errno %d", -result);
    }

    /** Gives the calling thread a umask, working directory and root of its own (unshare(2) with CLONE_FS). */
    public static int unshareFs() {
        return (int) syscall(UNSHARE, CLONE_FS, 0, 0);
    }

    private static boolean isOwn(Credentials who) {
        return who.uid() == OWN_FSUID && who.gid() == OWN_FSGID && Arrays.equals(who.groups(), OWN_GROUPS);
    }

    private static long setGroups(int[] groups) {
        if (groups.length == 0) {
            return syscall(SETGROUPS, 0, 0, 0);
        }
        try (Arena arena = Arena.ofConfined()) {
            return syscall(
                    SETGROUPS,
                    groups.length,
                    arena.allocateFrom(JAVA_INT, groups).address(),
                    0);
        }
    }

    private static int[] ownGroups() {
        int count = (int) syscall(GETGROUPS, 0, 0, 0);
        Check.state(count >= 0, "getgroups failed with errno %d", -count);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment groups = arena.allocate(JAVA_INT, Math.max(1, count));
            count = (int) syscall(GETGROUPS, count, groups.address(), 0);
            Check.state(count >= 0, "getgroups failed with errno %d", -count);
            return groups.asSlice(0, 4L * count).toArray(JAVA_INT);
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
