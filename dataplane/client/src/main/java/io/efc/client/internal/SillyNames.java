package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.store.FileHandle;
import io.efc.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where a store forgets an open file when its last name goes, the client renames it to {@code .nfs<hex>} in the same directory instead,
 * hides that name, and removes it at the last close: what the kernel's NFS client does.
 */
final class SillyNames {
    private static final String PREFIX = ".nfs";

    /** How long a directory's removal waits for hidden names in it that are being removed. */
    private static final long LEAVING_NANOS_MAX = 10_000_000_000L;

    private static final long LOOK_AGAIN_MILLIS = 1000;

    /** Removed names that are remembered. */
    private static final int GONE_MAX = 4096;

    private final Core core;
    private final ConcurrentHashMap<String, Boolean> names = new ConcurrentHashMap<>();
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong left = new AtomicLong();

    /** The names that went last stay hidden: a page of a directory may have been fetched before. */
    private final ArrayDeque<String> gone = new ArrayDeque<>();

    /** The files that have hidden names, open or just being closed. */
    private final Set<OpenInode> hiding = ConcurrentHashMap.newKeySet();

    /** Hidden names that are being removed; waited for under its own lock. */
    private final Set<Hidden> leaving = new HashSet<>();

    /** A hidden name. */
    @SuppressWarnings("ArrayRecordComponent")
    record Hidden(Namespace.Part part, FileHandle directory, byte[] name, Credentials caller) {}

    SillyNames(Core core) {
        this.core = core;
    }

    /** Moves {@code name}, which is {@code inode}, out of sight. */
    void hide(Credentials caller, OpenInode inode, long directoryId, byte[] name) {
        FileHandle directory = core.inodes.handle(directoryId);
        String hidden =
                String.format(Locale.ROOT, "%s%016x%08x", PREFIX, inode.fileLo, next.incrementAndGet() & 0xffffffffL);
        byte[] bytes = hidden.getBytes(StandardCharsets.US_ASCII);
        names.put(hidden, true);
        try {
            inode.part.store().rename(caller, directory, name, directory, bytes, 0);
        } catch (StoreException e) {
            names.remove(hidden);
            throw e;
        }
        synchronized (inode) {
            inode.hidden = new Hidden(inode.part, directory, bytes, caller);
            hiding.add(inode);
        }
        core.inodes.set(inode.nodeId, InodeTable.SILLY, true);
        if (core.open.inode(inode.nodeId) != inode) {
            // The last close came between; it saw no hidden name.
            closed(inode);
        }
    }

    /**
     * A directory is to be removed whose only entries may be hidden ones: moves those up, and waits for those that are being removed. In
     * this order: what a last close takes out of {@link #hiding} meanwhile is among the {@link #leaving} before.
     *
     * @return true if there were any
     */
    boolean moveUp(FileHandle directory, FileHandle parent) {
        boolean any = false;
        for (OpenInode inode : hiding) {
            synchronized (inode) {
                Hidden h = inode.hidden;
                if (h != null && h.directory.equals(directory)) {
                    h.part.store().rename(h.caller, directory, h.name, parent, h.name, 0);
                    inode.hidden = new Hidden(h.part, parent, h.name, h.caller);
                    any = true;
                }
            }
        }
        return awaitLeaving(directory) || any;
    }

    /** A name that was moved out of sight for something that then failed comes back. */
    void unhide(OpenInode inode, byte[] name) {
        Hidden h;
        synchronized (inode) {
            h = inode.hidden;
            inode.hidden = null;
            hiding.remove(inode);
        }
        if (h != null) {
            core.inodes.set(inode.nodeId, InodeTable.SILLY, false);
            h.part.store().rename(h.caller, h.directory, h.name, h.directory, name, 0);
            names.remove(new String(h.name, StandardCharsets.US_ASCII));
        }
    }

    /** True if the name is not to be shown: a hidden one of this client, or, where clients see one file system, of any. */
    boolean isHidden(byte[] name) {
        return name.length == PREFIX.length() + 24
                && name[0] == '.'
                && name[1] == 'n'
                && (core.leases != null || names.containsKey(new String(name, StandardCharsets.US_ASCII)));
    }

    /** How many hidden names were removed so far. */
    long left() {
        return left.get();
    }

    private boolean awaitLeaving(FileHandle directory) {
        boolean any = false;
        long deadline = System.nanoTime() + LEAVING_NANOS_MAX;
        synchronized (leaving) {
            while (leaving.stream().anyMatch(h -> h.directory.equals(directory)) && System.nanoTime() < deadline) {
                any = true;
                try {
                    leaving.wait(LOOK_AGAIN_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return true;
                }
            }
        }
        return any;
    }

    /** The last open file of {@code inode}, if it lives under a hidden name, is closed: takes that name away. */
    void closed(OpenInode inode) {
        Hidden hidden;
        synchronized (inode) {
            hidden = inode.hidden;
            if (hidden == null || inode.opens > 0) {
                return;
            }
            synchronized (leaving) {
                leaving.add(hidden);
            }
            inode.hidden = null;
            hiding.remove(inode);
        }
        remove(hidden);
    }

    private void remove(Hidden hidden) {
        try {
            hidden.part.store().unlink(hidden.caller, hidden.directory, hidden.name);
        } catch (StoreException e) {
            System.getLogger(SillyNames.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot remove an unlinked file: " + e.getMessage());
        } finally {
            forget(new String(hidden.name, StandardCharsets.US_ASCII));
            left.incrementAndGet();
            synchronized (leaving) {
                leaving.remove(hidden);
                leaving.notifyAll();
            }
        }
    }

    private void forget(String name) {
        synchronized (gone) {
            gone.addLast(name);
            if (gone.size() > GONE_MAX) {
                names.remove(gone.removeFirst());
            }
        }
    }
}
