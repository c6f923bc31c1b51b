package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.fuse.DataReply;
import io.efc.fuse.EntryReply;
import io.efc.fuse.FuseFlags;
import io.efc.fuse.FuseName;
import io.efc.fuse.FuseRequest;
import io.efc.lease.ObjectId;
import io.efc.store.FileHandle;
import io.efc.store.FileType;
import io.efc.store.Made;
import io.efc.store.Renamed;
import io.efc.store.StoreAttr;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import io.efc.store.StoreFeature;
import io.efc.store.UnderStore;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What finds, makes, moves and removes names. */
final class Names {
    /** Hidden names in a directory that is to be removed or replaced come and go with the closes under way. */
    private static final int EMPTYING_ATTEMPTS = 5;

    private static final int NAME_MAX = 255;
    private static final int RENAME_NOREPLACE = 1;
    private static final int RENAME_EXCHANGE = 2;
    private static final byte[] DEFAULT_ACL =
            "system.posix_acl_default".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final Core core;
    private final Attributes attributes;
    private final SillyNames silly;

    Names(Core core, Attributes attributes, SillyNames silly) {
        this.core = core;
        this.attributes = attributes;
        this.silly = silly;
    }

    Errno lookup(FuseRequest request, long parent, FuseName name, EntryReply reply) {
        if (name.length() > NAME_MAX) {
            return Errno.ENAMETOOLONG;
        }
        DentryCache.Found f = core.dentries.find(parent, name);
        if (f != null) {
            if (f.nodeId == DentryCache.ABSENT) {
                long left = core.freshness.negative(parent, f.fetchedAt);
                if (left > 0) {
                    reply.nodeId(0).entryValidNanos(left);
                    return Errno.OK;
                }
            } else if (cached(parent, f, reply)) {
                return Errno.OK;
            }
        }
        long absent = core.rosters.absent(parent, name);
        if (absent > 0) {
            core.metrics.absentByRoster.increment();
            reply.nodeId(0).entryValidNanos(absent);
            return Errno.OK;
        }
        return ask(request, parent, name, reply);
    }

    private boolean cached(long parent, DentryCache.Found f, EntryReply reply) {
        long nodeId = f.nodeId;
        long left = core.freshness.entry(parent, f.fetchedAt);
        if (left == 0 || !core.inodes.acquire(nodeId, f.generation)) {
            return false;
        }
        if (!attributes.keptEntry(nodeId, left, reply)) {
            core.inodes.forget(nodeId, 1);
            return false;
        }
        return true;
    }

    private Errno ask(FuseRequest request, long parent, FuseName name, EntryReply reply) {
        long askedAt = core.freshness.now();
        Namespace.Located found;
        try {
            found = core.namespace.lookup(
                    core.caller(request), core.part(parent), core.inodes.handle(parent), name.toBytes());
        } catch (StoreException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            core.dentries.put(parent, name, DentryCache.ABSENT, 0, askedAt);
            if (core.leases != null) {
                core.rosters.missed(core.caller(request), parent);
            }
            long left = core.freshness.negative(parent, askedAt);
            if (left == 0) {
                return Errno.ENOENT;
            }
            reply.nodeId(0).entryValidNanos(left);
            return Errno.OK;
        }
        answer(request, parent, name, found.part(), found.entry(), askedAt, reply);
        return Errno.OK;
    }

    /** Counts a lookup of a file that the store named, keeps what was learned, and fills in the reply. */
    private long answer(
            FuseRequest request,
            long parent,
            FuseName name,
            Namespace.Part part,
            StoreEntry entry,
            long askedAt,
            EntryReply reply) {
        long nodeId =
                core.inodes.intern(part.number(), entry.handle(), entry.attr().fileId(), parent, 1);
        try {
            core.dentries.put(parent, name, nodeId, core.inodes.generation(nodeId), askedAt);
            long left = core.freshness.entry(parent, askedAt);
            attributes.entry(request, nodeId, entry.attr(), askedAt, left, reply);
        } catch (RuntimeException e) {
            core.inodes.forget(nodeId, 1);
            throw e;
        }
        return nodeId;
    }

