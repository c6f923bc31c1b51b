package io.efc.client.internal;

import io.efc.cache.WholeFile;

/**
 * Hands a whole cached file to the kernel, which then reads it without asking anybody (FUSE_PASSTHROUGH). All opens of an inode that are
 * passed through share one backing id; the tier file is held until the last of them is closed.
 */
final class Passthrough {
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
            if (inode.passthroughOpens > 0) {
                if (file.access.writes()) {
                    file.direct = true;
                    return 0;
                }
                return passed(file);
            }
            if (inode.cachedOpens == 0 && core.options.passthrough() && !file.access.writes() && register(file)) {
                return passed(file);
            }
            inode.cachedOpens++;
            return 0;
        }
    }

    private int passed(FuseFile file) {
        file.inode.passthroughOpens++;
        file.passedThrough = true;
        core.metrics.passthroughOpens.increment();
        core.metrics.passthroughBytes.add(core.inodes.size(file.inode.nodeId));
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
        inode.whole = whole;
        return true;
    }

    /** {@code file} is closed. */
    void close(FuseFile file) {
        OpenInode inode = file.inode;
        synchronized (inode) {
            if (file.direct) {
                return;
            }
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
