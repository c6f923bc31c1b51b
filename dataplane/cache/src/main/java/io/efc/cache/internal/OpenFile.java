package io.efc.cache.internal;

import io.efc.base.Libc;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The descriptor of a tier file, and a mapping once somebody asks for it. Users are counted; without any, {@link
 * OpenFiles} may close it. Any thread.
 */
final class OpenFile {
    private static final int CLOSED = -1;
    private static final VarHandle USERS;

    static {
        try {
            USERS = MethodHandles.lookup().findVarHandle(OpenFile.class, "users", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Serializes verification of the whole file. */
    final ReentrantLock verifying = new ReentrantLock();

    /** The file's sequence: tells whether this is still the file that a record thinks it is. */
    final long sequence;

    final int fd;
    private final long bytes;

    /** Whole files given out; guarded by the file's stripe. */
    int holds;

    @SuppressWarnings("UnusedVariable")
    private volatile int users = 1;

    private @Nullable MemorySegment mapping;

    OpenFile(long sequence, int fd, long bytes) {
        this.sequence = sequence;
        this.fd = fd;
        this.bytes = bytes;
    }

    /** One more user, unless it is being closed. */
    boolean enter() {
        while (true) {
            int n = (int) USERS.getVolatile(this);
            if (n == CLOSED) {
                return false;
            }
            if (USERS.compareAndSet(this, n, n + 1)) {
                return true;
            }
        }
    }

    /** One user less; the users left. */
    int leave() {
        return (int) USERS.getAndAdd(this, -1) - 1;
    }

    /** Whether anybody uses it; exact under the file's stripe, where alone it is entered. */
    boolean isUsed() {
        return (int) USERS.getVolatile(this) > 0;
    }

    /** Makes it one that nobody can enter, if it has no users. */
    boolean retire() {
        return USERS.compareAndSet(this, 0, CLOSED);
    }

    /** The whole file, read-only; null if it cannot be mapped. For users. */
    synchronized @Nullable MemorySegment mapping() {
        if (mapping == null) {
            MemorySegment m = Libc.mmap(bytes, Libc.PROT_READ, Libc.MAP_SHARED, fd, 0, new int[1]);
            mapping = m.equals(MemorySegment.NULL) ? null : m.asReadOnly();
        }
        return mapping;
    }

    /** After {@link #retire}. */
    synchronized void close() {
        if (mapping != null) {
            Libc.munmap(mapping.address(), bytes);
            mapping = null;
        }
        Libc.close(fd);
    }
}