    /** Has the store make {@code name} in {@code parent}: however that ends, it may be there afterwards. */
    <T> T making(long parent, FuseName name, Supplier<T> request) {
        try {
            return request.get();
        } finally {
            core.rosters.add(parent, name);
            core.dentries.changed(parent, name, core.freshness.now());
        }
    }

    /** Notes that this client made {@code name} in {@code parent}, as it asked for at {@code askedAt}, and answers with what is there since. */
    long made(FuseRequest request, long parent, FuseName name, Made made, long askedAt, EntryReply reply) {
        long now = core.freshness.now();
        core.inodes.changed(parent, now, made.directory(), askedAt);
        return answer(request, parent, name, core.part(parent), made.entry(), now, reply);
    }

    Errno mkdir(FuseRequest request, long parent, FuseName name, int mode, int umask, EntryReply reply) {
        Credentials caller = core.caller(request);
        FileHandle directory = core.inodes.handle(parent);
        int masked = masked(caller, parent, mode, umask) & 07777;
        long askedAt = core.freshness.now();
        Made made = making(parent, name, () -> core.store(parent).mkdir(caller, directory, name.toBytes(), masked));
        made(request, parent, name, made, askedAt, reply);
        return Errno.OK;
    }

    Errno symlink(FuseRequest request, long parent, FuseName name, FuseName target, EntryReply reply) {
        FileHandle directory = core.inodes.handle(parent);
        long askedAt = core.freshness.now();
        Credentials caller = core.caller(request);
        Made made = making(
                parent, name, () -> core.store(parent).symlink(caller, directory, name.toBytes(), target.toBytes()));
        made(request, parent, name, made, askedAt, reply);
        return Errno.OK;
    }

    Errno mknod(FuseRequest request, long parent, FuseName name, int mode, int rdev, int umask, EntryReply reply) {
        Credentials caller = core.caller(request);
        FileHandle directory = core.inodes.handle(parent);
        int masked = masked(caller, parent, mode, umask);
        long askedAt = core.freshness.now();
        Made made = making(
                parent,
                name,
                () -> core.store(parent).mknod(caller, directory, name.toBytes(), masked, rdev & 0xffffffffL));
        made(request, parent, name, made, askedAt, reply);
        return Errno.OK;
    }

    /**
     * The mode to create with. Where the kernel leaves the umask to the file system, it counts unless the directory has a default ACL
     * (acl(5), "object creation and default ACLs").
     */
    int masked(Credentials caller, long parent, int mode, int umask) {
        if (!core.negotiated(FuseFlags.DONT_MASK) || (mode & umask) == 0) {
            return mode;
        }
        return hasDefaultAcl(caller, parent) ? mode : mode & ~umask;
    }

    private boolean hasDefaultAcl(Credentials caller, long directory) {
        Namespace.Part part = core.part(directory);
        if (!Core.has(part, StoreFeature.POSIX_ACLS)) {
            return false;
        }
        boolean fresh = core.freshness.attributes(directory, core.inodes.fetchedAt(directory)) > 0;
        if (fresh && core.inodes.has(directory, InodeTable.NO_DEFAULT_ACL)) {
            return false;
        }
        try {
            part.store().getxattr(caller, core.inodes.handle(directory), DEFAULT_ACL);
            return true;
        } catch (StoreException e) {
            if (e.errno() == Errno.ENODATA) {
                core.inodes.set(directory, InodeTable.NO_DEFAULT_ACL, true);
            }
            return false;
        }
    }

    Errno link(FuseRequest request, long nodeId, long newParent, FuseName newName, EntryReply reply) {
        if (core.inodes.mount(nodeId) != core.inodes.mount(newParent)) {
            return Errno.EXDEV;
        }
        FileHandle file = core.inodes.handle(nodeId);
        FileHandle directory = core.inodes.handle(newParent);
        long askedAt = core.freshness.now();
        Credentials caller = core.caller(request);
        Made made =
                making(newParent, newName, () -> core.store(nodeId).link(caller, file, directory, newName.toBytes()));
        core.inodes.changed(nodeId, core.freshness.now());
        made(request, newParent, newName, made, askedAt, reply);
        return Errno.OK;
    }

