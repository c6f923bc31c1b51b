package io.efc.nfs.internal;

import io.efc.base.Check;
import io.efc.base.Credentials;
import io.efc.base.Metrics;
import io.efc.nfs.NfsAccess;
import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsClient;
import io.efc.nfs.NfsConfig;
import io.efc.nfs.NfsDirPage;
import io.efc.nfs.NfsEntry;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsFeature;
import io.efc.nfs.NfsLock;
import io.efc.nfs.NfsMade;
import io.efc.nfs.NfsOpenFile;
import io.efc.nfs.NfsOpened;
import io.efc.nfs.NfsReadResult;
import io.efc.nfs.NfsRenamed;
import io.efc.nfs.NfsSetAttr;
import io.efc.nfs.NfsStability;
import io.efc.nfs.NfsStatfs;
import io.efc.nfs.NfsWriteResult;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An export mounted by NFSv4.1 or 4.2: hands each operation to the class that speaks it. */
public final class Nfs4Client implements NfsClient {
    private static final System.Logger LOG = System.getLogger(Nfs4Client.class.getName());

    /** What closing all open files may take. */
    private static final long CLOSE_ALL_MILLIS = 5000;

    private final NfsConfig config;
    private final Nfs4Lease lease;
    private final ChunkPool pool;
    private final Nfs4Opens opens;
    private final Nfs4Names names;
    private final Nfs4Reads reads;
    private final Nfs4Writes writes;
    private final Nfs4Extras extras;
    private final NfsEntry root;
    private final Set<NfsFeature> fixed = EnumSet.of(NfsFeature.BYTE_RANGE_LOCKS, NfsFeature.EXACT_CHANGE);

    private Nfs4Client(NfsConfig config, Nfs4Lease lease) {
        this.config = config;
        this.lease = lease;
        this.pool = new ChunkPool(config.uncommittedBytesMax());
        this.names = new Nfs4Names(
                lease,
                Math.min(
                        Nfs4Handshake.METADATA_BYTES,
                        lease.limits().responseBytesMax() - Nfs4Handshake.ENVELOPE_BYTES));
        this.opens = new Nfs4Opens(lease, names, pool);
        lease.keeper().reclaimWith(opens);
        this.root = new Nfs4PathWalk(config, lease).walk();
        Nfs4Attributes server = serverAttributes(lease, root.handle());
        if (server.has(Nfs4Attributes.LEASE_TIME)) {
            lease.keeper().leaseSeconds(server.leaseSeconds);
        }
        Nfs4Session.Limits limits = lease.limits();
        int read = transfer(
                config.readBytesMax(),
                server.has(Nfs4Attributes.MAXREAD) ? server.readMax : 0,
                limits.responseBytesMax());
        int write = transfer(
                config.writeBytesMax(),
                server.has(Nfs4Attributes.MAXWRITE) ? server.writeMax : 0,
                limits.requestBytesMax());
        this.reads = new Nfs4Reads(lease, opens, read);
        this.writes = new Nfs4Writes(lease, opens, write);
        this.extras = new Nfs4Extras(lease, opens);
        extras.probe(root.handle(), server.has(Nfs4Attributes.XATTR_SUPPORT) && server.xattrSupport);
        if (!server.has(Nfs4Attributes.LINK_SUPPORT) || server.linkSupport) {
            fixed.add(NfsFeature.HARD_LINKS);
        }
        if (!server.has(Nfs4Attributes.SYMLINK_SUPPORT) || server.symlinkSupport) {
            fixed.add(NfsFeature.SYMLINKS);
        }
    }

    /** Mounts; see {@link io.efc.nfs.NfsClients#connect}. */
    public static Nfs4Client mount(NfsConfig config, Metrics metrics) {
        Nfs4Lease lease = new Nfs4Lease(config, new RpcMetrics(metrics));
        lease.open(config);
        boolean mounted = false;
        try {
            Nfs4Client client = new Nfs4Client(config, lease);
            lease.transport().mounted();
            mounted = true;
            return client;
        } finally {
            if (!mounted) {
                lease.close();
            }
        }
    }

    /** The smallest of what we want, what the server's file system takes (0: it did not say) and what fits the session's messages. */
    private static int transfer(int wanted, long server, int message) {
        long most = Math.min(wanted, message - (long) Nfs4Handshake.ENVELOPE_BYTES);
        if (server > 0) {
            most = Math.min(most, server);
        }
        return (int) Math.max(NfsConfig.TRANSFER_BYTES_LEAST, most & ~4095L);
    }

