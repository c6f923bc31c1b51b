package io.efc.store.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.store.Access;
import io.efc.store.DirPage;
import io.efc.store.Durability;
import io.efc.store.FileHandle;
import io.efc.store.FileLock;
import io.efc.store.Made;
import io.efc.store.OpenFile;
import io.efc.store.Opened;
import io.efc.store.ReadResult;
import io.efc.store.Renamed;
import io.efc.store.SetAttr;
import io.efc.store.StoreAttr;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import io.efc.store.StoreFeature;
import io.efc.store.StoreStatfs;
import io.efc.store.UnderStore;
import io.efc.store.WriteResult;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A store whose changes fail with EROFS before they reach the store behind it. Locks are no changes. */
public final class ReadOnlyStore implements UnderStore {
    private static final int W_OK = 2;

    private final UnderStore store;

    public ReadOnlyStore(UnderStore store) {
        this.store = store;
    }

    private StoreException refused(String what) {
        return new StoreException(Errno.EROFS, store.location() + ": " + what);
    }

    @Override
    public Set<StoreFeature> features() {
        return store.features();
    }

    @Override
    public String location() {
        return store.location();
    }

    @Override
    public int readBytesMax() {
        return store.readBytesMax();
    }

    @Override
    public int writeBytesMax() {
        return store.writeBytesMax();
    }

    @Override
    public StoreEntry root() {
        return store.root();
    }

    @Override
    public StoreAttr getattr(Credentials caller, FileHandle file) {
        return store.getattr(caller, file);
    }

    @Override
    public StoreAttr setattr(Credentials caller, FileHandle file, @Nullable OpenFile open, SetAttr change) {
        if (change.isEmpty()) {
            return store.getattr(caller, file);
        }
        throw refused("setattr");
    }

    @Override
    public StoreEntry lookup(Credentials caller, FileHandle directory, byte[] name) {
        return store.lookup(caller, directory, name);
    }

    @Override
    public int access(Credentials caller, FileHandle file, int mask) {
        return store.access(caller, file, mask & ~W_OK);
    }

    @Override
    public byte[] readlink(Credentials caller, FileHandle link) {
        return store.readlink(caller, link);
    }

    @Override
    public Made mkdir(Credentials caller, FileHandle directory, byte[] name, int mode) {
        throw refused("mkdir");
    }

    @Override
    public Made symlink(Credentials caller, FileHandle directory, byte[] name, byte[] target) {
        throw refused("symlink");
    }

    @Override
    public Made mknod(Credentials caller, FileHandle directory, byte[] name, int mode, long rdev) {
        throw refused("mknod");
    }

    @Override
    public Made link(Credentials caller, FileHandle file, FileHandle directory, byte[] name) {
        throw refused("link");
    }

    @Override
    public @Nullable StoreAttr unlink(Credentials caller, FileHandle directory, byte[] name) {
        throw refused("unlink");
    }

    @Override
    public @Nullable StoreAttr rmdir(Credentials caller, FileHandle directory, byte[] name) {
        throw refused("rmdir");
    }

    @Override
    public Renamed rename(Credentials caller, FileHandle from, byte[] name, FileHandle to, byte[] newName, int flags) {
        throw refused("rename");
    }

    @Override
    public Opened open(Credentials caller, FileHandle file, Access access, boolean truncate) {
        if (access.writes() || truncate) {
            throw refused("open for writing");
        }
        return store.open(caller, file, access, false);
    }

    /** A file that is there already can be opened for reading, as open(2) with O_CREAT allows. */
    @Override
    public Opened create(
            Credentials caller,
            FileHandle directory,
            byte[] name,
            int mode,
            Access access,
            boolean exclusive,
            boolean truncate) {
        StoreEntry known;
        try {
            known = store.lookup(caller, directory, name);
        } catch (StoreException e) {
            throw e.errno() == Errno.ENOENT ? refused("create") : e;
        }
        if (exclusive) {
            throw new StoreException(Errno.EEXIST, store.location() + ": create '" + Names.text(name) + "'");
        }
        return open(caller, known.handle(), access, truncate);
    }

    @Override
    public Opened createUnnamed(Credentials caller, FileHandle directory, int mode, Access access) {
        throw refused("create");
    }

    @Override
    public void close(OpenFile file) {
        store.close(file);
    }

    @Override
    public ReadResult read(
            Credentials caller, OpenFile file, long position, MemorySegment to, long toOffset, int length) {
        return store.read(caller, file, position, to, toOffset, length);
    }

    @Override
    public ReadResult read(
            Credentials caller, FileHandle file, long position, MemorySegment to, long toOffset, int length) {
        return store.read(caller, file, position, to, toOffset, length);
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
        throw refused("write");
    }

    @Override
    public StoreAttr commit(Credentials caller, OpenFile file) {
        return store.getattr(caller, file.handle());
    }

    @Override
    public DirPage readdir(
            Credentials caller, FileHandle directory, long cookie, long verifier, int entriesMax, boolean plus) {
        return store.readdir(caller, directory, cookie, verifier, entriesMax, plus);
    }

    @Override
    public StoreStatfs statfs(Credentials caller, FileHandle file) {
        return store.statfs(caller, file);
    }

    @Override
    public byte[] getxattr(Credentials caller, FileHandle file, byte[] name) {
        return store.getxattr(caller, file, name);
    }

    @Override
    public void setxattr(Credentials caller, FileHandle file, byte[] name, byte[] value, int flags) {
        throw refused("setxattr");
    }

    @Override
    public byte[] listxattr(Credentials caller, FileHandle file) {
        return store.listxattr(caller, file);
    }

    @Override
    public void removexattr(Credentials caller, FileHandle file, byte[] name) {
        throw refused("removexattr");
    }

    @Override
    public @Nullable FileLock testLock(Credentials caller, OpenFile file, FileLock lock) {
        return store.testLock(caller, file, lock);
    }

    @Override
    public void lock(Credentials caller, OpenFile file, FileLock lock, boolean wait) {
        store.lock(caller, file, lock, wait);
    }

    @Override
    public void unlock(Credentials caller, OpenFile file, FileLock lock) {
        store.unlock(caller, file, lock);
    }

    @Override
    public long seek(Credentials caller, OpenFile file, long position, int whence) {
        return store.seek(caller, file, position, whence);
    }

    @Override
    public void allocate(Credentials caller, OpenFile file, long position, long length, int mode) {
        throw refused("allocate");
    }

    @Override
    public long copy(Credentials caller, OpenFile from, long fromPosition, OpenFile to, long toPosition, long length) {
        throw refused("copy");
    }

    @Override
    public void close() {
        store.close();
    }
}
