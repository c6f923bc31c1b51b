package io.efc.testing.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** struct flock of fcntl.h (LP64): type at 0, whence at 2, start at 8, length at 16, pid at 24. */
final class Flock {
    private static final int SIZE = 32;

    private Flock() {}

    /** From the file's start. */
    static MemorySegment of(Arena arena, int type, long start, long length) {
        MemorySegment flock = arena.allocate(SIZE, 8);
        flock.set(ValueLayout.JAVA_SHORT, 0, (short) type);
        flock.set(ValueLayout.JAVA_LONG, 8, start);
        flock.set(ValueLayout.JAVA_LONG, 16, length);
        return flock;
    }

    static int type(MemorySegment flock) {
        return flock.get(ValueLayout.JAVA_SHORT, 0);
    }
}