    Errno readlink(FuseRequest request, long nodeId, DataReply reply) {
        byte[] target = core.store(nodeId).readlink(core.caller(request), core.inodes.handle(nodeId));
        MemorySegment to = reply.buffer();
        long room = to.byteSize() - reply.bufferOffset();
        int n = (int) Math.min(room, target.length);
        MemorySegment.copy(target, 0, to, ValueLayout.JAVA_BYTE, reply.bufferOffset(), n);
        reply.length(n);
        return Errno.OK;
    }

    Errno unlink(FuseRequest request, long parent, FuseName name) {
        Credentials caller = core.caller(request);
        try (Change _ = changeWithChild(caller, parent, name)) {
            return unlink(caller, parent, name);
        }
    }

    /** The right to change a directory and what {@code name} stands for in it, as it is while the right is held. */
    private Change changeWithChild(Credentials caller, long parent, FuseName name) {
        if (core.leases == null) {
            return Change.UNGUARDED;
        }
        while (true) {
            core.look(parent);
            ObjectId child = cellOf(caller, parent, name);
            Change change = change(parent, child);
            boolean same = false;
            try {
                same = Objects.equals(child, cellOf(caller, parent, name));
            } finally {
                if (!same) {
                    change.close();
                }
            }
            if (same) {
                return change;
            }
        }
    }

    /** The right to change a directory and what one of its names stands for. */
    Change change(long parent, @Nullable ObjectId... children) {
        Leases leases = Objects.requireNonNull(core.leases);
        @Nullable ObjectId[] all = Arrays.copyOf(children, children.length + 1);
        all[children.length] = leases.cell(parent);
        return leases.change(all);
    }

    /** The cell of what a name stands for; null if there is no such name. */
    @Nullable
    ObjectId cellOf(Credentials caller, long parent, FuseName name) {
        Leases leases = Objects.requireNonNull(core.leases);
        DentryCache.Found f = core.dentries.find(parent, name);
        if (f != null && core.freshness.entry(parent, f.fetchedAt) > 0) {
            if (f.nodeId == DentryCache.ABSENT) {
                return null;
            }
            if (isStill(f)) {
                return leases.cell(f.nodeId);
            }
        }
        if (core.rosters.absent(parent, name) > 0) {
            return null;
        }
        try {
            Namespace.Part part = core.part(parent);
            StoreEntry e = part.store().lookup(caller, core.inodes.handle(parent), name.toBytes());
            return leases.cell(part.number(), e.attr().fileId(), e.handle());
        } catch (StoreException e) {
            if (e.errno() == Errno.EINTR) {
                throw e;
            }
            return null;
        }
    }

    private Errno unlink(Credentials caller, long parent, FuseName name) {
        byte[] bytes = name.toBytes();
        long child = childOf(caller, parent, name, bytes);
        boolean hidden = keepOpen(caller, child, parent, bytes);
        long askedAt = core.freshness.now();
        StoreAttr directory = hidden ? null : core.store(parent).unlink(caller, core.inodes.handle(parent), bytes);
        removed(parent, name, child, directory, askedAt);
        return Errno.OK;
    }

    Errno rmdir(FuseRequest request, long parent, FuseName name) {
        Credentials caller = core.caller(request);
        try (Change _ = changeWithChild(caller, parent, name)) {
            return rmdir(caller, parent, name);
        }
    }

    private Errno rmdir(Credentials caller, long parent, FuseName name) {
        byte[] bytes = name.toBytes();
        long child = childOf(caller, parent, name, bytes);
        FileHandle directory = core.inodes.handle(parent);
        StoreAttr after;
        long askedAt;
        for (int attempt = 1; ; attempt++) {
            long left = silly.left();
            askedAt = core.freshness.now();
            try {
                after = core.store(parent).rmdir(caller, directory, bytes);
                break;
            } catch (StoreException e) {
                if (child == 0 && isFull(e)) {
                    child = askedChildOf(caller, parent, bytes);
                }
                if (attempt == EMPTYING_ATTEMPTS || !emptied(e, child, directory, left)) {
                    throw e;
                }
            }
        }
        removed(parent, name, child, after, askedAt);
        gone(child);
        return Errno.OK;
    }

    /** True if {@code directory}, which {@code parent} has, was not empty and it was a matter of hidden names that it has not any more. */
    private boolean emptied(StoreException e, long directory, FileHandle parent, long leftBefore) {
        return isFull(e)
                && directory != 0
                && (silly.moveUp(core.inodes.handle(directory), parent) || silly.left() != leftBefore);
    }

