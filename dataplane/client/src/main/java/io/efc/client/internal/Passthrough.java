package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.cache.WholeFile;
import io.efc.store.Access;
import io.efc.store.StoreException;
import java.util.concurrent.TimeUnit;

/**
 * Hands a whole cached file to the kernel, which then reads it without asking anybody (FUSE_PASSTHROUGH). All opens of an inode share one
 * backing id, and the tier file is held until the last of them is closed.
 *
 * <p>While an inode is passed through the kernel refuses any open that does not name the backing id (EIO). Who must not see the tier file's
 * content - a writer, or a reader after the content has changed - gets FOPEN_DIRECT_IO with it: reads and writes come here, a mapping
 * would not. Only a file opened for both reading and writing can be mapped for writing, and such a mapping would change the tier file and
 * lose what is written: that open waits for the readers, and fails with ETXTBSY if they stay.
 */
final class Passthrough {
    private static final long WRITER_WAITS_MILLIS = 2000;

    private final Core core;

    Passthrough(Core core) {
        this.core = core;
    }

    /**
     * Opens {@code file} past the page cache if its inode may be, else through it; the inode remembers which.
     *
     * @return the backing id, or 0
     */
    int open(FuseFile file) {
        OpenInode inode = file.inode;
        synchronized (inode) {
            if (file.access == Access.READ_WRITE) {
                awaitReaders(inode);
            }
            if (inode.passthroughOpens > 0) {
                file.direct = file.access.writes() || inode.writes.isMoving() || !isCurrent(inode);
                return passed(file);
            }
            if (inode.cachedOpens == 0 && core.options.passthrough() && !file.access.writes() && register(file)) {
                return passed(file);
            }
            inode.cachedOpens++;
            return 0;
        }
    }

    /** Waits until {@code inode} may be opened for {@code access}; before the store cuts the file for it. */
    void admit(OpenInode inode, Access access) {
        if (access == Access.READ_WRITE) {
            synchronized (inode) {
                awaitReaders(inode);
            }
        }
    }

    private boolean isCurrent(OpenInode inode) {
        return inode.backingVersion == core.inodes.version(inode.nodeId);
    }

    private static void awaitReaders(OpenInode inode) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WRITER_WAITS_MILLIS);
        while (inode.passthroughOpens > 0) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new StoreException(Errno.ETXTBSY, "open for writing of a file that is passed through");
            }
            try {
                inode.wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException(Errno.EINTR, "open");
            }
        }
    }

    private int passed(FuseFile file) {
        if (!file.direct) {
            core.metrics.passthroughOpens.increment();
            core.metrics.passthroughBytes.add(core.inodes.size(file.inode.nodeId));
        }
        file.inode.passthroughOpens++;
        file.passedThrough = true;
        return file.inode.backingId;
    }

    private boolean register(FuseFile file) {
        OpenInode inode = file.inode;
        if (inode.writes.isMoving() || core.inodes.size(inode.nodeId) == 0) {
            return false;
        }
        OpenInode.View view = inode.view(core, file.caller);
        AutoCloseable whole = null;
        int fd = -1;
        if (core.cluster != null) {
            ClusterCache.WholeFile w = core.cluster.whole(view.file());
            whole = w;
            fd = w == null ? -1 : w.fd();
        }
        if (whole == null && core.nodeCache != null) {
            WholeFile w = core.nodeCache.whole(view.key());
            whole = w;
            fd = w == null ? -1 : w.fd();
        }
        if (whole == null) {
            return false;
        }
        int id = core.notifier().openBacking(fd);
        if (id <= 0) {
            close(whole);
            return false;
        }
        inode.backingId = id;
        inode.backingVersion = view.version();
        inode.whole = whole;
        return true;
    }

    /** {@code file} is closed. */
    void close(FuseFile file) {
        OpenInode inode = file.inode;
        synchronized (inode) {
            if (!file.passedThrough) {
                inode.cachedOpens--;
                return;
            }
            inode.passthroughOpens--;
            AutoCloseable whole = inode.whole;
            if (inode.passthroughOpens == 0 && whole != null) {
                core.notifier().closeBacking(inode.backingId);
                inode.backingId = 0;
                inode.whole = null;
                inode.notifyAll();
                close(whole);
            }
        }
    }

    private static void close(AutoCloseable whole) {
        try {
            whole.close();
        } catch (Exception e) {
            throw new IllegalStateException("cannot give back a tier file", e);
        }
    }
}
