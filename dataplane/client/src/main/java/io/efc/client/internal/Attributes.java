package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.fuse.AttrReply;
import io.efc.fuse.EntryReply;
import io.efc.fuse.FuseAttr;
import io.efc.fuse.FuseFileSystem;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.SetattrArgs;
import io.efc.fuse.StatxReply;
import io.efc.store.FileHandle;
import io.efc.store.FileType;
import io.efc.store.OpenFile;
import io.efc.store.SetAttr;
import io.efc.store.StoreAttr;
import io.efc.store.StoreException;
import io.efc.store.UnderStore;
import org.jspecify.annotations.Nullable;

/** GETATTR, SETATTR, STATX and ACCESS, and the attributes that other operations answer. */
final class Attributes {
    private static final int PERMISSIONS = 07777;

    private static final int SET_USER_ID = 04000;
    private static final int SET_GROUP_ID = 02000;
    private static final int GROUP_EXECUTE = 0010;

    private final Core core;

    Attributes(Core core) {
        this.core = core;
    }

    Errno getattr(FuseRequest request, long nodeId, AttrReply reply) {
        long left = core.freshness.attributes(nodeId, core.inodes.fill(nodeId, reply.attr()));
        reply.validNanos(kernelMayKeep(nodeId, left > 0 ? left : ask(request, nodeId, reply.attr())));
        return Errno.OK;
    }

    Errno statx(FuseRequest request, long nodeId, StatxReply reply) {
        long left = core.freshness.attributes(nodeId, core.inodes.fill(nodeId, reply.attr()));
        reply.validNanos(kernelMayKeep(nodeId, left > 0 ? left : ask(request, nodeId, reply.attr())));
        return Errno.OK;
    }

    /** Asks the store and answers; a directory that lost its name keeps the attributes it had, for the store knows it no more. */
    private long ask(FuseRequest request, long nodeId, FuseAttr reply) {
        if (core.inodes.has(nodeId, InodeTable.GONE)) {
            return 0;
        }
        Credentials caller = core.caller(request);
        flushOpen(nodeId, request.pid());
        long askedAt = core.freshness.now();
        StoreAttr attr;
        try {
            attr = core.store(nodeId).getattr(caller, core.inodes.handle(nodeId));
        } catch (StoreException e) {
            if (e.errno() == Errno.ESTALE && core.leases != null && core.open.inode(nodeId) != null) {
                // Another client took its last name; it lives for those who have it open here.
                core.inodes.set(nodeId, InodeTable.GONE, true);
                core.inodes.fill(nodeId, reply);
                return 0;
            }
            throw e;
        }
        if (answer(nodeId, attr, askedAt, reply)) {
            return core.freshness.attributes(nodeId, core.inodes.fetchedAt(nodeId));
        }
        Inodes.fill(reply, core.inodes.mount(nodeId), attr, core.inodes.namesTaken(nodeId));
        return 0;
    }

    private void flushOpen(long nodeId, int pid) {
        OpenInode open = core.open.inode(nodeId);
        if (open != null) {
            open.writes.flush(pid);
        }
    }

    /**
     * Keeps what the store said of a file and answers what is kept.
     *
     * @return false if this client changed the file since it asked, so that what is kept is no answer, and what the store said may lack
     *     a write that the kernel has seen acknowledged
     */
    private boolean answer(long nodeId, StoreAttr attr, long askedAt, FuseAttr reply) {
        core.inodes.apply(nodeId, attr, askedAt);
        return core.inodes.fill(nodeId, reply) != Freshness.UNKNOWN;
    }

    Errno access(FuseRequest request, long nodeId, int mask) {
        int granted = core.store(nodeId).access(core.caller(request), core.inodes.handle(nodeId), mask & 7);
        return (granted & mask & 7) == (mask & 7) ? Errno.OK : Errno.EACCES;
    }

    /**
     * Asks the store for the file's attributes, after all that was written here is with it.
     *
     * @return the file's size
     */
    long refresh(Credentials caller, int pid, long nodeId) {
        if (core.inodes.has(nodeId, InodeTable.GONE)) {
            return 0;
        }
        flushOpen(nodeId, pid);
        long askedAt = core.freshness.now();
        StoreAttr attr = core.store(nodeId).getattr(caller, core.inodes.handle(nodeId));
        core.inodes.apply(nodeId, attr, askedAt);
        return attr.size();
    }

