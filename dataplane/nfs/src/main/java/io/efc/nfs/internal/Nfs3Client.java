package io.efc.nfs.internal;

import io.efc.base.Check;
import io.efc.base.Credentials;
import io.efc.base.Errno;
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
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An export mounted with NFSv3. The server keeps no state of a client, so nothing is to be recovered after its restart but uncommitted writes
 * ({@link UnstableWrites}).
 *
 * <p>Locks are not offered: with NFSv3 they are a protocol of their own (NLM), whose monitor reaches back to the client and finds other services of
 * the machine there. Whoever needs locks between machines mounts with v4.1; v3 mounts behave as with the kernel's {@code nolock}.
 */
public final class Nfs3Client implements NfsClient {
    /** Rounds of "not there, yet it exists" before a create gives up. */
    private static final int CREATE_ROUNDS_MAX = 8;

    private static final int R_OK = 4;
    private static final int W_OK = 2;
    private static final int X_OK = 1;

    /** FSINFO, PATHCONF. */
    private record Server(int readBytesMax, int writeBytesMax, int properties) {}

    /** A file's uncommitted writes, counted by its writing open files. */
    private static final class Shared {
        final UnstableWrites writes;
        int users;

        Shared(UnstableWrites writes) {
            this.writes = writes;
        }
    }

    private final NfsConfig config;
    private final RpcTransport transport;
    private final Nfs3Calls calls;
    private final Nfs3Names names;
    private final Nfs3Data data;
    private final ChunkPool pool;
    private final byte[] root;
    private final Set<NfsFeature> features;
    private final int nameMax;
    private final Map<HandleKey, Shared> unstable = new HashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    private Nfs3Client(NfsConfig config, RpcTransport transport, RpcMetrics metrics, byte[] root) {
        this.config = config;
        this.transport = transport;
        this.root = root;
        this.calls = new Nfs3Calls(transport, metrics);
        this.names = new Nfs3Names(calls);
        Server server = calls.run(Credentials.ROOT, Nfs3Procedure.FSINFO, w -> w.opaque(root), Nfs3Client::fsinfo);
        this.nameMax = calls.run(Credentials.ROOT, Nfs3Procedure.PATHCONF, w -> w.opaque(root), r -> {
            Nfs3Codec.skipPostOpAttr(r);
            r.i32();
            return r.i32();
        });
        this.data = new Nfs3Data(
                calls,
                Math.min(config.readBytesMax(), server.readBytesMax()),
                Math.min(config.writeBytesMax(), server.writeBytesMax()));
        EnumSet<NfsFeature> f = EnumSet.noneOf(NfsFeature.class);
        if ((server.properties() & Nfs3.FSF_LINK) != 0) {
            f.add(NfsFeature.HARD_LINKS);
        }
        if ((server.properties() & Nfs3.FSF_SYMLINK) != 0) {
            f.add(NfsFeature.SYMLINKS);
        }
        this.features = Collections.unmodifiableSet(f);
        this.pool = new ChunkPool(config.uncommittedBytesMax());
    }

    /** FSINFO3resok: rtmax, rtpref, rtmult, wtmax, wtpref, wtmult, dtpref, maxfilesize, time_delta, properties. */
    private static Server fsinfo(XdrReader r) {
        Nfs3Codec.skipPostOpAttr(r);
        int read = transfer(r.u32());
        r.skip(8);
        int write = transfer(r.u32());
        r.skip(8 + 4 + 8 + 8);
        return new Server(read, write, r.i32());
    }

    private static int transfer(long bytes) {
        return Math.clamp(bytes, NfsConfig.TRANSFER_BYTES_LEAST, NfsConfig.TRANSFER_BYTES_MAX);
    }

    /**
     * Mounts.
     *
     * @throws NfsException ECONNREFUSED, ETIMEDOUT … if the server cannot be reached within the connect timeout, ENOENT or EACCES if it does not export
     *     the path to us
     */
    public static Nfs3Client mount(NfsConfig config, Metrics metrics) {
        RpcMetrics rpcMetrics = new RpcMetrics(metrics);
        byte[] root = Nfs3Mount.mount(config, rpcMetrics);
        RpcTransport transport = new RpcTransport(config, config.port(), config.nconnect(), rpcMetrics, c -> {});
        boolean mounted = false;
        try {
            transport.connect(config.connectTimeout());
            Nfs3Client client = new Nfs3Client(config, transport, rpcMetrics, root);
            client.root();
            transport.mounted();
            mounted = true;
            return client;
        } finally {
            if (!mounted) {
                transport.close();
            }
        }
    }

    private static Nfs3OpenFile mine(NfsOpenFile file) {
        if (file instanceof Nfs3OpenFile f) {
            if (f.isClosed()) {
                throw new NfsException(Errno.EBADF, "a closed file");
            }
            return f;
        }
        throw new IllegalArgumentException("an open file of another client: " + file);
    }

    @Override
    public Set<NfsFeature> features() {
        return features;
    }

    @Override
    public String location() {
        return config.location();
    }

    @Override
    public String version() {
        return "3";
    }