    /** Whether the store found entries in a directory that must be empty. */
    private static boolean isFull(StoreException e) {
        return e.errno() == Errno.ENOTEMPTY || e.errno() == Errno.EEXIST;
    }

    /** A directory lost its only name. */
    private void gone(long nodeId) {
        if (nodeId != 0 && core.inodes.isLive(nodeId)) {
            core.inodes.set(nodeId, InodeTable.GONE, true);
        }
    }

    /** @param directory the parent's attributes as the answer to what was asked at {@code askedAt} has them */
    private void removed(long parent, FuseName name, long child, @Nullable StoreAttr directory, long askedAt) {
        long now = core.freshness.now();
        core.dentries.changed(parent, name, now);
        core.dentries.put(parent, name, DentryCache.ABSENT, 0, now);
        core.inodes.changed(parent, now, directory, askedAt);
        changed(child, now);
    }

    Errno rename(FuseRequest request, long parent, FuseName name, long newParent, FuseName newName, int flags) {
        if (core.inodes.mount(parent) != core.inodes.mount(newParent)) {
            return Errno.EXDEV;
        }
        if (!renames(core.part(parent), flags)) {
            return Errno.EINVAL;
        }
        Credentials caller = core.caller(request);
        if (core.leases == null) {
            return rename(caller, parent, name, newParent, newName, flags);
        }
        while (true) {
            core.look(parent);
            core.look(newParent);
            ObjectId moved = cellOf(caller, parent, name);
            ObjectId replaced = cellOf(caller, newParent, newName);
            try (Change _ = change(parent, core.leases.cell(newParent), moved, replaced)) {
                if (Objects.equals(moved, cellOf(caller, parent, name))
                        && Objects.equals(replaced, cellOf(caller, newParent, newName))) {
                    return rename(caller, parent, name, newParent, newName, flags);
                }
            }
        }
    }

    /** Whether the store can do what renameat2's flags ask for; programs that hear EINVAL ask again without. */
    private static boolean renames(Namespace.Part part, int flags) {
        int can = (Core.has(part, StoreFeature.RENAME_NOREPLACE) ? RENAME_NOREPLACE : 0)
                | (Core.has(part, StoreFeature.RENAME_EXCHANGE) ? RENAME_EXCHANGE : 0);
        return (flags & ~can) == 0;
    }

    private Errno rename(Credentials caller, long parent, FuseName name, long newParent, FuseName newName, int flags) {
        UnderStore store = core.store(parent);
        byte[] from = name.toBytes();
        byte[] to = newName.toBytes();
        long moved = childOf(caller, parent, name, from);
        long replaced = 0;
        boolean hidden = false;
        if (flags == 0) {
            replaced = childOf(caller, newParent, newName, to);
            if (replaced != 0 && replaced != moved) {
                hidden = hideReplaced(caller, replaced, newParent, to);
            }
        }
        FileHandle target = core.inodes.handle(newParent);
        Renamed renamed;
        long askedAt;
        for (int attempt = 1; ; attempt++) {
            long left = silly.left();
            askedAt = core.freshness.now();
            try {
                renamed = making(
                        newParent,
                        newName,
                        () -> store.rename(caller, core.inodes.handle(parent), from, target, to, flags));
                break;
            } catch (StoreException e) {
                // With flags nothing is known to be replaced.
                if (attempt == EMPTYING_ATTEMPTS || !emptied(e, replaced, target, left)) {
                    unhide(hidden, replaced, to);
                    throw e;
                }
            }
        }
        renamed(new Move(parent, name, newParent, newName), moved, replaced, renamed, askedAt);
        if (replaced != 0 && replaced != moved && isDirectory(replaced)) {
            gone(replaced);
        }
        return Errno.OK;
    }

    /** From one name to another. */
    private record Move(long parent, FuseName name, long newParent, FuseName newName) {}