    private static Nfs4Attributes serverAttributes(Nfs4Lease lease, byte[] root) {
        return lease.run(
                Credentials.ROOT, Nfs4Request.GETATTR, c -> c.putFh(root).getattr(Nfs4Attributes.SERVER), c -> {
                    c.result(Nfs4.OP_PUTFH);
                    return c.attributes(new Nfs4Attributes());
                });
    }

    @Override
    public Set<NfsFeature> features() {
        Set<NfsFeature> all = EnumSet.copyOf(fixed);
        all.addAll(extras.features());
        return all;
    }

    @Override
    public String location() {
        return config.location();
    }

    @Override
    public String version() {
        return "4." + lease.minorVersion();
    }

    @Override
    public int readBytesMax() {
        return reads.readBytesMax();
    }

    @Override
    public int writeBytesMax() {
        return writes.writeBytesMax();
    }

    @Override
    public NfsEntry root() {
        return root;
    }

    @Override
    public NfsAttr getattr(Credentials caller, byte[] file) {
        return names.getattr(caller, file);
    }

    @Override
    public NfsAttr setattr(Credentials caller, byte[] file, @Nullable NfsOpenFile open, NfsSetAttr change) {
        Nfs4OpenFile writer = change.size() == null ? null : open == null ? opens.writer(file) : mine(open);
        if (writer == null) {
            return names.setattr(caller, file, null, opens, change);
        }
        NfsAttr[] after = new NfsAttr[1];
        writes.commit(
                caller,
                writer,
                () -> after[0] = names.setattr(
                        caller, file, open == null || !writer.access().writes() ? null : writer, opens, change));
        return after[0];
    }

    @Override
    public NfsEntry lookup(Credentials caller, byte[] directory, byte[] name) {
        return names.lookup(caller, directory, name);
    }

    @Override
    public int access(Credentials caller, byte[] file, int mask) {
        return names.access(caller, file, mask);
    }

    @Override
    public byte[] readlink(Credentials caller, byte[] link) {
        return names.readlink(caller, link);
    }

    @Override
    public NfsMade mkdir(Credentials caller, byte[] directory, byte[] name, int mode) {
        return names.mkdir(caller, directory, name, mode);
    }

    @Override
    public NfsMade symlink(Credentials caller, byte[] directory, byte[] name, byte[] target) {
        return names.symlink(caller, directory, name, target);
    }

    @Override
    public NfsMade mknod(Credentials caller, byte[] directory, byte[] name, int mode, long rdev) {
        int type = mode & NfsAttr.S_IFMT;
        if (type != NfsAttr.S_IFREG && type != 0) {
            return names.mknod(caller, directory, name, mode, rdev);
        }
        NfsOpened opened = opens.create(caller, directory, name, mode, NfsAccess.WRITE, true);
        close(opened.file());
        return new NfsMade(opened.entry(), opened.directory());
    }

    @Override
    public NfsMade link(Credentials caller, byte[] file, byte[] directory, byte[] name) {
        return names.link(caller, file, directory, name);
    }

    @Override
    public @Nullable NfsAttr remove(Credentials caller, byte[] directory, byte[] name) {
        return names.remove(caller, directory, name, false);
    }

    @Override
    public @Nullable NfsAttr rmdir(Credentials caller, byte[] directory, byte[] name) {
        return names.remove(caller, directory, name, true);
    }

    @Override
    public NfsRenamed rename(Credentials caller, byte[] from, byte[] name, byte[] to, byte[] newName) {
        return names.rename(caller, from, name, to, newName);
    }

    @Override
    public NfsOpened open(Credentials caller, byte[] file, NfsAccess access, boolean truncate) {
        return truncated(caller, opens.open(caller, file, access), truncate);
    }

    @Override
    public NfsOpened create(
            Credentials caller,
            byte[] directory,
            byte[] name,
            int mode,
            NfsAccess access,
            boolean exclusive,
            boolean truncate) {
        NfsOpened opened = opens.create(caller, directory, name, mode, access, exclusive);
        return truncated(caller, opened, truncate && !opened.created());
    }

    private NfsOpened truncated(Credentials caller, NfsOpened opened, boolean truncate) {
        if (!truncate) {
            return opened;
        }
        boolean good = false;
        try {
            NfsAttr attr = setattr(caller, opened.entry().handle(), opened.file(), NfsSetAttr.ofSize(0));
            good = true;
            NfsEntry cut = new NfsEntry(opened.entry().handle(), attr);
            return new NfsOpened(opened.file(), cut, opened.created(), opened.directory());
        } finally {
            if (!good) {
                opens.close(mine(opened.file()));
            }
        }
    }

    @Override
    public void close(NfsOpenFile file) {
        Nfs4OpenFile f = mine(file);
        try {
            UnstableWrites unstable = f.unstable();
            if (unstable != null && unstable.isDirty()) {
                writes.commit(f.caller(), f);
            }
        } finally {
            opens.close(f);
        }
    }