    @Override
    public int readBytesMax() {
        return data.readBytesMax();
    }

    @Override
    public int writeBytesMax() {
        return data.writeBytesMax();
    }

    @Override
    public NfsEntry root() {
        return new NfsEntry(root, names.getattr(Credentials.ROOT, root));
    }

    @Override
    public NfsAttr getattr(Credentials caller, byte[] file) {
        return names.getattr(caller, file);
    }

    @Override
    public NfsAttr setattr(Credentials caller, byte[] file, @Nullable NfsOpenFile open, NfsSetAttr change) {
        if (change.isEmpty()) {
            return names.getattr(caller, file);
        }
        UnstableWrites writes = change.size() == null ? null : unstable(file);
        if (writes == null) {
            return names.setattr(caller, file, change);
        }
        // A write that is sent again after a restart must not bring back what is cut off here.
        NfsAttr[] after = new NfsAttr[1];
        data.commit(caller, file, writes, () -> after[0] = names.setattr(caller, file, change));
        return after[0];
    }

    @Override
    public NfsEntry lookup(Credentials caller, byte[] directory, byte[] name) {
        return names.lookup(caller, directory, name);
    }

    @Override
    public int access(Credentials caller, byte[] file, int mask) {
        int all = Nfs3.ACCESS_READ | Nfs3.ACCESS_LOOKUP | Nfs3.ACCESS_MODIFY | Nfs3.ACCESS_EXTEND | Nfs3.ACCESS_EXECUTE;
        int bits = names.access(caller, file, all).bits();
        int write = Nfs3.ACCESS_MODIFY | Nfs3.ACCESS_EXTEND;
        int granted = ((bits & Nfs3.ACCESS_READ) != 0 ? R_OK : 0)
                | ((bits & write) == write ? W_OK : 0)
                | ((bits & (Nfs3.ACCESS_EXECUTE | Nfs3.ACCESS_LOOKUP)) != 0 ? X_OK : 0);
        return granted & mask;
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
        return names.mknod(caller, directory, name, mode, rdev);
    }

    @Override
    public NfsMade link(Credentials caller, byte[] file, byte[] directory, byte[] name) {
        return names.link(caller, file, directory, name);
    }

    @Override
    public @Nullable NfsAttr remove(Credentials caller, byte[] directory, byte[] name) {
        return names.remove(caller, directory, name, Nfs3Procedure.REMOVE);
    }

    @Override
    public @Nullable NfsAttr rmdir(Credentials caller, byte[] directory, byte[] name) {
        return names.remove(caller, directory, name, Nfs3Procedure.RMDIR);
    }

    @Override
    public NfsRenamed rename(Credentials caller, byte[] from, byte[] name, byte[] to, byte[] newName) {
        return names.rename(caller, from, name, to, newName);
    }