    /** Keeps what is known after a rename of {@code moved} over {@code replaced}, each 0 if not known, that was asked for at {@code askedAt}. */
    private void renamed(Move move, long moved, long replaced, Renamed after, long askedAt) {
        long now = core.freshness.now();
        core.dentries.changed(move.parent, move.name, now);
        core.inodes.changed(move.parent, now, after.from(), askedAt);
        if (move.newParent != move.parent) {
            core.inodes.changed(move.newParent, now, after.to(), askedAt);
        }
        changed(replaced, now);
        StoreEntry entry = after.moved();
        if (entry == null || moved == 0 || core.inodes.find(core.inodes.mount(move.parent), entry.handle()) != moved) {
            changed(moved, now);
            return;
        }
        core.inodes.changed(moved, now, entry.attr(), askedAt);
        core.inodes.parent(moved, move.newParent);
        core.dentries.put(move.newParent, move.newName, moved, core.inodes.generation(moved), now);
        if (moved != replaced) {
            core.dentries.put(move.parent, move.name, DentryCache.ABSENT, 0, now);
        }
    }

    private void changed(long nodeId, long now) {
        if (nodeId != 0 && core.inodes.isLive(nodeId)) {
            core.inodes.changed(nodeId, now);
        }
    }

    /** A name that was {@code hidden} for a rename that then failed comes back. */
    private void unhide(boolean hidden, long replaced, byte[] name) {
        OpenInode open = hidden ? core.open.inode(replaced) : null;
        if (open != null) {
            silly.unhide(open, name);
        }
    }

    /** Only a file can be replaced by a file; for anything else the store says what is wrong. */
    private boolean hideReplaced(Credentials caller, long replaced, long newParent, byte[] name) {
        return isRegular(replaced) && keepOpen(caller, replaced, newParent, name);
    }

    private boolean isDirectory(long nodeId) {
        return core.inodes.isLive(nodeId) && FileType.ofMode(core.inodes.mode(nodeId)) == FileType.DIRECTORY;
    }

    private boolean isRegular(long nodeId) {
        return core.inodes.isLive(nodeId) && FileType.ofMode(core.inodes.mode(nodeId)) == FileType.REGULAR;
    }

    /** Whether the node that was found is there and the one that was kept. */
    private boolean isStill(DentryCache.Found f) {
        return f.nodeId != DentryCache.ABSENT
                && core.inodes.isLive(f.nodeId)
                && core.inodes.generation(f.nodeId) == f.generation;
    }

    /** The node of a name if it is one of the open ones, else 0 or whatever the dentry cache says. */
    private long childOf(Credentials caller, long parent, FuseName name, byte[] bytes) {
        DentryCache.Found f = core.dentries.find(parent, name);
        boolean known = f != null && core.freshness.entry(parent, f.fetchedAt) > 0;
        if (f != null && known && isStill(f)) {
            return f.nodeId;
        }
        boolean absent = f != null && known && f.nodeId == DentryCache.ABSENT;
        if (core.leases != null && (absent || core.rosters.absent(parent, name) > 0)) {
            return 0;
        }
        return core.open.any() || core.leases != null ? askedChildOf(caller, parent, bytes) : 0;
    }

    /** The node of a name as the store has it now; 0 without one. */
    private long askedChildOf(Credentials caller, long parent, byte[] bytes) {
        try {
            StoreEntry e = core.store(parent).lookup(caller, core.inodes.handle(parent), bytes);
            return core.inodes.find(core.inodes.mount(parent), e.handle());
        } catch (StoreException e) {
            return 0;
        }
    }

    /**
     * A name of {@code nodeId} is about to go. If the file is open here it must stay usable: the store opens it for those who have not read
     * from there yet, or, where open files die with their name, it is renamed out of sight.
     *
     * @return true if the name is gone already
     */
    private boolean keepOpen(Credentials caller, long nodeId, long parent, byte[] name) {
        OpenInode open = openInode(nodeId);
        if (open == null) {
            return false;
        }
        if (Core.has(open.part, StoreFeature.OPEN_UNLINKED)) {
            for (FuseFile f : core.open.files()) {
                if (f.inode == open) {
                    f.keepWithoutName();
                }
            }
            return false;
        }
        open.writes.flush(0);
        if (open.part.store().getattr(caller, open.handle).nlink() > 1) {
            return false;
        }
        silly.hide(caller, open, parent, name);
        return true;
    }

    private @Nullable OpenInode openInode(long nodeId) {
        return nodeId != 0 && core.inodes.isLive(nodeId) ? core.open.inode(nodeId) : null;
    }
}