    @Override
    public NfsReadResult read(
            Credentials caller, NfsOpenFile file, long position, MemorySegment to, long toOffset, int length) {
        Nfs4OpenFile f = mine(file);
        return reads.read(caller, f.handle(), f, new Nfs4Transfer.Range(position, to, toOffset, length));
    }

    @Override
    public NfsReadResult read(
            Credentials caller, byte[] file, long position, MemorySegment to, long toOffset, int length) {
        return reads.read(caller, file, null, new Nfs4Transfer.Range(position, to, toOffset, length));
    }

    @Override
    public NfsWriteResult write(
            Credentials caller,
            NfsOpenFile file,
            long position,
            MemorySegment from,
            long fromOffset,
            int length,
            NfsStability stability) {
        return writes.write(caller, mine(file), new Nfs4Transfer.Range(position, from, fromOffset, length), stability);
    }

    @Override
    public NfsAttr commit(Credentials caller, NfsOpenFile file) {
        writes.commit(caller, mine(file));
        return names.getattr(caller, file.handle());
    }

    @Override
    public NfsDirPage readdir(
            Credentials caller, byte[] directory, long cookie, long verifier, int entriesMax, boolean plus) {
        Check.argument(entriesMax >= 1, "a page of %d entries", entriesMax);
        return names.readdir(caller, directory, cookie, verifier, entriesMax, plus);
    }

    @Override
    public NfsStatfs statfs(Credentials caller, byte[] file) {
        return names.statfs(caller, file);
    }

    @Override
    public byte[] getxattr(Credentials caller, byte[] file, byte[] name) {
        return extras.getxattr(caller, file, name);
    }

    @Override
    public void setxattr(Credentials caller, byte[] file, byte[] name, byte[] value, int flags) {
        extras.setxattr(caller, file, name, value, flags);
    }

    @Override
    public byte[] listxattr(Credentials caller, byte[] file) {
        return extras.listxattr(caller, file);
    }

    @Override
    public void removexattr(Credentials caller, byte[] file, byte[] name) {
        extras.removexattr(caller, file, name);
    }

    @Override
    public @Nullable NfsLock testLock(Credentials caller, NfsOpenFile file, NfsLock lock) {
        return opens.locks().test(caller, mine(file), lock);
    }

    @Override
    public void lock(Credentials caller, NfsOpenFile file, NfsLock lock, boolean wait) {
        opens.locks().lock(caller, mine(file), lock, wait);
    }

    @Override
    public void unlock(Credentials caller, NfsOpenFile file, NfsLock lock) {
        opens.locks().unlock(caller, mine(file), lock);
    }

    @Override
    public long seek(Credentials caller, NfsOpenFile file, long position, int whence) {
        return extras.seek(caller, mine(file), position, whence);
    }

    @Override
    public void allocate(Credentials caller, NfsOpenFile file, long position, long length) {
        Nfs4OpenFile f = mine(file);
        writes.commit(caller, f, () -> extras.allocate(caller, f, position, length));
    }

    @Override
    public void deallocate(Credentials caller, NfsOpenFile file, long position, long length) {
        Nfs4OpenFile f = mine(file);
        writes.commit(caller, f, () -> extras.deallocate(caller, f, position, length));
    }

    @Override
    public long copy(
            Credentials caller, NfsOpenFile from, long fromPosition, NfsOpenFile to, long toPosition, long length) {
        Nfs4OpenFile target = mine(to);
        long[] copied = new long[1];
        writes.commit(
                caller,
                target,
                () -> copied[0] = extras.copy(caller, mine(from), fromPosition, target, toPosition, length));
        return copied[0];
    }

    private static Nfs4OpenFile mine(NfsOpenFile file) {
        if (file instanceof Nfs4OpenFile f) {
            return f;
        }
        throw new IllegalArgumentException("an open file of another client: " + file.getClass());
    }

    /** Open files are closed first, so that their locks do not stand in others' way for a lease time; a server that is away is not waited for. */
    @Override
    public void close() {
        if (!lease.closed() && opens.count() > 0) {
            Thread closer = Thread.ofPlatform().daemon().name("efc-nfs-close").start(this::closeAll);
            try {
                closer.join(CLOSE_ALL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        lease.close();
    }

    private void closeAll() {
        for (Nfs4OpenFile file : opens.all()) {
            try {
                close(file);
            } catch (NfsException e) {
                LOG.log(System.Logger.Level.WARNING, "unmounting {0}: {1}", location(), e.getMessage());
            }
        }
    }
}
