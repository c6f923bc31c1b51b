package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.fuse.AttrReply;
import io.efc.fuse.CopyArgs;
import io.efc.fuse.CreateArgs;
import io.efc.fuse.DataReply;
import io.efc.fuse.DirReply;
import io.efc.fuse.EntryReply;
import io.efc.fuse.FuseFileSystem;
import io.efc.fuse.FuseName;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.FuseNotifier;
import io.efc.fuse.FuseOpcode;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.LockArgs;
import io.efc.fuse.LockReply;
import io.efc.fuse.OpenReply;
import io.efc.fuse.SetattrArgs;
import io.efc.fuse.StatfsReply;
import io.efc.fuse.StatxReply;
import io.efc.fuse.WriteArgs;
import io.efc.fuse.WriteReply;
import io.efc.fuse.XattrReply;
import io.efc.store.StoreException;
import java.util.EnumSet;
import java.util.Set;

/**
 * The file system that the kernel sees: each operation goes to the class that has it, and a store's error becomes the errno that is
 * answered, here and nowhere else.
 *
 * <p>A signal to a program interrupts its request's thread, and a store that waits gives up with EINTR. Most signals are handled by
 * programs that expect stat(2) or open(2) to go on (a timer, a child's end), so the operation begins anew; only for a caller that is being
 * killed it ends, and in SETLKW, which POSIX lets signals interrupt.
 */
public final class ClientFileSystem implements FuseFileSystem {
    private final Core core;
    private final Attributes attributes;
    private final Names names;
    private final Opening opening;
    private final WritePath writePath;
    private final Directories directories;
    private final Xattrs xattrs;
    private final Locks locks;
    private final Space space;

    ClientFileSystem(Core core) {
        this.core = core;
        SillyNames silly = new SillyNames(core);
        attributes = new Attributes(core);
        names = new Names(core, attributes, silly);
        opening = new Opening(core, attributes, names, silly);
        writePath = new WritePath(core, attributes);
        directories = new Directories(core, attributes, silly);
        xattrs = new Xattrs(core);
        locks = core.leases == null ? new StoreLocks() : new MasterLocks(core.leases);
        space = new Space(core, attributes);
    }

    @Override
    public Set<FuseOpcode> operations() {
        Set<FuseOpcode> all = EnumSet.allOf(FuseOpcode.class);
        all.removeAll(EnumSet.of(
                FuseOpcode.BMAP,
                FuseOpcode.IOCTL,
                FuseOpcode.POLL,
                FuseOpcode.SETUPMAPPING,
                FuseOpcode.REMOVEMAPPING,
                FuseOpcode.NOTIFY_REPLY));
        if (core.options.writeback()) {
            // The kernel asks for holes without writing back what it keeps; without LSEEK it goes by its own idea of
            // the file's size.
            all.remove(FuseOpcode.LSEEK);
        }
        return all;
    }

    @Override
    public void start(FuseNegotiated negotiated, FuseNotifier notifier) {
        core.started(negotiated, notifier);
    }

    @Override
    public void stop() {
        for (FuseFile file : core.open.files()) {
            try {
                if (file.access.writes()) {
                    file.inode.writes.commit(file, 0);
                }
            } catch (StoreException e) {
                System.getLogger(ClientFileSystem.class.getName())
                        .log(System.Logger.Level.ERROR, "bytes of an open file are not written: " + e.getMessage());
            }
        }
    }

    /** Does what is due from time to time. */
    void tick() {
        writePath.tick();
    }

    @Override
    public void forget(long nodeId, long nlookup) {
        core.inodes.forget(nodeId, nlookup);
    }

    @Override
    public void release(FuseRequest request, long nodeId, long fh, int flags, long lockOwner, boolean unlockFlock) {
        OpenInode inode = core.open.file(fh).inode;
        inode.releaseBegins();
        try {
            locks.released(core.open.file(fh), lockOwner, unlockFlock);
        } catch (StoreException e) {
            failed("unlock at close", e);
        }
        try {
            opening.release(request, fh);
        } catch (StoreException e) {
            failed("close", e);
        } finally {
            inode.releaseEnds();
        }
    }

    private static void failed(String what, StoreException e) {
        System.getLogger(ClientFileSystem.class.getName())
                .log(System.Logger.Level.WARNING, what + " failed: " + e.getMessage());
    }

    @Override
    public void releasedir(FuseRequest request, long nodeId, long fh) {
        directories.releasedir(fh);
    }