    /** Makes sure that the kept attributes may be believed: what open has to know. */
    void revalidate(Credentials caller, int pid, long nodeId) {
        if (core.freshness.attributes(nodeId, core.inodes.fetchedAt(nodeId)) == 0) {
            refresh(caller, pid, nodeId);
        }
    }

    /**
     * Keeps and answers what the store said of a file that is in the table; asks again if writes under way make that too old.
     *
     * @param entryLeft for how long the name may be believed
     */
    void entry(FuseRequest request, long nodeId, StoreAttr attr, long askedAt, long entryLeft, EntryReply reply) {
        OpenInode open = core.open.inode(nodeId);
        boolean moving = open != null && open.writes.isMoving();
        long left = !moving && answer(nodeId, attr, askedAt, reply.attr())
                ? core.freshness.attributes(nodeId, core.inodes.fetchedAt(nodeId))
                : ask(request, nodeId, reply.attr());
        describe(nodeId, left, entryLeft, reply);
    }

    /**
     * Answers an entry from what is kept.
     *
     * @return false if the kept attributes may not be believed
     */
    boolean keptEntry(long nodeId, long entryLeft, EntryReply reply) {
        long left = core.freshness.attributes(nodeId, core.inodes.fill(nodeId, reply.attr()));
        if (left > 0) {
            describe(nodeId, left, entryLeft, reply);
        }
        return left > 0;
    }

    private void describe(long nodeId, long attrLeft, long entryLeft, EntryReply reply) {
        reply.nodeId(nodeId)
                .generation(core.inodes.generation(nodeId))
                .entryValidNanos(entryLeft)
                .attrValidNanos(isNewToKernel(nodeId) ? 0 : kernelMayKeep(nodeId, attrLeft));
    }

    /**
     * The kernel may make its inode only after a revoke has looked for it: it keeps such an entry's attributes only when it has asked once more.
     */
    private boolean isNewToKernel(long nodeId) {
        return core.leases != null && core.inodes.nlookup(nodeId) <= 1;
    }

    /**
     * For how long the kernel may believe attributes that this client believes for {@code left}. Set-id bits go with the first write of
     * another user. That is this file system's to see to (HANDLE_KILLPRIV_V2), and the reply to a WRITE or OPEN has no room to say so: a
     * kernel that kept the mode would go on executing a changed file in its owner's name.
     */
    private long kernelMayKeep(long nodeId, long left) {
        return isSetId(core.inodes.mode(nodeId)) ? 0 : left;
    }

    Errno setattr(FuseRequest request, long nodeId, SetattrArgs args, AttrReply reply) {
        Credentials caller = core.caller(request);
        UnderStore store = core.store(nodeId);
        OpenInode open = core.open.inode(nodeId);
        if (open != null) {
            open.writes.flush(request.pid());
        }
        long oldVersion = core.inodes.version(nodeId);
        boolean known = core.inodes.pagesHold(nodeId, oldVersion);
        StoreAttr attr;
        try {
            attr = change(caller, nodeId, store, args);
        } catch (StoreException e) {
            if (!isMoot(e, args)) {
                throw e;
            }
            core.inodes.fill(nodeId, reply.attr());
            reply.validNanos(0);
            return Errno.OK;
        }
        if (args.killSuidGid() && isSetId(attr.mode())) {
            attr = strip(store, nodeId, attr);
        }
        long now = core.freshness.now();
        core.inodes.changed(nodeId, now);
        if (!answer(nodeId, attr, now, reply.attr())) {
            Inodes.fill(reply.attr(), core.inodes.mount(nodeId), attr, core.inodes.namesTaken(nodeId));
        }
        if (args.hasSize() || (known && !args.hasMtime())) {
            core.inodes.pages(nodeId, attr.version());
        }
        if (open != null) {
            open.sized(attr.size(), now);
        }
        reply.validNanos(kernelMayKeep(nodeId, core.freshness.attributes(nodeId, core.inodes.fetchedAt(nodeId))));
        return Errno.OK;
    }

