package io.efc.store.internal.local;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.store.Access;
import io.efc.store.FileHandle;
import io.efc.store.OpenFile;
import io.efc.store.StoreException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A descriptor. It is closed when {@link #close} was called and the last operation on it has ended, so that no operation ever meets the
 * descriptor's number in another file's hands.
 */
final class LocalOpenFile implements OpenFile {
    private static final int CLOSED = 1 << 30;

    private final FileHandle handle;
    private final Access access;
    private final int fd;

    /** Operations under way, plus {@link #CLOSED}. */
    private final AtomicInteger uses = new AtomicInteger();

    LocalOpenFile(FileHandle handle, Access access, int fd) {
        this.handle = handle;
        this.access = access;
        this.fd = fd;
    }

    @Override
    public FileHandle handle() {
        return handle;
    }

    @Override
    public Access access() {
        return access;
    }

    /** The descriptor, open until {@link #release}; EBADF after {@link #close}. */
    int acquire() {
        if ((uses.getAndIncrement() & CLOSED) != 0) {
            release();
            throw new StoreException(Errno.EBADF, "a closed file");
        }
        return fd;
    }

    void release() {
        if (uses.decrementAndGet() == CLOSED) {
            closeOnce();
        }
    }

    /** Whether this call closed it. */
    boolean close() {
        int before = uses.getAndUpdate(u -> u | CLOSED);
        if ((before & CLOSED) != 0) {
            return false;
        }
        if (before == 0) {
            closeOnce();
        }
        return true;
    }

    /** The count may come to rest at CLOSED several times, when late callers are turned away; the first one closes. */
    private void closeOnce() {
        if (uses.compareAndSet(CLOSED, CLOSED | CLOSED >> 1)) {
            Libc.close(fd);
        }
    }

    @Override
    public String toString() {
        Check.state(fd >= 0, "descriptor %d", fd);
        return "fd " + fd + " of " + handle;
    }
}
