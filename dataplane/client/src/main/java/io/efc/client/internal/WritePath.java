package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.WriteArgs;
import io.efc.fuse.WriteReply;
import io.efc.store.StoreException;
import java.util.concurrent.TimeUnit;

/** WRITE, and when what was written reaches the store: {@link WriteBuffer} has the bytes. */
final class WritePath {
    /** What gathers for longer is sent, so that a file that stays open is seen by others. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Core core;
    private final Attributes attributes;

    WritePath(Core core, Attributes attributes) {
        this.core = core;
        this.attributes = attributes;
    }

    Errno write(FuseRequest request, FuseFile file, WriteArgs args, WriteReply reply) {
        if (!file.access.writes()) {
            return Errno.EBADF;
        }
        OpenInode inode = file.inode;
        if (args.killSuidGid()) {
            attributes.strip(inode.nodeId);
        }
        int pid = request.pid();
        boolean append = !args.fromCache() && (file.appends() || (args.flags() & io.efc.base.Libc.O_APPEND) != 0);
        long position = args.offset();
        if (append) {
            synchronized (inode) {
                position = endOf(inode, file, pid);
                inode.writes.write(file, pid, position, request.data(), request.dataOffset(), args.size());
                inode.grown(position + args.size());
            }
            if (position != args.offset()) {
                core.notifier().invalidateInode(inode.nodeId, Math.min(position, args.offset()), 0);
            }
        } else {
            inode.writes.write(file, pid, position, request.data(), request.dataOffset(), args.size());
            inode.grown(position + args.size());
        }
        core.metrics.written.add(args.size());
        reply.value(args.size());
        return Errno.OK;
    }

    /** Where an appending write goes: the file's end as the store last said, own writes added. Under the inode. */
    private long endOf(OpenInode inode, FuseFile file, int pid) {
        if (core.freshness.attributes(inode.nodeId, inode.sizeAskedAt) == 0) {
            long now = core.freshness.now();
            inode.sized(attributes.refresh(file.caller, pid, inode.nodeId), now);
        }
        return inode.size;
    }

    Errno flush(FuseRequest request, FuseFile file) {
        if (!file.access.writes()) {
            return Errno.OK;
        }
        return commit(request, file);
    }

    Errno fsync(FuseRequest request, FuseFile file) {
        return commit(request, file);
    }

    private static Errno commit(FuseRequest request, FuseFile file) {
        file.inode.writes.flush(request.pid());
        Errno late = file.inode.writes.takeError(file);
        if (!late.isOk()) {
            return late;
        }
        file.inode.writes.commit(file, request.pid());
        return file.inode.writes.takeError(file);
    }

    /** Everything written through this mount is on stable storage afterwards. */
    Errno syncAll(FuseRequest request) {
        Errno first = Errno.OK;
        for (FuseFile file : core.open.files()) {
            if (file.access.writes()) {
                Errno e = commitOpen(request, file);
                first = first.isOk() ? e : first;
            }
        }
        return first;
    }

    /** A file that is being closed meanwhile is committed by its close. */
    private static Errno commitOpen(FuseRequest request, FuseFile file) {
        try {
            return commit(request, file);
        } catch (StoreException e) {
            return e.errno() == Errno.EBADF || e.errno() == Errno.ESTALE ? Errno.OK : e.errno();
        }
    }

    /** Sends what has gathered for long. Called now and then. */
    void tick() {
        long moment = core.freshness.now() - GATHER_NANOS;
        for (WriteBuffer b : core.writeArena.gathering()) {
            b.pushOlder(moment);
        }
    }
}