    /**
     * Takes set-user-id and set-group-id from a file that one without CAP_FSETID writes to or cuts, if its store has left them. The caller may
     * be anybody, so it is done in the owner's name.
     */
    void strip(long nodeId) {
        if (!isSetId(core.inodes.mode(nodeId))) {
            return;
        }
        UnderStore store = core.store(nodeId);
        StoreAttr attr = store.getattr(Credentials.ROOT, core.inodes.handle(nodeId));
        if (isSetId(attr.mode())) {
            attr = strip(store, nodeId, attr);
        }
        long now = core.freshness.now();
        core.inodes.changed(nodeId, now);
        core.inodes.apply(nodeId, attr, now);
    }

    private StoreAttr strip(UnderStore store, long nodeId, StoreAttr attr) {
        Credentials owner = Credentials.of(attr.uid(), attr.gid());
        return store.setattr(owner, core.inodes.handle(nodeId), null, SetAttr.ofMode(without(attr.mode())));
    }

    private static boolean isSetId(int mode) {
        return FileType.ofMode(mode) == FileType.REGULAR && without(mode) != (mode & PERMISSIONS);
    }

    /** The permissions without set-id bits; set-group-id without group execution is none. */
    private static int without(int mode) {
        boolean group = (mode & GROUP_EXECUTE) != 0;
        return mode & PERMISSIONS & ~SET_USER_ID & ~(group ? SET_GROUP_ID : 0);
    }

    private StoreAttr change(Credentials caller, long nodeId, UnderStore store, SetattrArgs args) {
        FileHandle handle = core.inodes.handle(nodeId);
        SetAttr change = change(args);
        if (change.isEmpty()) {
            // The kernel asks for set-id bits to be taken, or for what only it keeps.
            return store.getattr(caller, handle);
        }
        OpenFile open = openFile(args.hasSize(), args.fh());
        if (!core.options.writeback() || (change.atime() == null && change.mtime() == null)) {
            return store.setattr(caller, handle, open, change);
        }
        // A kernel that keeps dirty pages sends times of its own clock where other kernels say "now", with whatever
        // moves them. They are
        // the owner's to set; that the caller may touch the file the kernel has checked.
        SetAttr rest = new SetAttr(change.mode(), change.uid(), change.gid(), change.size(), null, null);
        SetAttr times = new SetAttr(null, null, null, null, change.atime(), change.mtime());
        if (!rest.isEmpty()) {
            store.setattr(caller, handle, open, rest);
        }
        try {
            return store.setattr(caller, handle, null, times);
        } catch (StoreException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            return store.setattr(Credentials.ROOT, handle, null, times);
        }
    }

    /** A kernel that keeps dirty pages also tells the times of a file that has no name and is closed: nobody will ask for them. */
    private boolean isMoot(StoreException e, SetattrArgs args) {
        return core.options.writeback()
                && e.errno() == Errno.ESTALE
                && !args.hasMode()
                && !args.hasUid()
                && !args.hasGid()
                && !args.hasSize();
    }

    /** The store's open file for a change of size: its owner may cut a file that the caller might not open again. */
    private @Nullable OpenFile openFile(boolean sized, long fh) {
        if (!sized || fh == FuseFileSystem.NO_HANDLE) {
            return null;
        }
        FuseFile file = core.open.fileOrNull(fh);
        return file != null && file.access.writes() ? file.store() : null;
    }

    private static SetAttr change(SetattrArgs args) {
        return new SetAttr(
                args.hasMode() ? (Integer) (args.mode() & PERMISSIONS) : null,
                args.hasUid() ? (Integer) args.uid() : null,
                args.hasGid() ? (Integer) args.gid() : null,
                args.hasSize() ? (Long) args.size() : null,
                time(args.hasAtime(), args.atimeNow(), args.hasAtime() ? args.atime() : 0),
                time(args.hasMtime(), args.mtimeNow(), args.hasMtime() ? args.mtime() : 0));
    }

    private static @Nullable Long time(boolean has, boolean now, long value) {
        return has ? (Long) (now ? SetAttr.NOW : value) : null;
    }
}
