package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.fuse.CreateArgs;
import io.efc.fuse.EntryReply;
import io.efc.fuse.FuseName;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.OpenReply;
import io.efc.lease.ObjectId;
import io.efc.store.Access;
import io.efc.store.FileType;
import io.efc.store.Made;
import io.efc.store.OpenFile;
import io.efc.store.Opened;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import io.efc.store.StoreFeature;
import io.efc.store.UnderStore;
import org.jspecify.annotations.Nullable;

/**
 * OPEN, CREATE, TMPFILE and RELEASE. Close-to-open: an open knows the file's version as it is in the store (or as it may be believed to
 * be), and keeps the kernel's pages only if they hold that version.
 */
final class Opening {
    private final Core core;
    private final Attributes attributes;
    private final Names names;
    private final SillyNames silly;
    private final Passthrough passthrough;

    Opening(Core core, Attributes attributes, Names names, SillyNames silly) {
        this.core = core;
        this.attributes = attributes;
        this.names = names;
        this.silly = silly;
        this.passthrough = new Passthrough(core);
    }

    Errno open(FuseRequest request, long nodeId, int flags, boolean killSuidGid, OpenReply reply) {
        if ((flags & Libc.O_TRUNC) != 0 || killSuidGid) {
            try (Change _ = core.change(nodeId)) {
                return opened(request, nodeId, flags, killSuidGid, reply);
            }
        }
        // Who wants to remove the file has to find it open, or not yet.
        try (Change _ = core.hold(nodeId)) {
            return opened(request, nodeId, flags, killSuidGid, reply);
        }
    }

    private Errno opened(FuseRequest request, long nodeId, int flags, boolean killSuidGid, OpenReply reply) {
        Credentials caller = core.caller(request);
        Access access = FuseFile.accessOf(flags);
        boolean truncate = (flags & Libc.O_TRUNC) != 0;
        OpenFile opened = null;
        if (access.writes() || truncate) {
            OpenInode open = core.open.inode(nodeId);
            if (open != null) {
                passthrough.admit(open, access);
                open.writes.flush(request.pid());
            }
            long askedAt = core.freshness.now();
            Opened o = core.store(nodeId).open(caller, core.inodes.handle(nodeId), access, truncate);
            opened = o.file();
            learn(nodeId, o, askedAt, truncate);
            if (killSuidGid) {
                stripOrClose(nodeId, o.file());
            }
        } else {
            if (core.options.checkAtOpen()) {
                attributes.refresh(caller, request.pid(), nodeId);
            } else {
                attributes.revalidate(caller, request.pid(), nodeId);
            }
            if (FileType.ofMode(core.inodes.mode(nodeId)) == FileType.DIRECTORY) {
                return Errno.EISDIR;
            }
        }
        answer(nodeId, caller, flags, opened, reply);
        return Errno.OK;
    }

    private void stripOrClose(long nodeId, OpenFile opened) {
        try {
            attributes.strip(nodeId);
        } catch (RuntimeException e) {
            core.store(nodeId).close(opened);
            throw e;
        }
    }

    private void learn(long nodeId, Opened opened, long askedAt, boolean truncated) {
        OpenInode open = core.open.inode(nodeId);
        if (truncated) {
            long now = core.freshness.now();
            core.inodes.changed(nodeId, now);
            core.inodes.apply(nodeId, opened.entry().attr(), now);
            if (open != null) {
                open.sized(opened.entry().attr().size(), now);
            }
        } else {
            if (open == null || !open.writes.isMoving()) {
                core.inodes.apply(nodeId, opened.entry().attr(), askedAt);
            }
        }
    }

    /** Makes the open file and fills in the reply; on failure the store's open file is closed. */
    private void answer(long nodeId, Credentials caller, int flags, @Nullable OpenFile opened, OpenReply reply) {
        UnderStore store = core.store(nodeId);
        OpenInode inode = core.open.acquire(nodeId);
        FuseFile file = null;
        boolean counted = false;
        boolean done = false;
        try {
            ReadPattern pattern = new ReadPattern(core.options.readaheadInitial(), core.options.readaheadMax());
            file = new FuseFile(inode, caller, flags, opened, pattern);
            if (file.access.writes()) {
                inode.writes.addWriter(file);
            }
            int backing = passthrough.open(file);
            counted = true;
            long fh = core.open.add(file);
            reply.handle(fh);
            if (backing == 0 && core.leases != null && file.access.writes()) {
                reply.flags(OpenReply.FOPEN_DIRECT_IO);
            } else if (backing == 0) {
                reply.flags(keep(inode));
            } else {
                reply.flags(file.direct ? OpenReply.FOPEN_DIRECT_IO : 0).passthrough(backing);
            }
            done = true;
        } finally {
            if (!done) {
                if (file != null) {
                    inode.writes.removeWriter(file);
                }
                if (file != null && counted) {
                    passthrough.close(file);
                }
                core.open.release(inode);
                if (opened != null) {
                    store.close(opened);
                }
            }
        }
    }

