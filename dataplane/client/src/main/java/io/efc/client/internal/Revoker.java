package io.efc.client.internal;

import io.efc.fuse.FuseNotifier;
import io.efc.lease.Mode;
import io.efc.lease.ObjectId;
import io.efc.store.StoreException;
import io.efc.store.StoreFeature;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Gives up leases when no change is under way under them: sends to the store what was kept back, has the kernel drop what it cached, and only then tells
 * the master. {@link Leases} says why in this order and how READs are kept out of the way. On threads of its own.
 */
final class Revoker {
    private static final Logger LOG = System.getLogger(Revoker.class.getName());

    /** Revokes at once: each may wait for the store, none for another lease. */
    private static final int THREADS = 4;

    /** Dropping pages takes microseconds, unless it waits for somebody. */
    private static final long STUCK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** S_IFMT, and what it is of a directory and of a node whose attributes were never asked for. */
    private static final int TYPE_BITS = 0170000;

    private static final int DIRECTORY = 0040000;
    private static final int UNKNOWN = 0;

    private final Core core;
    private final Leases leases;
    private final ExecutorService threads;

    Revoker(Core core, Leases leases) {
        this.core = core;
        this.leases = leases;
        this.threads = Executors.newFixedThreadPool(
                THREADS, Thread.ofPlatform().daemon().name("efc-revoke-", 1).factory());
    }

    /** A job that may be interrupted by the end of the mount. */
    private interface Job {
        void run() throws InterruptedException;
    }

    private void start(String what, Job job) {
        try {
            threads.execute(() -> {
                try {
                    job.run();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    // Not answered: the master takes the lease when the session is over.
                    LOG.log(Level.ERROR, "cannot give up " + what, e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "the mount ends: {0} is not given up", what);
        }
    }

    /** The lease of {@code object} is wanted back beyond {@code keep}, since {@code asked}; no change is under way under it. */
    void giveUp(ObjectId object, long token, Mode keep, long asked) {
        start(object.toString(), () -> {
            List<Long> nodes = nodes(object);
            flush(nodes);
            if (keep == Mode.NONE) {
                drop(object, nodes);
            }
            leases.yielded(object, token, keep);
            leases.metrics().revoke.record(core.freshness.now() - asked);
        });
    }

    /** One cell of a group's lease is wanted back, since {@code asked}; no change of it is under way. */
    void giveUpCell(ObjectId cell, long token, long asked) {
        start(cell.toString(), () -> {
            List<Long> nodes = nodes(cell);
            flush(nodes);
            drop(cell, nodes);
            leases.yieldedCell(cell, token);
            leases.metrics().revoke.record(core.freshness.now() - asked);
        });
    }

    /**
     * The session is over, and with it all leases. The kernel believes attributes and names no longer, for it was told no longer times; its
     * pages it compares with the attributes when they are asked for. Dropping pages here might wait for a READ that waits for the next session.
     */
    void sessionLost() {
        start("a lost session", () -> {
            FuseNotifier notifier = core.notifier();
            leases.awaitAllChanges();
            notifier.incrementEpoch();
            core.inodes.forEach(node -> {
                notifier.invalidateInode(node, -1, 0);
                core.inodes.set(node, InodeTable.PAGES_KNOWN, false);
            });
            while (!notifier.drain(TimeUnit.SECONDS.toNanos(1))) {
                LOG.log(Level.WARNING, "the kernel takes its time to forget what a lost session had cached");
            }
            // What failed may still take effect: others are given these cells when the next session begins.
            TimeUnit.NANOSECONDS.sleep(leases.storeNanos());
            leases.cleared();
            core.open.files().forEach(file -> notifier.invalidateInode(file.inode.nodeId, 0, 0));
        });
    }

    /** The nodes that the kernel knows and the lease covers. */
    private List<Long> nodes(ObjectId object) {
        if (object.hasParent()) {
            return core.inodes.nodesOf(object.file());
        }
        List<Long> found = new ArrayList<>();
        core.inodes.forEach(node -> {
            ObjectId cell = leases.cellIfLive(node);
            boolean covered = cell != null
                    && (object.isDataset() || (cell.directory() == object.directory() && !leases.isExcepted(cell)));
            if (covered) {
                found.add(node);
            }
        });
        return found;
    }

    private void flush(List<Long> nodes) {
        for (long node : nodes) {
            OpenInode open = core.inodes.isLive(node) ? core.open.inode(node) : null;
            if (open != null) {
                open.writes.flush(0);
            }
        }
    }

    /** Who wants the file may be about to remove it: where the store keeps open files that have no name, it opens those that are open here. */
    private void keepOpen(List<Long> nodes) {
        for (long node : nodes) {
            OpenInode open = core.inodes.isLive(node) ? core.open.inode(node) : null;
            if (open == null || !Core.has(open.part, StoreFeature.OPEN_UNLINKED)) {
                continue;
            }
            for (FuseFile file : core.open.files()) {
                if (file.inode == open) {
                    try {
                        file.keepWithoutName();
                    } catch (StoreException e) {
                        LOG.log(Level.DEBUG, "an open file is not kept: {0}", e.getMessage());
                    }
                }
            }
        }
    }

    /** Has the kernel drop names, attributes and pages; what it writes back meanwhile is flushed. */
    private void drop(ObjectId object, List<Long> nodes) throws InterruptedException {
        keepOpen(nodes);
        FuseNotifier notifier = core.notifier();
        List<Long> files = new ArrayList<>(nodes.size());
        boolean names = false;
        for (long node : nodes) {
            if (!core.inodes.isLive(node)) {
                continue;
            }
            int type = core.inodes.mode(node) & TYPE_BITS;
            if (type == DIRECTORY || type == UNKNOWN) {
                notifier.invalidateInode(node, -1, 0);
                names = true;
            }
            if (type != DIRECTORY) {
                files.add(node);
            }
        }
        if (names) {
            notifier.incrementEpoch();
        }
        List<Long> todo = files;
        do {
            List<Leases.Parked> waiting = leases.beginDropping(object);
            todo.forEach(node -> dropPages(notifier, node, waiting));
            while (!notifier.drain(STUCK_NANOS)) {
                leases.stuck(object);
            }
            todo = leases.endDropping(object);
        } while (!todo.isEmpty());
        flush(files);
    }

    /** All pages but those that READs wait for. */
    private static void dropPages(FuseNotifier notifier, long node, List<Leases.Parked> parked) {
        List<Leases.Parked> here = parked.stream()
                .filter(p -> p.nodeId() == node)
                .sorted(Comparator.comparingLong(Leases.Parked::offset))
                .toList();
        long from = 0;
        for (Leases.Parked p : here) {
            if (p.offset() > from) {
                notifier.invalidateInode(node, from, p.offset() - from);
            }
            from = Math.max(from, p.offset() + p.length());
        }
        notifier.invalidateInode(node, from, 0);
    }

    /** Ends the threads, at the latest after {@code nanos}. */
    void close(long nanos) {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(nanos, TimeUnit.NANOSECONDS)) {
                LOG.log(Level.WARNING, "a revoke is under way although the mount has ended");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
