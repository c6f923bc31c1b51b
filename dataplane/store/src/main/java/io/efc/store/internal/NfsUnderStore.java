package io.efc.store.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.Metrics;
import io.efc.nfs.NfsClient;
import io.efc.nfs.NfsClients;
import io.efc.nfs.NfsDirEntry;
import io.efc.nfs.NfsDirPage;
import io.efc.nfs.NfsEntry;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsFeature;
import io.efc.nfs.NfsLock;
import io.efc.nfs.NfsOpenFile;
import io.efc.nfs.NfsOpened;
import io.efc.nfs.NfsSetAttr;
import io.efc.nfs.NfsStability;
import io.efc.nfs.NfsStatfs;
import io.efc.nfs.NfsWriteResult;
import io.efc.store.Access;
import io.efc.store.DirEntry;
import io.efc.store.DirPage;
import io.efc.store.Durability;
import io.efc.store.FileHandle;
import io.efc.store.FileLock;
import io.efc.store.FileType;
import io.efc.store.Made;
import io.efc.store.OpenFile;
import io.efc.store.Opened;
import io.efc.store.ReadResult;
import io.efc.store.Renamed;
import io.efc.store.SetAttr;
import io.efc.store.StoreAttr;
import io.efc.store.StoreConfig;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import io.efc.store.StoreFeature;
import io.efc.store.StoreStatfs;
import io.efc.store.UnderStore;
import io.efc.store.WriteResult;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An NFS export as a store: {@link NfsClient} in the words of {@link UnderStore}. It adds nothing of its own. In particular it hides no
 * unlinked files: a file that is open while its last name goes is gone on an NFS server, so {@link StoreFeature#OPEN_UNLINKED} is absent
 * and whoever serves a kernel renames such a file to {@code .nfsXXXX} first.
 */
public final class NfsUnderStore implements UnderStore {
    private static final int KEEP_SIZE_PUNCH_HOLE = 3;

    private static final System.Logger LOG = System.getLogger(NfsUnderStore.class.getName());

    /** How long the end of a store waits for a server to take what is not committed; the NFS client then waits 5 s on its own. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(25);

    private final NfsClient client;
    private final Set<StoreFeature> features;
    private final Set<Open> openFiles = ConcurrentHashMap.newKeySet();

    /** @param locks whether byte-range locks are offered if the server has them */
    NfsUnderStore(NfsClient client, boolean locks) {
        this.client = client;
        EnumSet<StoreFeature> f = EnumSet.of(StoreFeature.DEVICES);
        for (NfsFeature feature : client.features()) {
            f.add(StoreFeature.valueOf(feature.name()));
        }
        if (!locks) {
            f.remove(StoreFeature.BYTE_RANGE_LOCKS);
        }
        this.features = Collections.unmodifiableSet(f);
    }

    /**
     * Mounts.
     *
     * @throws IllegalArgumentException if the mount point or an option is not as it should be
     * @throws StoreException if the server cannot be reached, does not export the path, or refuses
     */
    public static NfsUnderStore connect(StoreConfig config, Metrics metrics) {
        NfsMount mount = NfsMount.parse(config);
        try {
            return new NfsUnderStore(NfsClients.connect(mount.config(), metrics), mount.locks());
        } catch (NfsException e) {
            throw new StoreException(e.errno(), "mounting " + mount.config().location(), e);
        }
    }

    private record Open(NfsOpenFile file, FileHandle handle, Access access) implements OpenFile {}

    private static NfsOpenFile file(OpenFile file) {
        if (file instanceof Open open) {
            return open.file();
        }
        throw new IllegalArgumentException("an open file of another store: " + file);
    }

    private static <T> T call(Supplier<T> call) {
        try {
            return call.get();
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    private void needs(StoreFeature feature) {
        if (!features.contains(feature)) {
            throw new StoreException(Errno.EOPNOTSUPP, location() + " lacks " + feature);
        }
    }

    private Opened opened(NfsOpened o, Access access) {
        StoreEntry entry = NfsTypes.entry(o.entry());
        Open open = new Open(o.file(), entry.handle(), access);
        openFiles.add(open);
        return new Opened(open, entry, o.created(), NfsTypes.attrOrNull(o.directory()));
    }

    @Override
    public Set<StoreFeature> features() {
        return features;
    }

    @Override
    public String location() {
        return client.location();
    }

    @Override
    public int readBytesMax() {
        return client.readBytesMax();
    }

    @Override
    public int writeBytesMax() {
        return client.writeBytesMax();
    }

    @Override
    public StoreEntry root() {
        return call(() -> NfsTypes.entry(client.root()));
    }

    @Override
    public StoreAttr getattr(Credentials caller, FileHandle file) {
        return call(() -> NfsTypes.attr(client.getattr(caller, file.bytes())));
    }

    @Override
    public StoreAttr setattr(Credentials caller, FileHandle file, @Nullable OpenFile open, SetAttr change) {
        NfsSetAttr c = new NfsSetAttr(
                change.mode(), change.uid(), change.gid(), change.size(), change.atime(), change.mtime());
        return call(() -> NfsTypes.attr(client.setattr(caller, file.bytes(), open == null ? null : file(open), c)));
    }

    @Override
    public StoreEntry lookup(Credentials caller, FileHandle directory, byte[] name) {
        Names.check(name);
        return call(() -> NfsTypes.entry(client.lookup(caller, directory.bytes(), name)));
    }

    @Override
    public int access(Credentials caller, FileHandle file, int mask) {
        return call(() -> client.access(caller, file.bytes(), mask));
    }

    @Override
    public byte[] readlink(Credentials caller, FileHandle link) {
        return call(() -> client.readlink(caller, link.bytes()));
    }

    @Override
    public Made mkdir(Credentials caller, FileHandle directory, byte[] name, int mode) {
        Names.check(name);
        return call(() -> NfsTypes.made(client.mkdir(caller, directory.bytes(), name, mode)));
    }

    @Override
    public Made symlink(Credentials caller, FileHandle directory, byte[] name, byte[] target) {
        Names.check(name);
        needs(StoreFeature.SYMLINKS);
        return call(() -> NfsTypes.made(client.symlink(caller, directory.bytes(), name, target)));
    }

    @Override
    public Made mknod(Credentials caller, FileHandle directory, byte[] name, int mode, long rdev) {
        Names.check(name);
        return call(() -> NfsTypes.made(client.mknod(caller, directory.bytes(), name, mode, rdev)));
    }

    @Override
    public Made link(Credentials caller, FileHandle file, FileHandle directory, byte[] name) {
        Names.check(name);
        needs(StoreFeature.HARD_LINKS);
        try {
            return NfsTypes.made(client.link(caller, file.bytes(), directory.bytes(), name));
        } catch (NfsException e) {
            // Servers have many words for a directory that cannot be linked; link(2) has one.
            boolean kind = e.errno() == Errno.EISDIR || e.errno() == Errno.EINVAL;
            if (kind && call(() -> client.getattr(caller, file.bytes())).isDirectory()) {
                throw new StoreException(Errno.EPERM, location() + ": link of a directory");
            }
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public @Nullable StoreAttr unlink(Credentials caller, FileHandle directory, byte[] name) {
        Names.check(name);
        try {
            return NfsTypes.attrOrNull(client.remove(caller, directory.bytes(), name));
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public @Nullable StoreAttr rmdir(Credentials caller, FileHandle directory, byte[] name) {
        Names.check(name);
        try {
            return NfsTypes.attrOrNull(client.rmdir(caller, directory.bytes(), name));
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public Renamed rename(Credentials caller, FileHandle from, byte[] name, FileHandle to, byte[] newName, int flags) {
        Names.check(name);
        Names.check(newName);
        if (flags != 0) {
            throw new StoreException(Errno.EINVAL, location() + ": rename with flags " + flags);
        }
        try {
            return NfsTypes.renamed(client.rename(caller, from.bytes(), name, to.bytes(), newName));
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public Opened open(Credentials caller, FileHandle file, Access access, boolean truncate) {
        return call(() -> opened(client.open(caller, file.bytes(), NfsTypes.access(access), truncate), access));
    }

    @Override
    public Opened create(
            Credentials caller,
            FileHandle directory,
            byte[] name,
            int mode,
            Access access,
            boolean exclusive,
            boolean truncate) {
        Names.check(name);
        try {
            return opened(
                    client.create(caller, directory.bytes(), name, mode, NfsTypes.access(access), exclusive, truncate),
                    access);
        } catch (NfsException e) {
            // A server may say what is there instead of that something is.
            if (exclusive && (e.errno() == Errno.EISDIR || e.errno() == Errno.ELOOP)) {
                throw new StoreException(Errno.EEXIST, location() + ": create '" + Names.text(name) + "'");
            }
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public Opened createUnnamed(Credentials caller, FileHandle directory, int mode, Access access) {
        throw new StoreException(Errno.EOPNOTSUPP, location() + ": O_TMPFILE");
    }

    @Override
    public void close(OpenFile file) {
        NfsOpenFile known = file(file);
        try {
            client.close(known);
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        } finally {
            openFiles.remove((Open) file);
        }
    }

    @Override
    public ReadResult read(
            Credentials caller, OpenFile file, long position, MemorySegment to, long toOffset, int length) {
        if (!file.access().reads()) {
            throw new StoreException(Errno.EBADF, location() + ": read of a file opened for writing");
        }
        try {
            return NfsTypes.result(client.read(caller, file(file), position, to, toOffset, length));
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public ReadResult read(
            Credentials caller, FileHandle file, long position, MemorySegment to, long toOffset, int length) {
        try {
            return NfsTypes.result(client.read(caller, file.bytes(), position, to, toOffset, length));
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public WriteResult write(
            Credentials caller,
            OpenFile file,
            long position,
            MemorySegment from,
            long fromOffset,
            int length,
            Durability durability) {
        if (!file.access().writes()) {
            throw new StoreException(Errno.EBADF, location() + ": write to a file opened for reading");
        }
        NfsStability stability = durability == Durability.FILE_SYNC ? NfsStability.FILE_SYNC : NfsStability.UNSTABLE;
        try {
            NfsWriteResult r = client.write(caller, file(file), position, from, fromOffset, length, stability);
            return new WriteResult(r.count(), r.stable(), NfsTypes.attrOrNull(r.attr()));
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public StoreAttr commit(Credentials caller, OpenFile file) {
        return call(() -> NfsTypes.attr(client.commit(caller, file(file))));
    }

    @Override
    public DirPage readdir(
            Credentials caller, FileHandle directory, long cookie, long verifier, int entriesMax, boolean plus) {
        NfsDirPage page = call(() -> client.readdir(caller, directory.bytes(), cookie, verifier, entriesMax, plus));
        List<DirEntry> entries = new ArrayList<>(page.entries().size());
        for (NfsDirEntry e : page.entries()) {
            NfsEntry known = e.type() == 0 ? find(caller, directory, e.name()) : e.entry();
            if (known != null || e.type() != 0) {
                FileType type =
                        FileType.ofCode(known == null ? e.type() : known.attr().type());
                entries.add(new DirEntry(
                        e.name(), e.fileId(), type, e.cookie(), known == null ? null : NfsTypes.entry(known)));
            }
        }
        return new DirPage(entries, page.verifier(), page.eof());
    }

    /** What a listing did not tell about {@code name}; null if it is gone. */
    private @Nullable NfsEntry find(Credentials caller, FileHandle directory, byte[] name) {
        try {
            return client.lookup(caller, directory.bytes(), name);
        } catch (NfsException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public StoreStatfs statfs(Credentials caller, FileHandle file) {
        NfsStatfs s = call(() -> client.statfs(caller, file.bytes()));
        return new StoreStatfs(
                s.bytes(),
                s.bytesFree(),
                s.bytesAvailable(),
                s.files(),
                s.filesFree(),
                Math.min(s.nameMax(), Names.BYTES_MAX));
    }

    @Override
    public byte[] getxattr(Credentials caller, FileHandle file, byte[] name) {
        needs(StoreFeature.XATTRS);
        return call(() -> client.getxattr(caller, file.bytes(), name));
    }

    @Override
    public void setxattr(Credentials caller, FileHandle file, byte[] name, byte[] value, int flags) {
        needs(StoreFeature.XATTRS);
        try {
            client.setxattr(caller, file.bytes(), name, value, flags);
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public byte[] listxattr(Credentials caller, FileHandle file) {
        needs(StoreFeature.XATTRS);
        return call(() -> client.listxattr(caller, file.bytes()));
    }

    @Override
    public void removexattr(Credentials caller, FileHandle file, byte[] name) {
        needs(StoreFeature.XATTRS);
        try {
            client.removexattr(caller, file.bytes(), name);
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public @Nullable FileLock testLock(Credentials caller, OpenFile file, FileLock lock) {
        needs(StoreFeature.BYTE_RANGE_LOCKS);
        try {
            NfsLock l = client.testLock(caller, file(file), NfsTypes.lock(lock));
            return l == null ? null : new FileLock(l.owner(), l.start(), l.length(), l.exclusive(), 0);
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public void lock(Credentials caller, OpenFile file, FileLock lock, boolean wait) {
        needs(StoreFeature.BYTE_RANGE_LOCKS);
        boolean allowed =
                lock.exclusive() ? file.access().writes() : file.access().reads();
        if (!allowed) {
            throw new StoreException(Errno.EBADF, location() + ": a lock that the file is not open for");
        }
        try {
            client.lock(caller, file(file), NfsTypes.lock(lock), wait);
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public void unlock(Credentials caller, OpenFile file, FileLock lock) {
        needs(StoreFeature.BYTE_RANGE_LOCKS);
        try {
            client.unlock(caller, file(file), NfsTypes.lock(lock));
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public long seek(Credentials caller, OpenFile file, long position, int whence) {
        needs(StoreFeature.SEEK_HOLE);
        if (whence != Libc.SEEK_DATA && whence != Libc.SEEK_HOLE) {
            throw new StoreException(Errno.EINVAL, location() + ": seek with whence " + whence);
        }
        return call(() -> client.seek(caller, file(file), position, whence));
    }

    /** Of fallocate's modes the protocol has 0 (ALLOCATE) and PUNCH_HOLE with KEEP_SIZE (DEALLOCATE). */
    @Override
    public void allocate(Credentials caller, OpenFile file, long position, long length, int mode) {
        if (position < 0 || length <= 0) {
            throw new StoreException(Errno.EINVAL, location() + ": allocate " + length + " bytes at " + position);
        }
        try {
            switch (mode) {
                case 0 -> {
                    needs(StoreFeature.ALLOCATE);
                    client.allocate(caller, file(file), position, length);
                }
                case KEEP_SIZE_PUNCH_HOLE -> {
                    needs(StoreFeature.PUNCH_HOLE);
                    client.deallocate(caller, file(file), position, length);
                }
                default -> throw new StoreException(Errno.EOPNOTSUPP, location() + ": fallocate mode " + mode);
            }
        } catch (NfsException e) {
            throw NfsTypes.failed(e);
        }
    }

    @Override
    public long copy(Credentials caller, OpenFile from, long fromPosition, OpenFile to, long toPosition, long length) {
        needs(StoreFeature.SERVER_COPY);
        return call(() -> client.copy(caller, file(from), fromPosition, file(to), toPosition, length));
    }

    /** Commits what open files wrote, as their close does, unless the server does not take it for {@link #CLOSE_LIMIT}. */
    @Override
    public void close() {
        boolean interrupted = !openFiles.isEmpty() && closeFilesInTime();
        client.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the wait was interrupted. */
    private boolean closeFilesInTime() {
        Thread closer = Thread.ofPlatform().daemon().name("efc-store-close").start(this::closeFiles);
        try {
            if (!closer.join(CLOSE_LIMIT)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0}: the server does not answer; {1} files were not closed, what they wrote last may be lost",
                        location(),
                        openFiles.size());
            }
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private void closeFiles() {
        for (Open open : openFiles) {
            try {
                close(open);
            } catch (StoreException e) {
                LOG.log(System.Logger.Level.WARNING, "{0}: closing a file: {1}", location(), e.getMessage());
            }
        }
    }
}