    private int keep(OpenInode inode) {
        long version = core.inodes.version(inode.nodeId);
        if (inode.writes.isMoving() || core.inodes.pagesHold(inode.nodeId, version)) {
            return OpenReply.FOPEN_KEEP_CACHE;
        }
        core.inodes.pages(inode.nodeId, version);
        return 0;
    }

    /** A CREATE request. */
    private record Creation(FuseRequest request, long parent, FuseName name, Credentials caller, int mode, int flags) {}

    Errno create(FuseRequest request, long parent, FuseName name, CreateArgs args, EntryReply entry, OpenReply reply) {
        Credentials caller = core.caller(request);
        int flags = args.flags();
        int mode = names.masked(caller, parent, args.mode(), args.umask()) & 07777;
        boolean exclusive = (flags & Libc.O_EXCL) != 0;
        Creation creation = new Creation(request, parent, name, caller, mode, flags);
        if (core.leases == null) {
            return create(creation, exclusive, entry, reply);
        }
        while (true) {
            try (Change _ = core.change(parent)) {
                return create(creation, true, entry, reply);
            } catch (StoreException e) {
                if (exclusive || e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
            // Somebody made it meanwhile: it is opened, and perhaps cut, as a file that others may have open.
            ObjectId child = names.cellOf(caller, parent, name);
            if (child == null) {
                continue;
            }
            try (Change _ = names.change(parent, child)) {
                return create(creation, false, entry, reply);
            }
        }
    }

    private Errno create(Creation c, boolean exclusive, EntryReply entry, OpenReply reply) {
        UnderStore store = core.store(c.parent);
        long askedAt = core.freshness.now();
        Opened o = names.making(
                c.parent,
                c.name,
                () -> store.create(
                        c.caller,
                        core.inodes.handle(c.parent),
                        c.name.toBytes(),
                        c.mode,
                        FuseFile.accessOf(c.flags),
                        exclusive,
                        (c.flags & Libc.O_TRUNC) != 0));
        long nodeId;
        try {
            nodeId = names.made(c.request, c.parent, c.name, new Made(o.entry(), o.directory()), askedAt, entry);
        } catch (RuntimeException e) {
            store.close(o.file());
            throw e;
        }
        try {
            answer(nodeId, c.caller, c.flags, o.file(), reply);
        } catch (RuntimeException e) {
            core.inodes.forget(nodeId, 1);
            throw e;
        }
        return Errno.OK;
    }

    Errno tmpfile(FuseRequest request, long parent, CreateArgs args, EntryReply entry, OpenReply reply) {
        Namespace.Part part = core.part(parent);
        if (!Core.has(part, StoreFeature.UNNAMED_FILES)) {
            return Errno.EOPNOTSUPP;
        }
        Credentials caller = core.caller(request);
        int mode = names.masked(caller, parent, args.mode(), args.umask()) & 07777;
        long askedAt = core.freshness.now();
        Opened o =
                part.store().createUnnamed(caller, core.inodes.handle(parent), mode, FuseFile.accessOf(args.flags()));
        StoreEntry e = o.entry();
        long nodeId;
        try {
            nodeId = core.inodes.intern(part.number(), e.handle(), e.attr().fileId(), parent, 1);
        } catch (RuntimeException x) {
            part.store().close(o.file());
            throw x;
        }
        try {
            attributes.entry(request, nodeId, e.attr(), askedAt, 0, entry);
            answer(nodeId, caller, args.flags(), o.file(), reply);
        } catch (RuntimeException x) {
            core.inodes.forget(nodeId, 1);
            throw x;
        }
        return Errno.OK;
    }

    /** The last descriptor is closed: what was written goes to the store, and the file is closed there. */
    void release(FuseRequest request, long fh) {
        FuseFile file = core.open.remove(fh);
        OpenInode inode = file.inode;
        try {
            if (file.access.writes()) {
                inode.writes.commit(file, request.pid());
            }
        } finally {
            inode.writes.removeWriter(file);
            core.chunks.awaitIdle(file);
            passthrough.close(file);
            try {
                file.close();
            } finally {
                core.open.release(inode);
                silly.closed(inode);
            }
        }
    }
}
