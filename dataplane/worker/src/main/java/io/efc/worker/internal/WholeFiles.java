package io.efc.worker.internal;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.cache.BlockCache;
import io.efc.cache.CacheKey;
import io.efc.cache.WholeFile;
import io.efc.rpc.Exchange;
import io.efc.rpc.Status;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Tier files whose descriptors were given to clients of this node, kept from eviction for as long as anybody has one.
 *
 * <p>Who still has one is asked of the kernel, because a client may be killed, lose its connection, or have handed the file to FUSE as a
 * backing file: every descriptor given out is an open file description of its own with a shared flock(2) on it, which ends with the last
 * descriptor of that description wherever it is. Every second an exclusive lock is tried on the cache's own description: if that succeeds,
 * nobody is left.
 */
final class WholeFiles implements AutoCloseable {
    private static final Logger LOG = System.getLogger(WholeFiles.class.getName());
    private static final long SWEEP_NANOS = 1_000_000_000;
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int LOCK_UN = 8;

    private final BlockCache cache;

    /** Guarded by this object's monitor. */
    private final Map<CacheKey, WholeFile> held = new HashMap<>();

    private final Thread sweeper;
    private volatile boolean closed;

    WholeFiles(BlockCache cache) {
        this.cache = cache;
        this.sweeper = Thread.ofPlatform().daemon().name("efc-worker-whole").start(this::run);
    }

    /** Answers WHOLE: OK with a descriptor, or MISSING. */
    void answer(Exchange exchange, CacheKey key) {
        if (!exchange.peer().isLocal()) {
            exchange.reply(Status.BAD_REQUEST);
            return;
        }
        int fd = open(key);
        if (fd < 0) {
            exchange.reply(Status.MISSING);
            return;
        }
        // The descriptor in flight keeps its description, and so the lock, alive.
        exchange.replyDescriptor(Status.OK, 0, fd);
        Libc.close(fd);
    }

    /** A locked description of the whole file, or -1. */
    private synchronized int open(CacheKey key) {
        WholeFile whole = closed ? null : held.get(key);
        boolean fresh = whole == null && !closed;
        if (fresh) {
            whole = cache.whole(key);
        }
        if (whole == null) {
            return -1;
        }
        int fd = lockedCopy(whole.fd());
        if (fd < 0) {
            LOG.log(Level.WARNING, "cannot open a tier file again: {0}", Errno.ofResult(fd));
            if (fresh) {
                whole.close();
            }
            return -1;
        }
        held.put(key, whole);
        return fd;
    }

    private static int lockedCopy(int own) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Libc.open(Libc.cString(arena, "/proc/self/fd/" + own), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
            if (fd >= 0) {
                int r = Libc.flock(fd, LOCK_SH | LOCK_NB);
                if (r < 0) {
                    Libc.close(fd);
                    return r;
                }
            }
            return fd;
        }
    }

    private void run() {
        while (!closed) {
            LockSupport.parkNanos(this, SWEEP_NANOS);
            sweep();
        }
    }

    private synchronized void sweep() {
        for (Iterator<WholeFile> i = held.values().iterator(); i.hasNext(); ) {
            WholeFile whole = i.next();
            if (Libc.flock(whole.fd(), LOCK_EX | LOCK_NB) == 0) {
                Libc.flock(whole.fd(), LOCK_UN);
                whole.close();
                i.remove();
            }
        }
    }

    /** How many tier files are held. */
    synchronized int count() {
        return held.size();
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(sweeper);
        try {
            sweeper.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            held.values().forEach(WholeFile::close);
            held.clear();
        }
    }
}