    /** NFSv3 has no OPEN: ACCESS asks the server whether the caller may. */
    @Override
    public NfsOpened open(Credentials caller, byte[] file, NfsAccess access, boolean truncate) {
        int read = access.reads() ? Nfs3.ACCESS_READ : 0;
        int write = access.writes() || truncate ? Nfs3.ACCESS_MODIFY | Nfs3.ACCESS_EXTEND : 0;
        Nfs3Names.Granted granted = names.access(caller, file, read | write);
        NfsAttr attr = granted.attr();
        if (attr.isDirectory()) {
            throw Nfs3Calls.failure(Nfs3Procedure.ACCESS, NfsStatus.ISDIR);
        }
        if (!attr.isRegular()) {
            throw Nfs3Calls.failure(Nfs3Procedure.ACCESS, attr.type() == 10 ? NfsStatus.SYMLINK : NfsStatus.WRONG_TYPE);
        }
        if (granted.bits() != (read | write)) {
            throw Nfs3Calls.failure(Nfs3Procedure.ACCESS, NfsStatus.ACCESS);
        }
        NfsAttr now = truncate ? setattr(caller, file, null, NfsSetAttr.ofSize(0)) : attr;
        return opened(caller, new NfsEntry(file, now), access, false, null);
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
        if (exclusive) {
            return created(caller, names.createExclusive(caller, directory, name, mode), access);
        }
        for (int round = 0; ; round++) {
            try {
                return created(caller, names.createGuarded(caller, directory, name, mode), access);
            } catch (NfsException e) {
                if (e.errno() != Errno.EEXIST || round == CREATE_ROUNDS_MAX) {
                    throw e;
                }
            }
            try {
                NfsEntry there = names.lookup(caller, directory, name);
                return open(caller, there.handle(), access, truncate);
            } catch (NfsException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
    }

    private NfsOpened created(Credentials caller, NfsMade made, NfsAccess access) {
        return opened(caller, made.entry(), access, true, made.directory());
    }

    private NfsOpened opened(
            Credentials caller, NfsEntry entry, NfsAccess access, boolean created, @Nullable NfsAttr directory) {
        UnstableWrites writes = access.writes() ? share(entry.handle()) : null;
        return new NfsOpened(new Nfs3OpenFile(entry.handle(), access, caller, writes), entry, created, directory);
    }

    private UnstableWrites share(byte[] handle) {
        synchronized (unstable) {
            Shared s = unstable.computeIfAbsent(new HandleKey(handle), k -> new Shared(new UnstableWrites(pool)));
            s.users++;
            return s.writes;
        }
    }

    private void unshare(byte[] handle) {
        synchronized (unstable) {
            HandleKey key = new HandleKey(handle);
            Shared s = unstable.get(key);
            if (s != null && --s.users == 0) {
                unstable.remove(key);
                s.writes.forget();
            }
        }
    }

    private @Nullable UnstableWrites unstable(byte[] handle) {
        synchronized (unstable) {
            Shared s = unstable.get(new HandleKey(handle));
            return s == null ? null : s.writes;
        }
    }

    @Override
    public void close(NfsOpenFile file) {
        Nfs3OpenFile f = mine(file);
        Check.state(f.markClosed(), "a file is closed twice");
        UnstableWrites writes = f.unstable();
        if (writes == null) {
            return;
        }
        try {
            if (writes.isDirty()) {
                commitToTheEnd(f, writes);
            }
        } finally {
            unshare(f.handle());
        }
    }

    /** An interrupt is kept for later: what was written must not be lost by it. */
    private void commitToTheEnd(Nfs3OpenFile file, UnstableWrites writes) {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try {
                    data.commit(file.caller(), file.handle(), writes, () -> {});
                    return;
                } catch (NfsException e) {
                    if (e.errno() != Errno.EINTR) {
                        throw e;
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public NfsReadResult read(
            Credentials caller, NfsOpenFile file, long position, MemorySegment to, long toOffset, int length) {
        Nfs3OpenFile f = mine(file);
        if (!f.access().reads()) {
            throw new NfsException(Errno.EBADF, "READ of a file opened for writing");
        }
        return data.read(caller, f.handle(), position, to, toOffset, length);
    }

    @Override
    public NfsReadResult read(
            Credentials caller, byte[] file, long position, MemorySegment to, long toOffset, int length) {
        return data.read(caller, file, position, to, toOffset, length);
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
        return data.write(caller, mine(file), position, from, fromOffset, length, stability);
    }

    @Override
    public NfsAttr commit(Credentials caller, NfsOpenFile file) {
        Nfs3OpenFile f = mine(file);
        UnstableWrites writes = unstable(f.handle());
        if (writes != null && writes.isDirty()) {
            data.commit(caller, f.handle(), writes, () -> {});
        }
        return names.getattr(caller, f.handle());
    }

    @Override
    public NfsDirPage readdir(
            Credentials caller, byte[] directory, long cookie, long verifier, int entriesMax, boolean plus) {
        Check.argument(entriesMax >= 1, "a page of %d entries", entriesMax);
        return names.readdir(caller, directory, cookie, verifier, entriesMax);
    }

    @Override
    public NfsStatfs statfs(Credentials caller, byte[] file) {
        return calls.run(caller, Nfs3Procedure.FSSTAT, w -> w.opaque(file), r -> {
            Nfs3Codec.skipPostOpAttr(r);
            long bytes = r.i64();
            long bytesFree = r.i64();
            long bytesAvailable = r.i64();
            long files = r.i64();
            return new NfsStatfs(bytes, bytesFree, bytesAvailable, files, r.i64(), nameMax);
        });
    }

    private NfsException lacks(String what) {
        return new NfsException(Errno.EOPNOTSUPP, location() + ": NFSv3 has no " + what);
    }

    @Override
    public byte[] getxattr(Credentials caller, byte[] file, byte[] name) {
        throw lacks("extended attributes");
    }

    @Override
    public void setxattr(Credentials caller, byte[] file, byte[] name, byte[] value, int flags) {
        throw lacks("extended attributes");
    }

    @Override
    public byte[] listxattr(Credentials caller, byte[] file) {
        throw lacks("extended attributes");
    }

    @Override
    public void removexattr(Credentials caller, byte[] file, byte[] name) {
        throw lacks("extended attributes");
    }

    @Override
    public @Nullable NfsLock testLock(Credentials caller, NfsOpenFile file, NfsLock lock) {
        throw lacks("locks");
    }

    @Override
    public void lock(Credentials caller, NfsOpenFile file, NfsLock lock, boolean wait) {
        throw lacks("locks");
    }

    @Override
    public void unlock(Credentials caller, NfsOpenFile file, NfsLock lock) {
        throw lacks("locks");
    }

    @Override
    public long seek(Credentials caller, NfsOpenFile file, long position, int whence) {
        throw lacks("SEEK");
    }

    @Override
    public void allocate(Credentials caller, NfsOpenFile file, long position, long length) {
        throw lacks("ALLOCATE");
    }

    @Override
    public void deallocate(Credentials caller, NfsOpenFile file, long position, long length) {
        throw lacks("DEALLOCATE");
    }

    @Override
    public long copy(
            Credentials caller, NfsOpenFile from, long fromPosition, NfsOpenFile to, long toPosition, long length) {
        throw lacks("COPY");
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            transport.close();
        }
    }
}
