package io.efc.base.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Downcall handles to libc whose errno is captured. Pointers travel as {@code long} addresses: the callers in {@link
 * io.efc.base} check bounds first, and whoever owns the memory keeps it alive until the call has returned.
 *
 * <p>Every handle takes the calling thread's {@link #errnoSegment()} first. Handles are for x86-64 and AArch64 Linux (LP64).
 */
public final class Native {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** Each thread's capture buffer, freed with the thread. */
    private static final ThreadLocal<MemorySegment> CAPTURE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

    private Native() {}

    /** The calling thread's buffer for the captured errno. */
    public static MemorySegment errnoSegment() {
        return CAPTURE.get();
    }

    /** {@code result} if it is not negative, else minus the errno that the call left in {@code capture}. */
    public static long outcome(long result, MemorySegment capture) {
        return result >= 0 ? result : -(long) (int) ERRNO.get(capture, 0L);
    }

    /**
     * A handle to libc's {@code name}: {@code shape} is one character a value, the result first: {@code i} int, {@code l}
     * long, size_t or pointer. A {@code .} stands before the first variadic argument.
     */
    public static MethodHandle libc(String name, String shape) {
        int dot = shape.indexOf('.');
        String plain = shape.replace(".", "");
        MemoryLayout[] arguments =
                plain.substring(1).chars().mapToObj(Native::layout).toArray(MemoryLayout[]::new);
        FunctionDescriptor descriptor = FunctionDescriptor.of(layout(plain.charAt(0)), arguments);
        MemorySegment address = LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new IllegalStateException("this libc has no " + name));
        Linker.Option errno = Linker.Option.captureCallState("errno");
        return dot < 0
                ? LINKER.downcallHandle(address, descriptor, errno)
                : LINKER.downcallHandle(address, descriptor, errno, Linker.Option.firstVariadicArg(dot - 1));
    }

    /** Where libc's {@code name} lies, for calls that want a function. */
    public static long address(String name) {
        return LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new IllegalStateException("this libc has no " + name))
                .address();
    }

    private static MemoryLayout layout(int c) {
        return switch (c) {
            case 'i' -> JAVA_INT;
            case 'l' -> JAVA_LONG;
            default -> throw new IllegalArgumentException("shape character " + (char) c);
        };
    }

    /**
     * Turns what {@code invokeExact} may throw, which libc calls never do, into a programmer error; a refused argument is thrown on as it
     * is.
     */
    public static IllegalStateException impossible(Throwable t) {
        if (t instanceof IllegalArgumentException refused) {
            throw refused;
        }
        return new IllegalStateException("a libc call threw", t);
    }
}
