package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.fuse.AttrReply;
import io.efc.fuse.EntryReply;
import io.efc.fuse.FuseFileSystem;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.SetattrArgs;
import io.efc.fuse.StatxReply;
import io.efc.store.OpenFile;
import io.efc.store.SetAttr;
import io.efc.store.StoreAttr;
import io.efc.store.UnderStore;
import org.jspecify.annotations.Nullable;

/** GETATTR, SETATTR, STATX and ACCESS, and the attributes that other operations answer. */
final class Attributes {
    private static final int PERMISSIONS = 07777;

    private final Core core;

    Attributes(Core core) {
        this.core = core;
    }

    Errno getattr(FuseRequest request, long nodeId, AttrReply reply) {
        InodeTable inodes = core.inodes;
        long left = core.freshness.attributes(nodeId, inodes.fill(nodeId, reply.attr()));
        if (left == 0) {
            left = refreshOpen(core.caller(request), request.pid(), nodeId);
            inodes.fill(nodeId, reply.attr());
        }
        reply.validNanos(left);
        return Errno.OK;
    }

    /** As {@link #refresh}, but a directory that lost its name keeps the attributes it had: the store knows it no more. */
    private long refreshOpen(Credentials caller, int pid, long nodeId) {
        if (core.inodes.has(nodeId, InodeTable.GONE)) {
            return core.freshness.attributes(nodeId, core.freshness.now());
        }
        return refresh(caller, pid, nodeId);
    }

    Errno statx(FuseRequest request, long nodeId, StatxReply reply) {
        long left = core.freshness.attributes(nodeId, core.inodes.fill(nodeId, reply.attr()));
        if (left == 0) {
            left = refreshOpen(core.caller(request), request.pid(), nodeId);
            core.inodes.fill(nodeId, reply.attr());
        }
        reply.validNanos(left);
        return Errno.OK;
    }

    Errno access(FuseRequest request, long nodeId, int mask) {
        int granted = core.store(nodeId).access(core.caller(request), core.inodes.handle(nodeId), mask & 7);
        return (granted & mask & 7) == (mask & 7) ? Errno.OK : Errno.EACCES;
    }

    /**
     * Asks the store for the file's attributes, after all that was written here is with it.
     *
     * @return for how long they may be believed
     */
    long refresh(Credentials caller, int pid, long nodeId) {
        OpenInode open = core.open.inode(nodeId);
        if (open != null) {
            open.writes.flush(pid);
        }
        long askedAt = core.freshness.now();
        StoreAttr attr = core.store(nodeId).getattr(caller, core.inodes.handle(nodeId));
        return learn(nodeId, attr, askedAt);
    }

    /**
     * Keeps what the store said of a file; even if something newer is kept already, it is known afterwards.
     *
     * @return for how long the kept attributes may be believed
     */
    long learn(long nodeId, StoreAttr attr, long askedAt) {
        core.inodes.apply(nodeId, attr, askedAt);
        return core.freshness.attributes(nodeId, core.inodes.fetchedAt(nodeId));
    }

    /** Makes sure that the kept attributes may be believed: what open has to know. */
    void revalidate(Credentials caller, int pid, long nodeId) {
        if (core.freshness.attributes(nodeId, core.inodes.fetchedAt(nodeId)) == 0) {
            refreshOpen(caller, pid, nodeId);
        }
    }

    /**
     * Fills in the entry of a file that is in the table.
     *
     * @param entryLeft for how long the name may be believed
     */
    void entry(long nodeId, long entryLeft, EntryReply reply) {
        long left = core.freshness.attributes(nodeId, core.inodes.fill(nodeId, reply.attr()));
        reply.nodeId(nodeId)
                .generation(core.inodes.generation(nodeId))
                .entryValidNanos(entryLeft)
                .attrValidNanos(left);
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
        StoreAttr attr =
                store.setattr(caller, core.inodes.handle(nodeId), openFile(args.hasSize(), args.fh()), change(args));
        long now = core.freshness.now();
        core.inodes.changed(nodeId, now);
        core.inodes.apply(nodeId, attr, now);
        if (args.hasSize() || (known && !args.hasMtime())) {
            core.inodes.pages(nodeId, attr.version());
        }
        if (open != null) {
            open.sized(attr.size(), now);
        }
        long fetchedAt = core.inodes.fill(nodeId, reply.attr());
        reply.validNanos(core.freshness.attributes(nodeId, fetchedAt));
        return Errno.OK;
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
