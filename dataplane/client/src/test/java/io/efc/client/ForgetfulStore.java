package io.efc.client;

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
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A store whose handles die with the last name of a file, open or not, as an NFS server's do. */
final class ForgetfulStore implements UnderStore {
    private final UnderStore store;
    private final Set<FileHandle> dead = ConcurrentHashMap.newKeySet();

    ForgetfulStore(UnderStore store) {
        this.store = store;
    }

    private void alive(FileHandle file) {
        if (dead.contains(file)) {
            throw new StoreException(Errno.ESTALE, "a file without names");
        }
    }

    private void removing(Credentials caller, FileHandle directory, byte[] name) {
        try {
            StoreEntry e = store.lookup(caller, directory, name);
            if (e.attr().nlink() == 1) {
                dead.add(e.handle());
            }
        } catch (StoreException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    @Override
    public Set<StoreFeature> features() {
        EnumSet<StoreFeature> features = EnumSet.copyOf(store.features());
        features.remove(StoreFeature.OPEN_UNLINKED);
        return features;
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
        alive(file);
        return store.getattr(caller, file);
    }

    @Override
    public StoreAttr setattr(Credentials caller, FileHandle file, @Nullable OpenFile open, SetAttr change) {
        alive(file);
        return store.setattr(caller, file, open, change);
    }

    @Override
    public StoreEntry lookup(Credentials caller, FileHandle directory, byte[] name) {
        alive(directory);
        return store.lookup(caller, directory, name);
    }

    @Override
    public int access(Credentials caller, FileHandle file, int mask) {
        alive(file);
        return store.access(caller, file, mask);
    }

    @Override
    public Made mkdir(Credentials caller, FileHandle directory, byte[] name, int mode) {
        alive(directory);
        return store.mkdir(caller, directory, name, mode);
    }

    @Override
    public Made symlink(Credentials caller, FileHandle directory, byte[] name, byte[] target) {
        alive(directory);
        return store.symlink(caller, directory, name, target);
    }

    @Override
    public Made mknod(Credentials caller, FileHandle directory, byte[] name, int mode, long rdev) {
        alive(directory);
        return store.mknod(caller, directory, name, mode, rdev);
    }

    @Override
    public Made link(Credentials caller, FileHandle file, FileHandle directory, byte[] name) {
        alive(file);
        alive(directory);
        return store.link(caller, file, directory, name);
    }

    @Override
    public @Nullable StoreAttr unlink(Credentials caller, FileHandle directory, byte[] name) {
        alive(directory);
        removing(caller, directory, name);
        return store.unlink(caller, directory, name);
    }

    @Override
    public @Nullable StoreAttr rmdir(Credentials caller, FileHandle directory, byte[] name) {
        alive(directory);
        return store.rmdir(caller, directory, name);
    }

    @Override
    public Renamed rename(Credentials caller, FileHandle from, byte[] name, FileHandle to, byte[] newName, int flags) {
        alive(from);
        alive(to);
        if (flags == 0) {
            removing(caller, to, newName);
        }
        return store.rename(caller, from, name, to, newName, flags);
    }

    @Override
    public Opened open(Credentials caller, FileHandle file, Access access, boolean truncate) {
        alive(file);
        return store.open(caller, file, access, truncate);
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
        alive(directory);
        return store.create(caller, directory, name, mode, access, exclusive, truncate);
    }

    @Override
    public Opened createUnnamed(Credentials caller, FileHandle directory, int mode, Access access) {
        alive(directory);
        return store.createUnnamed(caller, directory, mode, access);
    }

    @Override
    public void close(OpenFile file) {
        store.close(file);
    }

    @Override
    public ReadResult read(
            Credentials caller, OpenFile file, long position, MemorySegment to, long toOffset, int length) {
        alive(file.handle());
        return store.read(caller, file, position, to, toOffset, length);
    }

    @Override
    public ReadResult read(
            Credentials caller, FileHandle file, long position, MemorySegment to, long toOffset, int length) {
        alive(file);
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
        alive(file.handle());
        return store.write(caller, file, position, from, fromOffset, length, durability);
    }

    @Override
    public StoreAttr commit(Credentials caller, OpenFile file) {
        alive(file.handle());
        return store.commit(caller, file);
    }

    @Override
    public DirPage readdir(
            Credentials caller, FileHandle directory, long cookie, long verifier, int entriesMax, boolean plus) {
        alive(directory);
        return store.readdir(caller, directory, cookie, verifier, entriesMax, plus);
    }

    @Override
    public StoreStatfs statfs(Credentials caller, FileHandle file) {
        alive(file);
        return store.statfs(caller, file);
    }

    @Override
    public void setxattr(Credentials caller, FileHandle file, byte[] name, byte[] value, int flags) {
        alive(file);
        store.setxattr(caller, file, name, value, flags);
    }

    @Override
    public void removexattr(Credentials caller, FileHandle file, byte[] name) {
        alive(file);
        store.removexattr(caller, file, name);
    }

    @Override
    public @Nullable FileLock testLock(Credentials caller, OpenFile file, FileLock lock) {
        alive(file.handle());
        return store.testLock(caller, file, lock);
    }

    @Override
    public void lock(Credentials caller, OpenFile file, FileLock lock, boolean wait) {
        alive(file.handle());
        store.lock(caller, file, lock, wait);
    }

    @Override
    public void unlock(Credentials caller, OpenFile file, FileLock lock) {
        alive(file.handle());
        store.unlock(caller, file, lock);
    }

    @Override
    public long seek(Credentials caller, OpenFile file, long position, int whence) {
        alive(file.handle());
        return store.seek(caller, file, position, whence);
    }

    @Override
    public void allocate(Credentials caller, OpenFile file, long position, long length, int mode) {
        alive(file.handle());
        store.allocate(caller, file, position, length, mode);
    }

    @Override
    public long copy(Credentials caller, OpenFile from, long fromPosition, OpenFile to, long toPosition, long length) {
        alive(from.handle());
        alive(to.handle());
        return store.copy(caller, from, fromPosition, to, toPosition, length);
    }

    @Override
    public void close() {
        store.close();
    }

    @Override
    public byte[] readlink(Credentials caller, FileHandle link) {
        alive(link);
        return store.readlink(caller, link);
    }

    @Override
    public byte[] listxattr(Credentials caller, FileHandle file) {
        alive(file);
        return store.listxattr(caller, file);
    }

    @Override
    public byte[] getxattr(Credentials caller, FileHandle file, byte[] name) {
        alive(file);
        return store.getxattr(caller, file, name);
    }
}