    private Errno flush(FuseRequest request, FuseFile file, long lockOwner) {
        Errno written = writePath.flush(request, file);
        file.inode.flushed();
        locks.closed(file, lockOwner);
        return written;
    }

    /** What an error in directory {@code parent} is to the caller: one that lost its name has no entries and takes none. */
    private Errno errno(StoreException e, long parent) {
        boolean gone =
                e.errno() == Errno.ESTALE && core.inodes.isLive(parent) && core.inodes.has(parent, InodeTable.GONE);
        return gone ? Errno.ENOENT : e.errno();
    }

    /** True if an operation that was interrupted begins anew. */
    private static boolean again(FuseRequest request, StoreException e) {
        return e.errno() == Errno.EINTR && Thread.interrupted() && !Callers.isKilled(request.pid());
    }

    @Override
    public Errno lookup(FuseRequest request, long parent, FuseName name, EntryReply reply) {
        while (true) {
            try {
                core.look(parent);
                return names.lookup(request, parent, name, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return errno(e, parent);
                }
            }
        }
    }

    @Override
    public Errno getattr(FuseRequest request, long nodeId, long fh, AttrReply reply) {
        while (true) {
            try {
                core.look(nodeId);
                return attributes.getattr(request, nodeId, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno setattr(FuseRequest request, long nodeId, SetattrArgs args, AttrReply reply) {
        while (true) {
            try (Change _ = core.change(nodeId)) {
                return attributes.setattr(request, nodeId, args, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno readlink(FuseRequest request, long nodeId, DataReply reply) {
        while (true) {
            try {
                core.look(nodeId);
                return names.readlink(request, nodeId, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno symlink(FuseRequest request, long parent, FuseName name, FuseName target, EntryReply reply) {
        while (true) {
            try (Change _ = core.change(parent)) {
                return names.symlink(request, parent, name, target, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return errno(e, parent);
                }
            }
        }
    }

    @Override
    public Errno mknod(
            FuseRequest request, long parent, FuseName name, int mode, int rdev, int umask, EntryReply reply) {
        while (true) {
            try (Change _ = core.change(parent)) {
                return names.mknod(request, parent, name, mode, rdev, umask, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return errno(e, parent);
                }
            }
        }
    }

    @Override
    public Errno mkdir(FuseRequest request, long parent, FuseName name, int mode, int umask, EntryReply reply) {
        while (true) {
            try (Change _ = core.change(parent)) {
                return names.mkdir(request, parent, name, mode, umask, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return errno(e, parent);
                }
            }
        }
    }

    @Override
    public Errno unlink(FuseRequest request, long parent, FuseName name) {
        while (true) {
            try {
                return names.unlink(request, parent, name);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return errno(e, parent);
                }
            }
        }
    }

    @Override
    public Errno rmdir(FuseRequest request, long parent, FuseName name) {
        while (true) {
            try {
                return names.rmdir(request, parent, name);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return errno(e, parent);
                }
            }
        }
    }

    @Override
    public Errno rename(FuseRequest request, long parent, FuseName name, long newParent, FuseName newName, int flags) {
        while (true) {
            try {
                return names.rename(request, parent, name, newParent, newName, flags);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return errno(e, parent);
                }
            }
        }
    }

    @Override
    public Errno link(FuseRequest request, long nodeId, long newParent, FuseName newName, EntryReply reply) {
        while (true) {
            try (Change _ = core.change(nodeId, newParent)) {
                return names.link(request, nodeId, newParent, newName, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return errno(e, newParent);
                }
            }
        }
    }

    @Override
    public Errno open(FuseRequest request, long nodeId, int flags, boolean killSuidGid, OpenReply reply) {
        while (true) {
            try {
                return opening.open(request, nodeId, flags, killSuidGid, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno create(
            FuseRequest request, long parent, FuseName name, CreateArgs args, EntryReply entry, OpenReply open) {
        while (true) {
            try {
                return opening.create(request, parent, name, args, entry, open);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return errno(e, parent);
                }
            }
        }
    }

    @Override
    public Errno tmpfile(FuseRequest request, long parent, CreateArgs args, EntryReply entry, OpenReply open) {
        while (true) {
            try {
                return opening.tmpfile(request, parent, args, entry, open);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return errno(e, parent);
                }
            }
        }
    }

    @Override
    public Errno read(FuseRequest request, long nodeId, long fh, long offset, int size, DataReply reply) {
        while (true) {
            try {
                return read(request, nodeId, core.open.file(fh), offset, size, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    private Errno read(FuseRequest request, long nodeId, FuseFile file, long offset, int size, DataReply reply) {
        if (core.leases == null) {
            return core.readPath.read(request, file, offset, size, reply, attributes);
        }
        Leases.Reading reading = core.leases.beginRead(nodeId, offset, size);
        boolean done = false;
        try {
            locks.check(file);
            Errno errno = core.readPath.read(request, file, offset, size, reply, attributes);
            reply.onWritten(reading);
            done = true;
            return errno;
        } finally {
            if (!done) {
                reading.run();
            }
        }
    }

    @Override
    public Errno write(FuseRequest request, long nodeId, long fh, WriteArgs args, WriteReply reply) {
        while (true) {
            try (Change _ = core.change(nodeId)) {
                FuseFile file = core.open.file(fh);
                locks.check(file);
                return writePath.write(request, file, args, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno flush(FuseRequest request, long nodeId, long fh, long lockOwner) {
        while (true) {
            try {
                return flush(request, core.open.file(fh), lockOwner);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno fsync(FuseRequest request, long nodeId, long fh, boolean dataOnly) {
        while (true) {
            try {
                return writePath.fsync(request, core.open.file(fh));
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno opendir(FuseRequest request, long nodeId, int flags, OpenReply reply) {
        while (true) {
            try {
                core.look(nodeId);
                return directories.opendir(request, nodeId, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno readdir(FuseRequest request, long nodeId, long fh, long cookie, boolean plus, DirReply reply) {
        while (true) {
            try {
                core.look(nodeId);
                return directories.readdir(request, fh, cookie, plus, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    /** Names are durable when the store has answered. */
    @Override
    public Errno fsyncdir(FuseRequest request, long nodeId, long fh, boolean dataOnly) {
        return Errno.OK;
    }

    @Override
    public Errno statfs(FuseRequest request, long nodeId, StatfsReply reply) {
        while (true) {
            try {
                return space.statfs(request, nodeId, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno access(FuseRequest request, long nodeId, int mask) {
        while (true) {
            try {
                return attributes.access(request, nodeId, mask);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno setxattr(FuseRequest request, long nodeId, FuseName name, int size, int flags, boolean killSgid) {
        while (true) {
            try (Change _ = core.change(nodeId)) {
                return xattrs.set(request, nodeId, name, size, flags);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno getxattr(FuseRequest request, long nodeId, FuseName name, int size, XattrReply reply) {
        while (true) {
            try {
                core.look(nodeId);
                return xattrs.get(request, nodeId, name, size, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno listxattr(FuseRequest request, long nodeId, int size, XattrReply reply) {
        while (true) {
            try {
                core.look(nodeId);
                return xattrs.list(request, nodeId, size, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno removexattr(FuseRequest request, long nodeId, FuseName name) {
        while (true) {
            try (Change _ = core.change(nodeId)) {
                return xattrs.remove(request, nodeId, name);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno getlk(FuseRequest request, long nodeId, long fh, LockArgs lock, LockReply reply) {
        while (true) {
            try {
                return locks.getlk(request, core.open.file(fh), lock, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno setlk(FuseRequest request, long nodeId, long fh, LockArgs lock, boolean wait) {
        try {
            return locks.setlk(request, core.open.file(fh), lock, wait);
        } catch (StoreException e) {
            return e.errno();
        }
    }

    @Override
    public Errno fallocate(FuseRequest request, long nodeId, long fh, long offset, long length, int mode) {
        while (true) {
            try (Change _ = core.change(nodeId)) {
                FuseFile file = core.open.file(fh);
                locks.check(file);
                return space.fallocate(request, file, offset, length, mode);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno lseek(FuseRequest request, long nodeId, long fh, long offset, int whence, WriteReply reply) {
        while (true) {
            try {
                core.look(nodeId);
                return space.lseek(request, core.open.file(fh), offset, whence, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno copyFileRange(FuseRequest request, CopyArgs args, WriteReply reply) {
        while (true) {
            try (Change _ = core.change(args.nodeIdOut(), args.nodeIdIn())) {
                return space.copy(request, args, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno syncfs(FuseRequest request, long nodeId) {
        while (true) {
            try {
                return writePath.syncAll(request);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }

    @Override
    public Errno statx(FuseRequest request, long nodeId, long fh, int flags, int mask, StatxReply reply) {
        while (true) {
            try {
                core.look(nodeId);
                return attributes.statx(request, nodeId, reply);
            } catch (StoreException e) {
                if (!again(request, e)) {
                    return e.errno();
                }
            }
        }
    }
}
